"""Classes by a weighted vote of neighbors (Wu et al., CVPR 2018), as MoCo and LoGo watch their training."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from gristmill.evaluate.cosine import BLOCK, Rows
from gristmill.evaluate.neighbours import nearest


def votes(
    features: Tensor,
    gallery: Tensor,
    labels: Tensor,
    classes: int,
    k: int,
    temperature: float,
    rows: int | None = None,
) -> Iterator[tuple[slice, Tensor]]:
    """log sum_j exp(cos_ij / t) over those of the k nearest gallery images j of image i that have a class.

    Args:
        features: N x d, finite, of any length and floating type; compared by cosine.
        gallery: M x d.
        labels: M, of the gallery, in 0 .. classes - 1.
        k: at least 1; a smaller gallery votes as a whole.
        temperature: t > 0.
        rows: how many images are compared at a time; the result does not depend on it.

    Yields:
        which images, and their scores, R x classes float64, the logarithm of the released codes' sums: -inf for a
        class without a vote. So many at a time that memory is bounded, for any number of images and classes.

    Of gallery images that are equally near (cosines in float64 within 1e-12) those of the lower class are nearer, so
    the order of the gallery does not matter.
    """
    if k < 1 or temperature <= 0:
        raise ValueError(f"k of at least 1 and a temperature above 0 are needed, found {k} and {temperature}")
    order = labels.cpu().argsort(stable=True)
    query, bank = Rows(exact(features)), Rows(exact(gallery), "gallery", order.numpy())
    label = labels.cpu()[order]
    rows = rows or max(1, BLOCK // max(len(bank), classes))  # cosines and scores are a block each
    for block, index, cosine in nearest(query, bank, k, rows):
        first = cosine[:, :1]  # R x 1, the largest
        weight = ((cosine - first) / temperature).exp()  # R x k, no overflow
        score = torch.zeros(len(index), classes, dtype=torch.float64).scatter_add_(1, label[index], weight)
        yield block, score.log_().add_(first / temperature)


def exact(features: Tensor) -> np.ndarray:
    """As NumPy has it: bfloat16 in float32, which holds it exactly."""
    return (features if features.dtype == torch.float64 else features.float()).cpu().numpy()
