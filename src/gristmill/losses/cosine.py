"""Distance of a prediction from the other view's projection, without negatives: SimSiam's and BYOL's."""

import torch
from torch import Tensor
from torch.nn.functional import normalize


def negative_cosine(prediction: Tensor, projection: Tensor) -> Tensor:
    """D(p, z) = - p.z / (max(|p|, 1e-8) max(|z|, 1e-8))  (Chen & He, CVPR 2021, eq. 1).

    Args:
        prediction: p, N x D.
        projection: z, N x D; detach it, that is the paper's stop-gradient.

    Returns:
        N values in [-1, 1].
    """
    floor = least(1e-8, prediction)
    return -(normalize(prediction, eps=floor) * normalize(projection, eps=floor)).sum(1)


def regression_loss(prediction: Tensor, projection: Tensor) -> Tensor:
    """r(p, z) = |p' - z'|^2, x' = x / sqrt(max(|x|^2, 1e-12)): 2 - 2 cos(p, z)  (Grill et al., NeurIPS 2020, eq. 2).

    Args:
        prediction: p, N x D.
        projection: z, N x D; detach it.

    Returns:
        N values in [0, 4].
    """
    floor = least(1e-12, prediction)

    def unit(x: Tensor) -> Tensor:
        return x * x.square().sum(1, keepdim=True).clamp(min=floor).rsqrt()

    return (unit(prediction) - unit(projection)).square().sum(1)


def least(floor: float, like: Tensor) -> float:
    """`floor`, or the smallest normal number of a type that would round it to 0 (half precision)."""
    return max(floor, torch.finfo(like.dtype).tiny)
