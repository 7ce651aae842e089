"""RandAugment as FixMatch and DASO use it: operations drawn with replacement, of random strength.

In the variant of DASO's released code: each operation happens with probability one half, levels run from 1 to 9 of 10,
the enhancers only weaken, all that moves pixels takes the nearest one, and points outside the image become black.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size
from gristmill.views.slots import NEAREST, NONE, OPERATIONS, one_each

LEVELS = 10
SHARE = np.arange(LEVELS) / LEVELS  # of the greatest strength, by level
FACTOR, SLOPE = SHARE * 0.9 + 0.05, SHARE * 0.3
STRENGTHS = {  # of each level; their order numbers the operations
    "autocontrast": np.zeros(LEVELS),
    "brightness": FACTOR,
    "color": FACTOR,
    "contrast": FACTOR,
    "equalize": np.zeros(LEVELS),
    "identity": np.zeros(LEVELS),
    "posterize": np.trunc(SHARE * 4) + 4,  # bits that stay
    "rotate": np.trunc(SHARE * 30),  # degrees
    "sharpness": FACTOR,
    "shearx": SLOPE,
    "sheary": SLOPE,
    "solarize": 256 - np.trunc(SHARE * 256),  # threshold
    "translatex": SHARE * 0.3,  # of the width, whole pixels of it
    "translatey": SHARE * 0.3,  # of the height, whole pixels of it
}
SIGNED = ("rotate", "shearx", "sheary", "translatex", "translatey")

_NAMES = list(STRENGTHS)
_STRENGTH = np.array(list(STRENGTHS.values()))  # operation, level
_SIGNED = np.isin(_NAMES, SIGNED)
_OPERATION = np.array([NONE if name == "identity" else OPERATIONS.index(name) for name in _NAMES])


def randaugment(images: Tensor, op: Tensor, apply: Tensor, level: Tensor, sign: Tensor) -> Tensor:
    """Apply to each image its K operations, one after the other.

    Args:
        images: N x C x H x W uint8.
        op: N x K int64, places in STRENGTHS.
        apply: N x K bool, whether each happens.
        level: N x K int64, 0..9.
        sign: N x K, +1 or -1; without meaning for operations that are not in SIGNED.
    """
    which = op.numpy()
    operation = np.where(apply.numpy(), _OPERATION[which], NONE)
    strength = _STRENGTH[which, level.numpy()] * np.where(_SIGNED[which], sign.numpy(), 1)
    for name, side in (("translatex", images.shape[3]), ("translatey", images.shape[2])):
        strength = np.where(which == _NAMES.index(name), np.trunc(strength * side), strength)
    for slot in range(which.shape[1]):
        images = one_each(images, operation[:, slot], strength[:, slot], 0, NEAREST)
    return images


@dataclass(frozen=True)
class RandAugment(Operation):
    """Two random operations. Drawn, for both at once: which, whether each happens, levels, signs."""

    count: int = 2
    p: float = 0.5

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        shape = n, self.count
        op = rng.integers(0, len(STRENGTHS), shape)
        apply = rng.random(shape) < self.p
        level = rng.integers(1, LEVELS, shape)
        sign = 1 - 2 * rng.integers(0, 2, shape)
        drawn = {"op": op, "apply": apply, "level": level, "sign": sign}
        return {key: torch.from_numpy(each) for key, each in drawn.items()}  # N x 2 each

    def apply(self, images: Tensor, op: Tensor, apply: Tensor, level: Tensor, sign: Tensor) -> Tensor:
        return randaugment(images, op, apply, level, sign)
