"""The middle of an image: its shorter side is resized to a little more than the result's, the rest cut off."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size, Sizes
from gristmill.views.resize import window


@dataclass(frozen=True)
class CentralCrop(Operation):
    """The central size x size pixels of an image whose shorter side was resized to 8/7 of that (224 of 256).

    Nothing is random; images of many sizes have their sides as parameters.
    """

    size: int
    interpolation: str = "bilinear"
    many_sizes: ClassVar[bool] = True

    def draw(self, rng: Generator, n: int, size: Sizes) -> Parameters:
        height, width = size
        return {} if np.ndim(height) == 0 else {"sides": torch.from_numpy(np.stack([height, width], 1))}  # N x 2

    def apply(self, images: Tensor, sides: Tensor | None = None) -> Tensor:
        if sides is None:
            sides = torch.tensor(images.shape[2:]).expand(len(images), 2)
        short = round(self.size * 256 / 224)
        resized = short * sides // sides.amin(1, keepdim=True)  # N x 2
        corner = torch.from_numpy(np.rint((resized - self.size).numpy() / 2).astype(np.int64))
        return window(images, sides, resized, corner, (self.size, self.size), self.interpolation)

    def size_after(self, size: Size) -> Size:
        return self.size, self.size
