"""Targets of a contrast against a memory: which of its entries count as positives, and how much.

Each function returns `own` (N: the weight of the sample's own key) and `rest` (N x K: the weights of the memory's
entries); a row's weights sum to 1.
"""

import torch
from torch import Tensor


def supcon_targets(same: Tensor, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    """All entries of the coarse class alike (supervised contrast against a queue).

    Args:
        same: N x K, whether entry k has the coarse class of sample n.
    """
    rest = same.to(dtype)
    own = 1 / (1 + rest.sum(1))
    return own, rest * own[:, None]


def mix(targets: tuple[Tensor, Tensor], w: float) -> tuple[Tensor, Tensor]:
    """`w` of the targets and 1 - `w` of the sample's own key."""
    own, rest = targets
    return own * w + (1 - w), rest * w
