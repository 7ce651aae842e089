"""USADTM's pseudo-label: the prototype that is nearest by angle and by distance.

Han et al., "Unsupervised Semantic Aggregation and Deformable Template Matching for Semi-Supervised Learning",
NeurIPS 2020, as DASO's released code has it.
"""

import torch
from torch import Tensor

from gristmill.losses.semantic import cosines


def distances(features: Tensor, prototypes: Tensor) -> Tensor:
    """N x K Euclidean distances, at least 1e-6.

    Args:
        features: N x D.
        prototypes: K x D.
    """
    squared = features.square().sum(1, keepdim=True) + prototypes.square().sum(1) - 2 * features @ prototypes.T
    return squared.clamp(min=1e-12).sqrt()


@torch.no_grad()
def agreed(features: Tensor, prototypes: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    """Pseudo-labels and which of them are used.

    Args:
        features: N x D of the weak view.
        prototypes: K x D.
        threshold: of the cosine.

    Returns:
        `label` N, of the largest cosine; `mask` N, whether that cosine reaches the threshold and the prototype is the
        nearest by distance too.
    """
    cosine, label = cosines(features, prototypes).max(1)
    return label, (label == distances(features, prototypes).argmin(1)) & (cosine >= threshold)
