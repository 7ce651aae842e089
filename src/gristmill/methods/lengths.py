"""What follows from the length of a run where settings say `auto`: the proportions of DASO's full length, kept.

At full length (T = 250,000) they are the released values: rho 0.999, P 5,000, a window of 100 steps. The lower bounds
are Gristmill's own.
"""

from math import ceil
from typing import Any

from torch import Tensor


def steps(train: Any) -> int:
    """T."""
    return train.epochs * train.epoch_steps


def average_rate(train: Any) -> float:
    """rho = 1 - 1 / max(50, 0.004 T), or the setting."""
    return 1 - 1 / max(50, 0.004 * steps(train)) if train.average == "auto" else train.average


def window_length(settings: Any, classes: int) -> int:
    """0.0004 T steps, but enough for 10 K labels; or the setting."""
    train, given = settings.train, settings.pretrain.window
    if given != "auto":
        return given
    return max(ceil(0.0004 * steps(train)), ceil(10 * classes / (train.batch * train.unlabeled)))


def pretraining_steps(settings: Any, counts: Tensor) -> int:
    """P = 0.02 T, but at least a window, and one pass over the labeled images; or the setting.

    Args:
        counts: K, N_k.
    """
    train, given = settings.train, settings.pretrain.steps
    if given != "auto":
        return given
    return max(ceil(0.02 * steps(train)), window_length(settings, len(counts)), ceil(int(counts.sum()) / train.batch))


def queue_sizes(settings: Any, counts: Tensor) -> list[int]:
    """L for every class, min(256, 2 N_1) or the setting; or 5 N_k.

    Args:
        counts: K, N_k.
    """
    if settings.pretrain.sizes == "proportional":
        return [5 * count for count in counts.tolist()]
    given = settings.pretrain.queue
    return [min(256, 2 * max(counts.tolist())) if given == "auto" else given] * len(counts)
