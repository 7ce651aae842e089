"""Hard pseudo-labels of the confident, and the cross entropy that makes another view agree with them."""

from math import exp

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


@torch.no_grad()
def confident(probabilities: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    """Pseudo-labels and which of them are used (FixMatch, Sohn et al. 2020, eq. 4).

    Args:
        probabilities: N x K.
        threshold: tau.

    Returns:
        `label` N, the first of the largest; `mask` N, whether the largest reaches tau.
    """
    confidence, label = probabilities.max(1)
    return label, confidence >= threshold


def masked_cross_entropy(logits: Tensor, label: Tensor, mask: Tensor) -> Tensor:
    """(1 / N) sum_i mask_i CE(z_i, y_i): over all N, not over those that are used.

    Args:
        logits: N x K.
        label, mask: N, of `confident`.

    Returns:
        A scalar, exactly 0 where nothing is used.
    """
    return torch.where(mask, cross_entropy(logits, label, reduction="none"), 0).mean()


def ramp(step: int, steps: int, ratio: float, shape: str = "linear") -> float:
    """c(it): how far a weight has risen to 1, over the first `ratio` of a run.

    Args:
        step: 0-based, of `steps`.
        ratio: r; 0 is no ramp.
        shape: `linear`, x = step / (r T) up to 1; `exp`, exp(-5 (1 - x)^2) (Laine & Aila 2017).
    """
    x = min(step / (ratio * steps), 1.0) if ratio > 0 else 1.0
    return x if shape == "linear" else exp(-5 * (1 - x) ** 2)
