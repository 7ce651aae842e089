"""Whether the outputs of a network still differ: their spread, their effective number of dimensions, a verdict."""

from typing import Literal

import torch
from torch import Tensor

HEALTHY, COLLAPSED = 0.1, 0.01
"""Spreads (1 is even): from the first on outputs differ well enough; below the second all are as good as the same."""

Verdict = Literal["healthy", "shrinking", "collapsed"]


@torch.no_grad()
def channel_spread(outputs: Tensor) -> Tensor:
    """D: the standard deviation of each coordinate over N rows, about 1 / sqrt(D) for unit rows that lie anywhere.

    Args:
        outputs: N x D unit rows.
    """
    return outputs.std(0, correction=0)


@torch.no_grad()
def spread(outputs: Tensor) -> dict[str, float]:
    """How far unit rows are from all being the same.

    Args:
        outputs: N x D unit rows.

    Returns:
        `spread`: the mean standard deviation of a coordinate times sqrt(D), about 1 for rows spread evenly over the
        sphere, 0 when all are equal (Chen & He, SimSiam, CVPR 2021). `rank`: `effective_rank`.
    """
    x = outputs.cpu().double()
    deviation = (channel_spread(x) * x.shape[1] ** 0.5).mean()
    return {"spread": float(deviation), "rank": effective_rank(x)}


@torch.no_grad()
def effective_rank(rows: Tensor) -> float:
    """The exponential of the entropy of the singular values' shares (Roy & Vetterli, EUSIPCO 2007).

    Args:
        rows: N x D, finite, of any floating type.

    Returns:
        The effective number of dimensions, from 1 to min(N, D); 1 too where all rows are zero.
    """
    share = torch.linalg.svdvals(rows.cpu().double())
    share = share / share.sum().clamp(min=1e-300)
    entropy = -(share * share.clamp(min=1e-300).log()).sum()
    return float(entropy.exp())


def verdict(spread: float) -> Verdict:
    """What a spread says; one that is no number is a collapse."""
    if spread >= HEALTHY:
        return "healthy"
    return "shrinking" if spread >= COLLAPSED else "collapsed"


def told(spread: float, when: str = "") -> str:
    """A verdict in words, for a history or a report; `when` is something like ` at epoch 3`."""
    number = f"{when} (spread {spread:.4f}, 1 is even)"
    return {
        "healthy": f"the outputs differ{number}",
        "shrinking": f"the outputs hardly differ{number}: usual in a first epoch, later the way into a collapse",
        "collapsed": f"the outputs have collapsed{number}: every image gets nearly the same vector",
    }[verdict(spread)]
