"""Color jitter in floats 0..1: as kornia does it on an accelerator (LoGo), and as BYOL's released code does it.

Adjustments take N x C x H x W floats and a factor for each image, and return the same kind. Images of one channel are
gray already: saturation and hue leave them alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.jitter import ColorJitter, in_order
from gristmill.views.operation import Parameters, Size, as_bytes, change_rows, per_image

Adjust = Callable[[Tensor, Tensor], Tensor]


def add(x: Tensor, factor: Tensor) -> Tensor:
    """x + factor - 1: additive brightness."""
    return (x + (per_image(factor, x) - 1)).clamp_(0, 1)


def multiply(x: Tensor, factor: Tensor) -> Tensor:
    """factor x."""
    return (x * per_image(factor, x)).clamp_(0, 1)


def from_gray_mean(x: Tensor, factor: Tensor) -> Tensor:
    """Contrast: toward or away from the mean of the image's gray."""
    return _blend(x, _mean(_gray(x), (1, 2, 3)), factor)


def from_channel_means(x: Tensor, factor: Tensor) -> Tensor:
    """Contrast: each channel toward or away from its own mean."""
    return _blend(x, _mean(x, (2, 3)), factor)


def from_gray(x: Tensor, factor: Tensor) -> Tensor:
    """Saturation: toward or away from the gray of each pixel."""
    return x if x.shape[1] == 1 else _blend(x, _gray(x), factor)


def saturate(x: Tensor, factor: Tensor) -> Tensor:
    """Saturation: that of hue, saturation, value, times factor."""
    if x.shape[1] == 1:
        return x
    hue, saturation, value = _hsv(x)
    return _rgb(hue, saturation.mul_(per_image(factor, x)).clamp_(0, 1), value)


def turn(x: Tensor, factor: Tensor) -> Tensor:
    """Hue: a turn by `factor` of the wheel."""
    if x.shape[1] == 1:
        return x
    hue, saturation, value = _hsv(x)
    return _rgb(hue.add_(per_image(factor, x)), saturation, value)


def _blend(x: Tensor, degenerate: Tensor, factor: Tensor) -> Tensor:
    share = per_image(factor, x)
    return (x * share).add_(degenerate * (1 - share)).clamp_(0, 1)


def _gray(x: Tensor) -> Tensor:
    if x.shape[1] == 1:
        return x
    red, green, blue = x.split(1, 1)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _mean(x: Tensor, dimensions: tuple[int, ...]) -> Tensor:
    """In float64: a sum in float32 may round differently for another batch size."""
    return x.mean(dimensions, keepdim=True, dtype=torch.float64).to(x.dtype)


def _hsv(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hue in turns, saturation, value; N x 1 x H x W each."""
    red, green, blue = x.split(1, 1)
    value = x.amax(1, keepdim=True)
    chroma = value - x.amin(1, keepdim=True)
    wheel = torch.where(green == value, 2 * chroma + (blue - red), 4 * chroma + (red - green))
    wheel = torch.where(red == value, green - blue, wheel)  # the first channel that reaches the maximum decides
    hue = wheel.div_((6 * chroma).add_(chroma == 0))
    return hue, chroma / (value + 1e-8), value


def _rgb(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """Each channel is value minus a share of the saturation that depends on its distance on the wheel."""
    wheel = hue.remainder(1).mul_(6)
    red = (wheel - 3).abs_().neg_().add_(2)
    green = (wheel - 2).abs_().sub_(1)
    blue = (wheel - 4).abs_().sub_(1)
    away = torch.cat([red, green, blue], 1).clamp_(0, 1)
    return away.mul_(saturation * value).neg_().add_(value)


Kind = Literal["jiggle", "pil_like", "byol"]
ADJUST: dict[Kind, tuple[Adjust, Adjust, Adjust, Adjust]] = {  # brightness, contrast, saturation, hue
    "jiggle": (add, multiply, saturate, turn),
    "pil_like": (multiply, from_gray_mean, from_gray, turn),
    "byol": (add, from_channel_means, saturate, turn),
}


def float_jitter(images: Tensor, order: Tensor, factors: Tensor, kind: Kind) -> Tensor:
    """Four adjustments one after the other, each clamped to 0..1.

    Args:
        images: N x C x H x W floats in 0..1.
        order: N x 4, the operation (0 brightness, 1 contrast, 2 saturation, 3 hue) done at each step.
        factors: N x 4, of brightness (also where it is additive), contrast and saturation about 1; hue in turns.
        kind: `jiggle` is the jitter of kornia 0.6.3, `pil_like` that of 0.6.6; `byol` that of BYOL's released code.

    Returns:
        N x C x H x W, same type.
    """
    return in_order(images.clone(), order, factors, ADJUST[kind])


@dataclass(frozen=True)
class FloatJitter(ColorJitter):
    """`ColorJitter` with the arithmetic of another library; the result is rounded once, after the four adjustments.

    kornia draws one order for all images of a batch, BYOL one for each. Drawn: four factors, the order, whether it
    happens.
    """

    kind: Kind = "pil_like"

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        if self.kind == "byol":
            return super().draw(rng, n, size)
        low, high = self.bounds()
        return {
            "factors": torch.from_numpy(rng.uniform(low, high, (n, 4))),  # N x 4
            "order": torch.from_numpy(np.tile(rng.permutation(4), (n, 1))),  # N x 4
            "apply": torch.from_numpy(rng.random(n) < self.p),  # N
        }

    def apply(self, images: Tensor, factors: Tensor, order: Tensor, apply: Tensor) -> Tensor:
        def jitter(some: Tensor, order: Tensor, factors: Tensor) -> Tensor:
            return as_bytes(in_order(some.float().div_(255), order, factors, ADJUST[self.kind]).mul_(255).round_())

        return change_rows(images.clone(), apply, jitter, order, factors)
