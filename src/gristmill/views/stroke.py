"""Thicker and thinner strokes: what changes in drawings besides their shape."""

from dataclasses import dataclass

import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size, as_bytes, per_image


def stroke(images: Tensor, amount: Tensor) -> Tensor:
    """Mix each image with the largest or with the smallest value of each pixel's 3 x 3 neighborhood.

    u > 0: x + u (max - x), bright strokes become thicker; u < 0: x - |u| (x - min), they become thinner.

    Args:
        images: N x C x H x W uint8; neighborhoods end at the border.
        amount: N, u in [-1, 1].

    Returns:
        N x C x H x W uint8, rounded.
    """
    negative = per_image(torch.where(amount < 0, 255, 0), images)
    x = images ^ negative  # 255 - x where strokes become thinner: there the largest value is the smallest
    near, x = largest(x).float(), x.float()
    mixed = near.sub_(x).mul_(per_image(amount.abs(), x)).add_(x)
    return as_bytes(mixed.round_()).bitwise_xor_(negative)


def largest(images: Tensor) -> Tensor:
    """The largest value of each pixel's 3 x 3 neighborhood (far faster on bytes than a pooling of floats)."""
    wide = torch.cat([images[..., :1], images, images[..., -1:]], 3)
    rows = torch.maximum(torch.maximum(wide[..., :-2], wide[..., 2:]), images)
    high = torch.cat([rows[..., :1, :], rows, rows[..., -1:, :]], 2)
    return torch.maximum(torch.maximum(high[..., :-2, :], high[..., 2:, :]), rows)


@dataclass(frozen=True)
class Stroke(Operation):
    """Strokes of every image become thicker or thinner by an amount that is uniform in [-most, most]."""

    most: float = 0.6

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        return {"amount": torch.from_numpy(rng.uniform(-self.most, self.most, n))}  # N

    def apply(self, images: Tensor, amount: Tensor) -> Tensor:
        return stroke(images, amount)
