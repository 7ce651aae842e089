"""DASO's similarity classifier: nearest prototypes as a second opinion, and what aligns two views by it.

Oh, Kim & Kweon, "DASO: Distribution-Aware Semantics-Oriented Pseudo-label for Imbalanced Semi-Supervised Learning",
CVPR 2022.
"""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from gristmill.losses.similarity import similarity


def cosines(features: Tensor, prototypes: Tensor) -> Tensor:
    """N x K cosines; 0 with a row of zeros.

    Args:
        features: N x D, of any length.
        prototypes: K x D, of any length.
    """
    return similarity(normalize(features, eps=1e-8), normalize(prototypes, eps=1e-8))


@torch.no_grad()
def semantic_probabilities(features: Tensor, prototypes: Tensor, temperature: float) -> Tensor:
    """q = softmax(cos(z, c) / T_proto), N x K, without gradient (section 3.2).

    Args:
        features: z, N x D of the weak view.
        prototypes: c, K x D.
    """
    return (cosines(features, prototypes) / temperature).softmax(1)


def alignment_loss(semantic: Tensor, features: Tensor, prototypes: Tensor, temperature: float) -> Tensor:
    """L_align = mean_i -sum_k q_w,k log q_s,k: the strong view's semantic label is to be the weak view's (eq. 4).

    All samples count, confident or not.

    Args:
        semantic: q_w, N x K of `semantic_probabilities`.
        features: z_s, N x D of the strong view; the only input that gets a gradient.
        prototypes: K x D.
    """
    log_q = (cosines(features, prototypes.detach()) / temperature).log_softmax(1)
    return -(semantic.detach() * log_q).sum(1).mean()
