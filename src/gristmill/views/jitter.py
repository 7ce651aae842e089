"""Color jitter: brightness, contrast, saturation and hue in an order of its own for each image."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.color import adjust_brightness, adjust_contrast, adjust_saturation
from gristmill.views.hue import adjust_hue
from gristmill.views.operation import Operation, Parameters, Size, change_rows, on_whole_numbers

ADJUST = (adjust_brightness, adjust_contrast, adjust_saturation, adjust_hue)


def color_jitter(images: Tensor, order: Tensor, factors: Tensor, apply: Tensor) -> Tensor:
    """Four adjustments one after the other, each rounded to 8 bits, where apply says so.

    Args:
        images: N x C x H x W uint8; of images with one channel only brightness and contrast change.
        order: N x 4, the operation (0 brightness, 1 contrast, 2 saturation, 3 hue) done at each step.
        factors: N x 4 float64, of brightness, contrast, saturation, hue.
        apply: N bool.
    """
    return change_rows(images.clone(), apply, _jitter, order, factors)


@on_whole_numbers
def _jitter(images: Tensor, order: Tensor, factors: Tensor) -> Tensor:
    return in_order(images, order, factors, ADJUST)


def in_order(
    images: Tensor, order: Tensor, factors: Tensor, adjust: Sequence[Callable[[Tensor, Tensor], Tensor]]
) -> Tensor:
    """Apply, in place, adjust[order[i, k]] with factors[i, order[i, k]] to image i at each step k; `images` itself."""
    for now in order.unbind(1):
        for operation, change in enumerate(adjust):
            change_rows(images, now == operation, change, factors[:, operation])
    return images


@dataclass(frozen=True)
class ColorJitter(Operation):
    """With probability p, factors 1 +- brightness (contrast, saturation) and a turn of +- hue, in random order.

    Drawn: four factors, the order, whether it happens.
    """

    brightness: float
    contrast: float
    saturation: float
    hue: float
    p: float = 1.0

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        return {
            "factors": torch.from_numpy(rng.uniform(*self.bounds(), (n, 4))),  # N x 4
            "order": torch.from_numpy(rng.permuted(np.tile(np.arange(4), (n, 1)), axis=1)),  # N x 4
            "apply": torch.from_numpy(rng.random(n) < self.p),  # N
        }

    def apply(self, images: Tensor, factors: Tensor, order: Tensor, apply: Tensor) -> Tensor:
        return color_jitter(images, order, factors, apply)

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """The lowest and the highest factor of each adjustment."""
        spread = np.array([self.brightness, self.contrast, self.saturation, self.hue])
        center = np.array([1, 1, 1, 0])
        return np.maximum(center - spread, [0, 0, 0, -0.5]), center + spread
