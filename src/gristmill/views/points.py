"""Operations that treat each pixel value alone: invert, solarize, posterize, autocontrast, equalize (PIL, exact).

Images are N x C x H x W uint8; each channel is treated alone.
"""

from dataclasses import dataclass

import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size, as_bytes, per_image


def invert(images: Tensor) -> Tensor:
    """255 - x."""
    return 255 - images


def solarize(images: Tensor, threshold: Tensor) -> Tensor:
    """Invert values at or above the threshold (N, any real number)."""
    values = images.short()
    above = (values >= per_image(threshold.ceil(), values)).to(torch.uint8)
    return images ^ above.mul_(255)  # x ^ 255 = 255 - x


def posterize(images: Tensor, bits: Tensor) -> Tensor:
    """Keep the highest `bits` (N, 1..8) bits."""
    return images & per_image(256 - (1 << (8 - bits)), images)


def autocontrast(images: Tensor) -> Tensor:
    """Stretch the values of each channel to 0..255; a channel of one value stays."""
    low = images.amin((2, 3), keepdim=True).double()
    high = images.amax((2, 3), keepdim=True).double()
    flat = high == low
    scale = torch.full_like(high, 255) / (high - low).masked_fill(flat, 255)  # 1 for a flat channel
    shift = (-low * scale).masked_fill(flat, 0)
    return as_bytes(images.double().mul_(scale).add_(shift).clamp_(0, 255))


def equalize(images: Tensor) -> Tensor:
    """Spread the values of each channel so that their histogram becomes as flat as can be."""
    n, channels, height, width = images.shape
    values = images.reshape(n * channels, height * width).long()
    counts = torch.zeros(n * channels, 256, dtype=torch.long, device=images.device)
    counts.scatter_add_(1, values, torch.ones_like(values))
    last = counts.gather(1, values.amax(1, keepdim=True))  # pixels of the highest value present
    step = (height * width - last) // 255
    below = counts.cumsum(1) - counts
    table = ((step // 2 + below) // step.clamp(min=1)).clamp(max=255)
    table = torch.where(step > 0, table, torch.arange(256, device=images.device)).to(torch.uint8)
    return table.gather(1, values).view_as(images)


@dataclass(frozen=True)
class Solarize(Operation):
    """Values at or above the threshold inverted, with probability p."""

    p: float
    threshold: int = 128

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        return {"apply": torch.from_numpy(rng.random(n) < self.p)}  # N

    def apply(self, images: Tensor, apply: Tensor) -> Tensor:
        threshold = torch.where(apply, float(self.threshold), 256.0)
        return solarize(images, threshold)
