"""Gaussian blur as PIL does it: three box filters along each axis, every one rounded to 8 bits."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size, change_rows

PASSES = 3
BITS = 24  # of the fixed-point weights


def gaussian_blur(images: Tensor, sigma: Tensor) -> Tensor:
    """Blur each image by its own sigma (PIL's GaussianBlur(sigma), exact).

    Args:
        images: N x C x H x W uint8.
        sigma: N, pixels; 0 leaves an image as it is.
    """
    radius, inner, outer = box_weights(sigma)
    images = images.clone()
    for reach in np.unique(radius.numpy()).tolist():
        change_rows(images, (radius == reach) & (sigma > 0), _Blur(reach), inner, outer)
    return images


def box_weights(sigma: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Three N int32 tensors: whole pixels on each side, weight of one inside, weight of the two at the edges.

    Weights are in 2^-24. The box is as wide as three of it are to have the variance of the Gaussian; its width is
    not a whole number, so the pixels at its edges count less. Arithmetic in float32, as PIL has it.
    """
    s = sigma.numpy().astype(np.float32)
    variance = s * s / np.float32(PASSES)
    length = np.sqrt(12.0 * variance.astype(np.float64) + 1.0).astype(np.float32)
    whole = np.floor((length - 1) / 2)
    rest = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance) / (6 * (variance - (whole + 1) * (whole + 1)))
    radius = whole + rest
    reach = radius.astype(np.int32)
    inner = (np.float32(2**BITS) / (2 * radius + 1)).astype(np.int32)
    outer = (2**BITS - (2 * reach + 1) * inner) // 2
    return torch.from_numpy(reach), torch.from_numpy(inner), torch.from_numpy(outer)


@dataclass(frozen=True)
class _Blur:
    """The blur of images whose boxes reach over the same number of pixels."""

    reach: int

    def __call__(self, images: Tensor, inner: Tensor, outer: Tensor) -> Tensor:
        n = len(images)
        inner, outer = (each.to(images.device, non_blocking=True)[:, None] for each in (inner, outer))  # N x 1
        x = images.int()
        # The axis that is blurred comes first: neighbors are then shifted views of whole rows of memory.
        x = x.permute(3, 0, 1, 2).reshape(images.shape[3], n, -1)
        x = self.boxes(x, inner, outer).view(images.shape[3], *images.shape[:3])
        x = x.permute(3, 1, 2, 0).reshape(images.shape[2], n, -1)
        x = self.boxes(x, inner, outer).view(images.shape[2], n, images.shape[1], images.shape[3])
        return x.permute(1, 2, 0, 3).to(torch.uint8)

    def boxes(self, x: Tensor, inner: Tensor, outer: Tensor) -> Tensor:
        """Three box filters along the first dimension of L x N x M int32; the border repeats."""
        length, edge = len(x), self.reach + 1
        for _ in range(PASSES):
            padded = torch.cat([x[:1]] * edge + [x] + [x[-1:]] * edge)
            total = padded[1 : 1 + length].clone()
            for k in range(2, 2 * edge):
                total += padded[k : k + length]
            total.mul_(inner).add_((padded[:length] + padded[2 * edge :]).mul_(outer)).add_(2 ** (BITS - 1))
            x = total.bitwise_right_shift_(BITS).bitwise_and_(255)  # sums wrap at 32 bits: only the top 8 count
        return x


@dataclass(frozen=True)
class GaussianBlur(Operation):
    """Blur with probability p by a sigma that is uniform in `sigma`. Drawn: sigma, then whether it happens."""

    p: float
    sigma: tuple[float, float] = (0.1, 2.0)

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        sigma = torch.from_numpy(rng.uniform(*self.sigma, n))
        return {"sigma": sigma, "apply": torch.from_numpy(rng.random(n) < self.p)}  # N, N

    def apply(self, images: Tensor, sigma: Tensor, apply: Tensor) -> Tensor:
        return change_rows(images.clone(), apply, gaussian_blur, sigma)
