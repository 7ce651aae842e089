"""The mirror image."""

from dataclasses import dataclass

import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size, change_rows


def hflip(images: Tensor, flip: Tensor) -> Tensor:
    """Left and right exchanged where flip (N bool) says so; images: N x C x H x W."""
    return change_rows(images.clone(), flip, lambda some: some.flip(3))


@dataclass(frozen=True)
class HorizontalFlip(Operation):
    """The mirror image, with probability p."""

    p: float = 0.5

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        return {"flip": torch.from_numpy(rng.random(n) < self.p)}  # N

    def apply(self, images: Tensor, flip: Tensor) -> Tensor:
        return hflip(images, flip)
