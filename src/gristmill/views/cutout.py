"""Cutout: a gray square somewhere in the image."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size

GRAY = 127


def cutout(images: Tensor, xy: Tensor, side: int = 16, color: int = GRAY) -> Tensor:
    """Paint a square over each image, as DASO's released code does it.

    Its upper left corner is (xy - side / 2), moved into the image and truncated, so that a square at the left or upper
    border is as large as any other; at the others it is cut off. PIL paints both ends: it has side + 1 rows.

    Args:
        images: N x C x H x W uint8.
        xy: N x 2 float64, column and row of the middle, 0..W and 0..H.
        side: between the first and the last row, pixels.
        color: of all channels.
    """
    height, width = images.shape[2:]
    first = np.trunc(np.maximum(xy.numpy() - side / 2, 0))
    across, down = (
        torch.from_numpy(np.where((place >= start) & (place <= start + side), 255, 0).astype(np.uint8))
        for place, start in ((np.arange(width), first[:, :1]), (np.arange(height), first[:, 1:]))
    )
    across, down = (each.to(images.device, non_blocking=True) for each in (across, down))
    outside = (down[:, None, :, None] & across[:, None, None, :]).bitwise_not_()  # bits: far faster than a mask
    return (images ^ color).bitwise_and_(outside).bitwise_xor_(color)


@dataclass(frozen=True)
class Cutout(Operation):
    """A gray square in every image, its middle uniform over the image."""

    side: int = 16

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        height, width = size
        return {"xy": torch.from_numpy(rng.random((n, 2)) * (width, height))}  # N x 2

    def apply(self, images: Tensor, xy: Tensor) -> Tensor:
        return cutout(images, xy, self.side)
