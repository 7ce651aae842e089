"""How often scores of classes name the true one, and what they are made from."""

import torch
from torch import Tensor

from gristmill.errors import UserError
from gristmill.evaluate.cosine import TIE


def labeled(features: Tensor, labels: Tensor, classes: int, name: str) -> tuple[Tensor, Tensor]:
    """Features and labels of some images, looked at.

    Args:
        features: N x d, of any floating type.
        labels: N integers in 0 .. classes - 1.
        name: what an error calls the images.

    Returns:
        float64 features as they are, others in float32; labels in int64.

    Raises:
        UserError: features that are not finite.
        ValueError: shapes or labels that do not fit, no image.
    """
    if features.ndim != 2 or 0 in features.shape or not features.is_floating_point():
        found = f"{features.dtype} of the shape {tuple(features.shape)}"
        raise ValueError(f"{name} features: a table N x d of at least one row is needed, found {found}")
    if labels.shape != features.shape[:1] or labels.is_floating_point() or labels.dtype == torch.bool:
        found = f"{labels.dtype} of the shape {tuple(labels.shape)}"
        raise ValueError(f"{name} labels: an integer for each of {len(features)} images is needed, found {found}")
    if labels.min() < 0 or labels.max() >= classes:
        found = f"{int(labels.min())} to {int(labels.max())}"
        raise ValueError(f"{name} labels: 0 to {classes - 1} are possible, found {found}")
    bad = (~features.isfinite().all(1)).nonzero().flatten()
    if len(bad):
        raise UserError(
            f"{name} features: {len(bad)} of {len(features)} rows are not finite (the first is row {int(bad[0])}): "
            "the network has diverged; train it with a smaller train.lr"
        )
    return features if features.dtype == torch.float64 else features.float(), labels.long()


def place(scores: Tensor, labels: Tensor) -> Tensor:
    """N: how many classes are ahead of the true one; of tied classes the lower one is ahead.

    Args:
        scores: N x C; they are tied when at most 1e-12 apart, and -inf with -inf.
        labels: N.
    """
    own = scores.gather(1, labels[:, None])
    lower = torch.arange(scores.shape[1], device=scores.device) < labels[:, None]  # N x C
    return ((scores > own + TIE) | ((scores >= own - TIE) & lower)).sum(1)


def best(scores: Tensor) -> Tensor:
    """N: the class with the highest score, the lowest one of tied classes."""
    return (scores >= scores.amax(1, keepdim=True) - TIE).byte().argmax(1)


def top(places: Tensor, k: int) -> float:
    """Top-k accuracy, from 0 to 1.

    Args:
        places: N, as `place` gives them.
    """
    return float((places < k).double().mean())
