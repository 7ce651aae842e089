"""MaskCon's soft targets (Feng & Patras, CVPR 2023)."""

import torch
from torch import Tensor

from gristmill.losses.similarity import similarity


def maskcon_targets(key: Tensor, memory: Tensor, same: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """How near each entry of the coarse class is to the sample's key, the nearest having weight 1 (eq. 9-10).

    Args:
        key: N x D unit vectors, no gradient.
        memory: K x D unit vectors.
        same: N x K, whether entry k has the coarse class of sample n.
        temperature: T2 > 0; small values keep the nearest only, infinity keeps all alike (Grafit).

    Returns:
        `own` (N) and `rest` (N x K); a row's weights sum to 1.

    A sample whose class is not in the memory gets all its weight on its own key. Only positives take part in the
    softmax; the released code subtracts the maximum of the whole row and divides 0 by 0 where they underflow. With z'
    the softmax, z = z' / max z' and sum z = 1 / max z', so that the weights z / (1 + sum z) are z' / (1 + max z').
    """
    scores = similarity(key, memory).div_(temperature).masked_fill_(~same, -1e30)  # -inf takes a slow path in exp
    rest, found = scores.softmax(1), same.any(1)
    nearest = rest.amax(1)
    scale = found / (1 + nearest)
    return torch.where(found, nearest * scale, 1.0), rest.mul_(scale[:, None])
