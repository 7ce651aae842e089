"""Mutual information between the classes of several views of the same images (USADTM, NeurIPS 2020; after IIC)."""

from collections.abc import Callable

from torch import Tensor

EPS = 2.220446049250313e-16  # of float64, in every precision, as released

Total = Callable[[Tensor], Tensor]


def alone(tensor: Tensor) -> Tensor:
    """The sum over one process."""
    return tensor


def negative_information(one: Tensor, other: Tensor, total: Total = alone) -> Tensor:
    """-I of the joint distribution of two views' classes, a scalar to be minimized.

    The joint is the symmetric mean of softmax(one)^T softmax(other). What lies below EPS is set to it and gets no
    gradient.

    Args:
        one, other: N x K logits; both get a gradient.
        total: sums over the processes that share a batch.
    """
    joint = total(one.softmax(1).T @ other.softmax(1))
    joint = (joint + joint.T) / 2
    joint = joint / joint.sum()
    rows, columns = joint.sum(1, keepdim=True).clamp(min=EPS), joint.sum(0, keepdim=True).clamp(min=EPS)
    joint = joint.clamp(min=EPS)
    return -(joint * (joint.log() - rows.log() - columns.log())).sum()


def triplet_loss(identity: Tensor, weak: Tensor, strong: Tensor, total: Total = alone) -> Tensor:
    """Mean of `negative_information` over the three pairs of views.

    Args:
        identity, weak, strong: N x K logits of the same images.
        total: sums over the processes that share a batch.
    """
    pairs = ((identity, weak), (identity, strong), (weak, strong))
    return sum((negative_information(*pair, total) for pair in pairs), start=identity.new_zeros(())) / 3
