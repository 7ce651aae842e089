"""Soft targets of the coarse-label family: which entries of the memory count as positives, and how much.

Each function returns `own` (N: the weight of the sample's own key) and `rest` (N x K: the weights of the memory's
entries); a row's weights sum to 1. Source: Feng & Patras, MaskCon, CVPR 2023.
"""

import torch
from torch import Tensor

from gristmill.losses.similarity import similarity


def supcon_targets(same: Tensor, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    """All entries of the coarse class alike (supervised contrast against a queue).

    Args:
        same: N x K, whether entry k has the coarse class of sample n.
    """
    rest = same.to(dtype)
    own = 1 / (1 + rest.sum(1))
    return own, rest * own[:, None]


def maskcon_targets(key: Tensor, memory: Tensor, same: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """How near each entry of the coarse class is to the sample's key, the nearest having weight 1 (eq. 9-10).

    Args:
        key: N x D unit vectors, no gradient.
        memory: K x D unit vectors.
        same: N x K, whether entry k has the coarse class of sample n.
        temperature: T2 > 0; small values keep the nearest only, infinity keeps all alike (Grafit).

    A sample whose class is not in the memory gets all its weight on its own key. The maximum is taken over the
    positives alone: the released code takes it over the whole row and divides 0 by 0 where they underflow.
    """
    scores = similarity(key, memory).div_(temperature).masked_fill_(~same, -torch.inf)
    nearest = scores.amax(1, keepdim=True).clamp_(min=torch.finfo(key.dtype).min)
    rest = scores.sub_(nearest).exp_()
    own = 1 / (1 + rest.sum(1))
    return own, rest.mul_(own[:, None])


def mix(targets: tuple[Tensor, Tensor], w: float) -> tuple[Tensor, Tensor]:
    """`w` of the targets and 1 - `w` of the sample's own key."""
    own, rest = targets
    return own * w + (1 - w), rest * w
