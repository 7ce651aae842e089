"""The figures by which a data set is judged, from the logits of its test images: each from 0 to 1."""

import numpy as np
import torch
from torch import Tensor

from gristmill.evaluate.accuracy import place, top

LEVELS = 11
"""Recalls 0, 0.1, ..., 1 at which precision is read (Everingham et al., the Pascal VOC challenge, IJCV 2010)."""


def scores(logits: Tensor, labels: Tensor) -> dict[str, float]:
    """All figures that the labels allow: `top1`, `top5` and `mean_class`, or `map_11`.

    Args:
        logits: N x C.
        labels: N integers in 0 .. C - 1, or N x C of 1 (the class is there), 0 (it is not), -1 (does not count).
    """
    if labels.ndim == 2:
        return {"map_11": map_11(logits, labels)}
    return {"top1": top1(logits, labels), "top5": top5(logits, labels), "mean_class": mean_class(logits, labels)}


def top1(logits: Tensor, labels: Tensor) -> float:
    """Share of N images whose class has the highest logit; of tied classes the lower one is ahead."""
    return top(place(logits, labels), 1)


def top5(logits: Tensor, labels: Tensor) -> float:
    """Share of N images whose class has one of the five highest logits."""
    return top(place(logits, labels), 5)


def mean_class(logits: Tensor, labels: Tensor) -> float:
    """Mean over the classes that have test images of the share of their images that are named so."""
    hit = (place(logits, labels) == 0).double()
    images = torch.bincount(labels, minlength=logits.shape[1])
    hits = torch.bincount(labels, hit, minlength=logits.shape[1])
    return float((hits / images)[images > 0].mean())


def map_11(logits: Tensor, labels: Tensor) -> float:
    """Mean of `average_precision_11` over the classes that are there on some image.

    Args:
        logits: N x C.
        labels: N x C of 1, 0 and -1 (difficult: the image is left out for this class).

    Raises:
        ValueError: shapes that differ, no class on any image.
    """
    if logits.shape != labels.shape:
        raise ValueError(f"labels of the shape {tuple(labels.shape)} for logits {tuple(logits.shape)}")
    found = []
    for own, truth in zip(logits.T.cpu().numpy(), labels.T.cpu().numpy(), strict=True):
        score, there = own[truth >= 0], truth[truth >= 0] == 1
        if there.any():
            # of tied images those without the class come first, so that a constant is not praised
            order = np.lexsort((there, -score))
            found.append(average_precision_11(*curve(there[order], int(there.sum()))))
    if not found:
        raise ValueError("labels: no image has any class")
    return float(np.mean(found))


def curve(there: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Recall and precision after each answer, n each.

    Args:
        there: n, whether each answer is right, by falling score.
        count: of right answers that could be given.
    """
    right = np.cumsum(there)
    return right / count, right / np.arange(1, len(there) + 1)


def average_precision_11(recall: np.ndarray, precision: np.ndarray) -> float:
    """Mean over recalls 0, 0.1, ..., 1 of the best precision at this recall or beyond; 0 where it is not reached."""
    levels = np.arange(LEVELS) / (LEVELS - 1)  # rounded as a recall of 3 / 10 is, not 3 * 0.1
    return float(np.mean([precision[recall >= level].max(initial=0.0) for level in levels]))
