"""Labeled losses that weigh each class by how seldom it is labeled, and LDAM's margins."""

from math import log

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def class_balanced_weights(counts: Tensor, beta: float) -> Tensor:
    """w_k = (1 - beta) / (1 - beta^N_k), scaled to sum K (Cui et al., CVPR 2019); beta >= 1: 1 / N_k, scaled.

    Args:
        counts: K, N_k as floats. A class without labeled images gets 0.
        beta: above 0.
    """
    effective = counts if beta >= 1 else -torch.expm1(counts * log(beta))  # 1 - beta^N without cancellation
    weights = torch.where(counts > 0, 1 / effective, 0)
    return weights * (len(counts) / weights.sum())


def weighted_cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """(1 / B) sum_i w_{y_i} CE_i: divided by the batch, not by the sum of its weights.

    Args:
        logits: B x K.
        labels: B.
        weights: K.
    """
    return cross_entropy(logits, labels, weights, reduction="none").mean()


def ldam_margins(counts: Tensor, largest: float = 0.5) -> Tensor:
    """m_k = `largest` N_k^(-1/4) / max_j N_j^(-1/4) (Cao et al., NeurIPS 2019, eq. 13).

    Args:
        counts: K, N_k as floats. A class without labeled images gets 0.
    """
    margins = torch.where(counts > 0, counts**-0.25, 0)
    return margins * (largest / margins.max())


def ldam_loss(logits: Tensor, labels: Tensor, margins: Tensor, weights: Tensor, scale: float = 30.0) -> Tensor:
    """Cross entropy of scale (z - m_y at the label), divided by the sum of the samples' weights.

    As in the code that DASO (CVPR 2022) released: an ordinary linear classifier, without normalized features.

    Args:
        logits: B x K.
        labels: B.
        margins, weights: K; the weights of the labels must not all be 0.
    """
    moved = logits.scatter_add(1, labels[:, None], -margins[labels, None])
    return cross_entropy(scale * moved, labels, weights)
