"""The AutoAugment policy for CIFAR in the variant of MaskCon's released code.

It differs from the usual one: rotations have no random sign, shears are bicubic, translations are fractional, and
points outside the image become gray.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size
from gristmill.views.sampling import Fill
from gristmill.views.slots import BICUBIC_SHEARS, NONE, OPERATIONS, one_each

GRAY = 128
LEVELS = 10
MAGNITUDES = {  # of each level
    "shearx": np.linspace(0, 0.3, LEVELS),
    "sheary": np.linspace(0, 0.3, LEVELS),
    "translatex": np.linspace(0, 150 / 331, LEVELS),  # of the width
    "translatey": np.linspace(0, 150 / 331, LEVELS),  # of the height
    "rotate": np.linspace(0, 30, LEVELS),  # degrees
    "color": np.linspace(0, 0.9, LEVELS),  # v of factor 1 + v
    "contrast": np.linspace(0, 0.9, LEVELS),
    "sharpness": np.linspace(0, 0.9, LEVELS),
    "brightness": np.linspace(0, 0.9, LEVELS),
    "posterize": np.linspace(8, 4, LEVELS).round(),  # bits that stay
    "solarize": np.linspace(256, 0, LEVELS),  # threshold
    "autocontrast": np.zeros(LEVELS),
    "equalize": np.zeros(LEVELS),
    "invert": np.zeros(LEVELS),
}
UNSIGNED = ("rotate", "posterize", "solarize", "autocontrast", "equalize", "invert")

# Probability, operation, level of the first and of the second half of each pair.
CIFAR = """
    .1 invert 7         .2 contrast 6
    .7 rotate 2         .3 translatex 9
    .8 sharpness 1      .9 sharpness 3
    .5 sheary 8         .7 translatey 9
    .5 autocontrast 8   .9 equalize 2
    .2 sheary 7         .3 posterize 7
    .4 color 3          .6 brightness 7
    .3 sharpness 9      .7 brightness 9
    .6 equalize 5       .5 equalize 1
    .6 contrast 7       .6 sharpness 5
    .7 color 7          .5 translatex 8
    .3 equalize 7       .4 autocontrast 8
    .4 translatey 3     .2 sharpness 6
    .9 brightness 6     .2 color 8
    .5 solarize 2       .0 invert 3
    .2 equalize 0       .6 autocontrast 0
    .2 equalize 8       .8 equalize 4
    .9 color 9          .6 equalize 6
    .8 autocontrast 4   .2 solarize 8
    .1 brightness 3     .7 color 0
    .4 solarize 5       .9 autocontrast 3
    .9 translatey 9     .7 translatey 9
    .9 autocontrast 2   .8 solarize 3
    .8 equalize 8       .1 invert 3
    .7 translatey 9     .9 autocontrast 1
"""
_ENTRIES = np.array(CIFAR.split()).reshape(-1, 2, 3)  # pair, half, (probability, operation, level)
PROBABILITY = _ENTRIES[..., 0].astype(np.float64)
OPERATION = np.vectorize(OPERATIONS.index)(_ENTRIES[..., 1])
LEVEL = _ENTRIES[..., 2].astype(np.int64)
MAGNITUDE = np.array([MAGNITUDES[name] for name in OPERATIONS])  # operation, level
ENHANCES = np.isin(OPERATIONS, ("brightness", "contrast", "color", "sharpness")).astype(float)  # around 1
SIDES = {"translatex": 3, "translatey": 2}  # axis of a batch
SIGNED = np.array([name not in UNSIGNED for name in OPERATIONS])


def policy_op(images: Tensor, operation: str, level: Tensor, sign: Tensor, fill: Fill = GRAY) -> Tensor:
    """One operation of the policy, on every image.

    Args:
        images: N x C x H x W uint8.
        operation: one of OPERATIONS.
        level: N int64, 0..9.
        sign: N, +1 or -1; without meaning for operations in UNSIGNED.
        fill: color of points outside the image.
    """
    number = np.full(len(images), OPERATIONS.index(operation))
    return one_each(images, number, _magnitude(images, number, level.numpy(), sign.numpy()), fill, BICUBIC_SHEARS)


def autoaugment(images: Tensor, policy: Tensor, apply: Tensor, sign: Tensor, fill: Fill = GRAY) -> Tensor:
    """Apply to each image the pair of operations that was drawn for it.

    Args:
        images: N x C x H x W uint8.
        policy: N int64, the pair (line of CIFAR).
        apply: N x 2 bool, whether each half happens.
        sign: N x 2, +1 or -1.
        fill: color of points outside the image.
    """
    operation, level = OPERATION[policy.numpy()], LEVEL[policy.numpy()]  # N x 2
    magnitude = _magnitude(images, operation, level, sign.numpy())
    operation = np.where(apply.numpy(), operation, NONE)
    for half in (0, 1):
        images = one_each(images, operation[:, half], magnitude[:, half], fill, BICUBIC_SHEARS)
    return images


def _magnitude(images: Tensor, operation: np.ndarray, level: np.ndarray, sign: np.ndarray) -> np.ndarray:
    """In the units of `one_each`: enhancers have a factor, translations pixels."""
    unit = np.array([images.shape[SIDES[name]] if name in SIDES else 1 for name in OPERATIONS])
    return ENHANCES[operation] + MAGNITUDE[operation, level] * np.where(SIGNED[operation], sign, 1) * unit[operation]


@dataclass(frozen=True)
class AutoAugmentCifar(Operation):
    """A random pair of the policy. Drawn: the pair, whether each half happens, the sign of each half."""

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        policy = rng.integers(0, len(PROBABILITY), n)
        apply = rng.random((n, 2)) < PROBABILITY[policy]
        sign = 1 - 2 * rng.integers(0, 2, (n, 2))
        return {  # N, N x 2, N x 2
            "policy": torch.from_numpy(policy),
            "apply": torch.from_numpy(apply),
            "sign": torch.from_numpy(sign),
        }

    def apply(self, images: Tensor, policy: Tensor, apply: Tensor, sign: Tensor) -> Tensor:
        return autoaugment(images, policy, apply, sign)
