"""Protocols in two halves: fit to training images once, then ask about as many sets of test images as wanted."""

from collections.abc import Callable
from functools import singledispatch

import numpy as np
import torch
from torch import Tensor

from gristmill.errors import UserError
from gristmill.evaluate.accuracy import place, top
from gristmill.evaluate.knn import votes
from gristmill.evaluate.linear import probe, regress
from gristmill.evaluate.protocols import Labeled
from gristmill.protocols import Descent, Protocol, Regression, Vote

Classifier = Callable[[Tensor], Tensor]
"""From features, N x d, to a score a class, N x C."""


@singledispatch
def fit(protocol: Protocol, train: Labeled, classes: int, rng: np.random.Generator) -> Classifier:
    """What `evaluate.protocols.measure` asks, before it is asked: the same numbers give the same scores.

    Args:
        train: features, N x d float32 or float64, finite; labels.
        classes: C; a class may be missing in `train`.
        rng: of what the protocol draws.

    Raises:
        UserError: a probe that diverged.
    """
    raise NotImplementedError(f"{type(protocol).__name__}: no such kind of protocol")


@fit.register
def _(protocol: Vote, train: Labeled, classes: int, rng: np.random.Generator) -> Classifier:
    def vote(features: Tensor) -> Tensor:
        return torch.cat([each for _, each in votes(features, *train, classes, protocol.k, protocol.temperature)])

    return vote


@fit.register
def _(protocol: Regression, train: Labeled, classes: int, rng: np.random.Generator) -> Classifier:
    return regress(*train, classes, protocol.l2, protocol.iterations)


@fit.register
def _(protocol: Descent, train: Labeled, classes: int, rng: np.random.Generator) -> Classifier:
    *_, last = probe(*train, classes, protocol, rng)
    if not last.weight.isfinite().all():
        raise UserError(f"{protocol.name}: the probe has diverged; linear_lbfgs_1 works with features of any length")
    return last


def figures(scores: Tensor, labels: Tensor) -> dict[str, float]:
    """How well scores name the class; each from 0 to 1, ties go by the lower class.

    Args:
        scores: N x C, at least one row.
        labels: N in 0 .. C - 1.

    Returns:
        `top1`, `top5`: share of the images; `mean_class`: mean over the classes that have images here of the share of
        their images that is named so.
    """
    places = place(scores, labels)
    right = (places < 1).double()
    images = torch.bincount(labels)
    share = torch.bincount(labels, right)[images > 0] / images[images > 0]
    return {"top1": top(places, 1), "top5": top(places, 5), "mean_class": float(share.mean())}
