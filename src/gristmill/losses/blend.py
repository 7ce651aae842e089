"""DASO's pseudo-label: linear and semantic opinions blended by the distribution of earlier pseudo-labels."""

import torch
from torch import Tensor


@torch.no_grad()
def blending_weights(counts: Tensor, temperature: float) -> Tensor:
    """upsilon_k = m_k^(1 / T_dist) / max_j m_j^(1 / T_dist) (DASO, CVPR 2022, eq. 3).

    Args:
        counts: K, how often each class was the pseudo-label; the scale does not matter.
        temperature: T_dist > 0; small values blend the most frequent classes only.

    Returns:
        K in 0..1: 1 for the most frequent class, 0 for a class without pseudo-labels. Without any labels all are 0.
    """
    share = counts / counts.max().clamp(min=1)
    return share ** (1 / temperature)


@torch.no_grad()
def blend(linear: Tensor, semantic: Tensor, upsilon: Tensor) -> Tensor:
    """p' = (1 - upsilon_k') p + upsilon_k' q with k' = argmax p: the more frequent k', the more semantic (eq. 2).

    Args:
        linear: p, N x K probabilities of the linear classifier.
        semantic: q, N x K of the similarity classifier.
        upsilon: K; equal values for a blend that knows no distribution.

    Returns:
        N x K; exactly p where upsilon is 0 and exactly q where it is 1.
    """
    return torch.lerp(linear, semantic, upsilon[linear.argmax(1)][:, None])
