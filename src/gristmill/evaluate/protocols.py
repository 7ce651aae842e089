"""Features judged by a named protocol."""

from functools import singledispatch

import numpy as np
import torch
from torch import Tensor

from gristmill.errors import UserError
from gristmill.evaluate.accuracy import labeled, place, top
from gristmill.evaluate.knn import votes
from gristmill.evaluate.linear import Linear, probe, regress
from gristmill.protocols import PROTOCOLS, Descent, Protocol, Regression, Vote

Labeled = tuple[Tensor, Tensor]
"""Features, N x d of any floating type, and labels, N integers from 0."""


def measure(name: str, train: Labeled, test: Labeled, classes: int, rng: np.random.Generator) -> dict[str, float]:
    """What a protocol says of features.

    Args:
        name: of the protocol (`gristmill.protocols.PROTOCOLS`); it says what the network's features are (`reads`).
        train: of the images that vote or that the classifier is trained with.
        test: of the images that are judged.
        classes: C; labels are below it. A class may be missing in `train`; its test images count.
        rng: of what the protocol draws, if anything.

    Returns:
        `<name>_top1`, `<name>_top5`: from 0 to 1, the true class is the first, is among the first five; ties go by the
        lower class. `<name>_top1_best_on_test`, of a classifier trained in epochs: its best epoch, chosen by these very
        test images as the papers do, and so too good; the others are of its last epoch.

    Raises:
        UserError: features that are not finite, a probe that diverged.
        ValueError: labels that do not fit.
    """
    known = labeled(*train, classes, "train")
    asked = labeled(*test, classes, "test")
    mine, its = asked[0].shape[1], known[0].shape[1]
    if mine != its:
        raise ValueError(f"test features: {mine} values a row, but those of train have {its}")
    found = judge(PROTOCOLS[name], known, asked, classes, rng)
    return {f"{name}_{figure}": value for figure, value in found.items()}


@singledispatch
def judge(
    protocol: Protocol, train: Labeled, test: Labeled, classes: int, rng: np.random.Generator
) -> dict[str, float]:
    """The figures of `measure`, without the protocol's name."""
    raise NotImplementedError(f"{type(protocol).__name__}: no such kind of protocol")


@judge.register
def _(protocol: Vote, train: Labeled, test: Labeled, classes: int, rng: np.random.Generator) -> dict[str, float]:
    scores = votes(test[0], *train, classes, protocol.k, protocol.temperature)
    return tops(torch.cat([place(score, test[1][block].cpu()) for block, score in scores]))


@judge.register
def _(protocol: Regression, train: Labeled, test: Labeled, classes: int, rng: np.random.Generator) -> dict[str, float]:
    return tops(places(regress(*train, classes, protocol.l2, protocol.iterations), test))


@judge.register
def _(protocol: Descent, train: Labeled, test: Labeled, classes: int, rng: np.random.Generator) -> dict[str, float]:
    best, found = 0.0, {}
    for classifier in probe(*train, classes, protocol, rng):
        if not classifier.weight.isfinite().all():
            raise UserError(
                f"{protocol.name}: the probe has diverged: its learning rate is for features of ordinary length, these "
                f"have {float(train[0].norm(dim=1).mean()):.3g}; linear_lbfgs_1 works with any"
            )
        found = tops(places(classifier, test))
        best = max(best, found["top1"])
    return found | {"top1_best_on_test": best}


def places(classifier: Linear, test: Labeled) -> Tensor:
    """N: how many classes are ahead of the true one."""
    return place(classifier(test[0]), test[1])


def tops(places: Tensor) -> dict[str, float]:
    return {"top1": top(places, 1), "top5": top(places, 5)}
