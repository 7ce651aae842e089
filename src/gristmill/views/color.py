"""Brightness, contrast, saturation, sharpness and gray as PIL does them, bytes exact.

The first four mix an image with a degenerate form of itself. Every function takes N x C x H x W images, uint8 or whole
numbers 0..255 in float32, and returns the same kind. Images of one channel are gray already: saturation and gray leave
them alone, the others treat them as PIL treats mode L.
"""

from dataclasses import dataclass

import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size, change_rows, on_whole_numbers, per_image


def blend(degenerate: Tensor, x: Tensor, factor: Tensor) -> Tensor:
    """degenerate + factor (x - degenerate), clamped and truncated: three roundings to float32, as in PIL.

    Args:
        degenerate, x: whole numbers in float32, shapes that broadcast.
        factor: N.
    """
    return (x - degenerate).mul_(per_image(factor, x)).add_(degenerate).clamp_(0, 255).floor_()


def black(x: Tensor) -> Tensor:
    """What brightness mixes with."""
    return torch.zeros_like(x[:, :1, :1, :1])


def mean_luminance(x: Tensor) -> Tensor:
    """What contrast mixes with: the mean luminance of the image, rounded; N x 1 x 1 x 1."""
    pixels = x.shape[2] * x.shape[3]
    total = luminance(x).sum((1, 2, 3), keepdim=True, dtype=torch.float64).long()
    return ((2 * total + pixels) // (2 * pixels)).to(x.dtype)


def luminance(x: Tensor) -> Tensor:
    """What saturation mixes with: ITU-R 601 luma, N x 1 x H x W. Sums stay below 2^24, so float32 is exact."""
    if x.shape[1] == 1:
        return x
    red, green, blue = x.split(1, 1)
    total = (red * 19595).add_(green, alpha=38470).add_(blue, alpha=7471).add_(32768)
    return total.mul_(2**-16).floor_()


def smooth(x: Tensor) -> Tensor:
    """What sharpness mixes with: a 3 x 3 mean in which the center counts 5 of 13, rounded; the border stays."""
    rows = x[..., :-2, :] + x[..., 1:-1, :] + x[..., 2:, :]
    window = rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:]
    window.add_(x[..., 1:-1, 1:-1], alpha=4)
    smoothed = x.clone()
    smoothed[..., 1:-1, 1:-1] = window.mul_(2).add_(13).div_(26).floor_()  # the quotient is never a whole number
    return smoothed


@on_whole_numbers
def adjust_brightness(images: Tensor, factor: Tensor) -> Tensor:
    """Toward black (factor 0) or away from it; factor: N."""
    return blend(black(images), images, factor)


@on_whole_numbers
def adjust_contrast(images: Tensor, factor: Tensor) -> Tensor:
    """Toward (factor 0) or away from the mean luminance of the image; factor: N."""
    return blend(mean_luminance(images), images, factor)


@on_whole_numbers
def adjust_saturation(images: Tensor, factor: Tensor) -> Tensor:
    """Toward (factor 0) or away from the luminance of each pixel; factor: N."""
    return images if images.shape[1] == 1 else blend(luminance(images), images, factor)


@on_whole_numbers
def adjust_sharpness(images: Tensor, factor: Tensor) -> Tensor:
    """Toward (factor 0) or away from a smoothed image; factor: N."""
    return blend(smooth(images), images, factor)


@on_whole_numbers
def _gray(images: Tensor) -> Tensor:
    return luminance(images).expand_as(images)


def grayscale(images: Tensor, apply: Tensor) -> Tensor:
    """All channels equal to the luminance where apply (N bool) says so."""
    return images if images.shape[1] == 1 else change_rows(images.clone(), apply, _gray)


@dataclass(frozen=True)
class Grayscale(Operation):
    """No color, with probability p."""

    p: float

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        return {"apply": torch.from_numpy(rng.random(n) < self.p)}  # N

    def apply(self, images: Tensor, apply: Tensor) -> Tensor:
        return grayscale(images, apply)
