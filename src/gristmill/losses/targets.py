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

    A sample whose class is not in the memory gets all its weight on its own key. Only positives take part in the
    softmax; the released code subtracts the maximum of the whole row and divides 0 by 0 where they underflow. With z'
    the softmax, z = z' / max z' and sum z = 1 / max z', so that the weights z / (1 + sum z) are z' / (1 + max z').
    """
    scores = similarity(key, memory).div_(temperature).masked_fill_(~same, -1e30)  # -inf takes a slow path in exp
    rest, found = scores.softmax(1), same.any(1)
    nearest = rest.amax(1)
    scale = found / (1 + nearest)
    return torch.where(found, nearest * scale, 1.0), rest.mul_(scale[:, None])


def mix(targets: tuple[Tensor, Tensor], w: float) -> tuple[Tensor, Tensor]:
    """`w` of the targets and 1 - `w` of the sample's own key."""
    own, rest = targets
    return own * w + (1 - w), rest * w
