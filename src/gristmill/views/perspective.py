"""The random perspective: corners of the image are pulled inward."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size, change_rows
from gristmill.views.sampling import Fill, sample_bicubic, sample_bilinear, sample_nearest


def perspective(images: Tensor, coefficients: Tensor, fill: Fill = 0, resample: str = "bilinear") -> Tensor:
    """Map each image by its own projection (PIL's transform with PERSPECTIVE, exact).

    Args:
        images: N x C x H x W uint8.
        coefficients: N x 8; a point (x, y) of the result is read at
            ((a0 x + a1 y + a2) / (a6 x + a7 y + 1), (a3 x + a4 y + a5) / (a6 x + a7 y + 1)).
        fill: color of points outside the image.
        resample: bilinear, bicubic or nearest.

    Returns:
        N x C x H x W uint8.
    """
    height, width = images.shape[2:]
    x = torch.arange(width, device=images.device).double() + 0.5
    y = torch.arange(height, device=images.device).double()[:, None] + 0.5
    a = coefficients.double().to(images.device, non_blocking=True)[:, :, None, None].unbind(1)
    depth = (a[6] * x + a[7] * y) + 1  # N x H x W
    xs = ((a[0] * x + a[1] * y) + a[2]) / depth
    ys = ((a[3] * x + a[4] * y) + a[5]) / depth
    if resample == "nearest":
        return sample_nearest(images, xs.floor().long(), ys.floor().long(), fill)
    return {"bilinear": sample_bilinear, "bicubic": sample_bicubic}[resample](images, xs, ys, fill)


def corners(size: Size) -> np.ndarray:
    """Column and row of the corner pixels, 4 x 2: top left, top right, bottom right, bottom left."""
    height, width = size
    return np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]])


def coefficients_from_corners(endpoints: Tensor, size: Size) -> Tensor:
    """Coefficients of the projections that show the corners of the image at given places.

    Args:
        endpoints: N x 4 x 2, column and row at which each corner (order of `corners`) ends.
        size: height and width of the images.

    Returns:
        N x 8 float32.
    """
    end = endpoints.numpy().astype(np.float64)
    start = np.broadcast_to(corners(size), end.shape).astype(np.float64)
    x, y = end[..., 0], end[..., 1]  # N x 4
    one, zero = np.ones_like(x), np.zeros_like(x)
    rows = []
    for axis in (0, 1):
        own = [x, y, one]
        line = own + [zero] * 3 if axis == 0 else [zero] * 3 + own
        rows.append(np.stack([*line, -x * start[..., axis], -y * start[..., axis]], -1))  # N x 4 x 8
    right = np.concatenate([start[..., 0], start[..., 1]], 1)[..., None]  # N x 8 x 1
    return torch.from_numpy(np.linalg.solve(np.concatenate(rows, 1), right)[..., 0].astype(np.float32))


@dataclass(frozen=True)
class Perspective(Operation):
    """With probability p, move each corner inward by whole pixels, up to `distortion` of half the side; fill black.

    Drawn: four horizontal moves, four vertical moves, whether it happens.
    """

    distortion: float = 0.5
    p: float = 0.5

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        height, width = size
        moves = [rng.integers(0, int(self.distortion * (side // 2)) + 1, (n, 4)) for side in (width, height)]
        inward = np.where(corners(size) > 0, -1, 1)  # 4 x 2
        ends = torch.from_numpy(corners(size) + inward * np.stack(moves, -1))  # N x 4 x 2
        return {
            "coefficients": coefficients_from_corners(ends, size),  # N x 8
            "apply": torch.from_numpy(rng.random(n) < self.p),  # N
        }

    def apply(self, images: Tensor, coefficients: Tensor, apply: Tensor) -> Tensor:
        return change_rows(images.clone(), apply, perspective, coefficients)
