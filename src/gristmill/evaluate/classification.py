"""How well logits name the class of balanced test images, as semi-supervised methods on long tails are judged."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from gristmill.losses.logit_adjustment import adjusted, log_prior


@dataclass(frozen=True)
class Classification:
    """Figures of N images of K classes; shares lie in 0..1.

    `top1`, `top5`: the true class is the first, is among the first min(5, K). `cost`: mean cross entropy. `confusion`:
    K x K counts, a row a true class.
    """

    top1: float
    top5: float
    cost: float
    confusion: np.ndarray

    @property
    def recall(self) -> np.ndarray:
        """K: share of a class's images that are named so; NaN for a class without images."""
        images = self.confusion.sum(1)
        return np.where(images > 0, self.confusion.diagonal() / np.maximum(images, 1), np.nan)

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall of the classes that have images."""
        return float(np.nanmean(self.recall))

    @property
    def geometric_mean(self) -> float:
        """(prod_k r_k)^(1 / K) of the recalls, a recall of 0 counting as 1 / (100 K) (DARP's released code).

        A class without images counts as recognized, as it does there.
        """
        recall = np.nan_to_num(self.recall, nan=1.0)
        return float(np.exp(np.log(np.where(recall > 0, recall, 1 / (100 * len(recall)))).mean()))


def classification(logits: np.ndarray, labels: np.ndarray) -> Classification:
    """Compare logits with the truth.

    Args:
        logits: N x K, finite.
        labels: N integers in 0 .. K - 1.

    Of equal logits the first class is ahead. All is computed in float64.

    Raises:
        ValueError: no images, labels that do not fit, logits not finite.
    """
    labels, classes = np.asarray(labels), logits.shape[1]
    if labels.shape != logits.shape[:1] or labels.dtype.kind not in "iu" or not len(labels):
        found = f"{labels.dtype} of the shape {labels.shape}"
        raise ValueError(f"labels: an integer for each of {len(logits)} images is needed, at least one; found {found}")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels: 0 to {classes - 1} are possible, found {labels.min()} to {labels.max()}")
    if not np.isfinite(logits).all():
        raise ValueError(f"logits: {(~np.isfinite(logits)).any(1).sum()} images have some that are not finite")
    logits, labels = logits.astype(np.float64), labels.astype(np.int64)
    own = np.take_along_axis(logits, labels[:, None], 1)
    ahead = (logits > own) | ((logits == own) & (np.arange(classes) < labels[:, None]))  # N x K
    place = ahead.sum(1)
    confusion = np.bincount(labels * classes + logits.argmax(1), minlength=classes**2).reshape(classes, classes)
    cost = cross_entropy(torch.from_numpy(logits), torch.from_numpy(labels))
    return Classification(float((place < 1).mean()), float((place < 5).mean()), float(cost), confusion)


def against_prior(logits: np.ndarray, counts: Sequence[int] | np.ndarray) -> np.ndarray:
    """z - log prior, N x K float64: logits of a training on a long tail, for a balanced test (Menon et al., ICLR 2021).

    Args:
        logits: N x K.
        counts: K, labeled images of each class; one without any counts as if it had one.
    """
    prior = log_prior(torch.tensor(np.asarray(counts), dtype=torch.float64))
    return adjusted(torch.tensor(logits, dtype=torch.float64), prior, -1).numpy()


def metrics(logits: np.ndarray, labels: np.ndarray, counts: Sequence[int] | np.ndarray) -> dict[str, float]:
    """All single figures of `classification`, for the logits as they are and, with `_la`, for `against_prior`."""
    forms = {"": classification(logits, labels), "_la": classification(against_prior(logits, counts), labels)}
    names = ("top1", "top5", "cost", "balanced_accuracy", "geometric_mean")
    return {f"{name}{form}": float(getattr(found, name)) for form, found in forms.items() for name in names}


def median_of_last(history: Sequence[float], count: int = 20) -> float:
    """The figure that is reported: median of the last `count` evaluations, of all where there are fewer.

    Raises:
        ValueError: no evaluation.
    """
    if not len(history):
        raise ValueError("history: no evaluation to take the median of")
    return float(np.median(history[-count:]))


def group_sizes(classes: int) -> dict[str, int]:
    """How many of K classes are `head`, `mid` and `tail`: three tenths, the rest, three tenths (DASO: 3, 4, 3)."""
    end = max(1, round(0.3 * classes))
    return {"head": end, "mid": max(0, classes - 2 * end), "tail": end}


def grouped(values: Sequence[float | None] | np.ndarray, counts: Sequence[int] | np.ndarray) -> dict[str, float]:
    """Means over the classes of `head`, `mid` and `tail`.

    Args:
        values: K, None or NaN where there is none; those are left out, and a group of them alone is NaN.
        counts: K, labeled images: the most frequent classes are the head; of equal ones the first class.
    """
    order = np.argsort(-np.asarray(counts), kind="stable")
    ordered, end = np.array(values, dtype=float)[order], group_sizes(len(order))["head"]
    parts = {"head": ordered[:end], "mid": ordered[end : len(order) - end], "tail": ordered[-end:]}
    return {name: float(np.nanmean(part)) if (part == part).any() else float("nan") for name, part in parts.items()}


def listed(values: np.ndarray) -> list[float | None]:
    """Numbers for one cell of a history, in six digits; None for NaN, which JSON has no word for."""
    return [None if np.isnan(value) else round(float(value), 6) for value in values]
