"""Images for tests of the views: smooth, noisy, faint, and all kinds of degenerate ones."""

import numpy as np
import torch
from torch import Tensor

SIZES = [(28, 28), (32, 32), (96, 96), (24, 40)]


def pictures(size: tuple[int, int], channels: int = 3, seed: int = 0) -> Tensor:
    """14 x C x H x W uint8."""
    rng = np.random.default_rng(seed)
    height, width = size
    y, x = np.mgrid[:height, :width] / 32
    shape = (channels, height, width)
    waves = [sum(np.sin(a * x + b * y + c) for a, b, c in rng.normal(0, 6, (3, 3))) for _ in range(4 * channels)]
    smooth = np.stack(waves).reshape(4, *shape) * 50 + 128
    step = np.broadcast_to(x > x.mean(), shape)
    images = [
        *np.clip(smooth, 0, 255),
        *rng.integers(0, 256, (2, *shape)),
        rng.integers(100, 131, shape),                                        # faint
        np.broadcast_to(rng.integers(0, 256, (1, height, width)), shape),     # gray in three channels
        np.full(shape, 93),
        np.zeros(shape),
        np.full(shape, 255),
        np.where(step, 200, 55),
        np.broadcast_to(np.arange(height * width).reshape(height, width) % 256, shape),
        np.where(step, 255, rng.integers(0, 2, shape)),
    ]  # fmt: skip
    return torch.from_numpy(np.stack(images).astype(np.uint8))
