"""Linear transfer: logistic regression on features that do not change, its regularization chosen by validation images.

The linear protocol of SimCLR (Chen et al., ICML 2020, 2002.05709, appendix B.8), BYOL and SupCon. An image has one
class, or any number of them (Pascal VOC); then each class is a question of its own, yes or no.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import linear, softplus

from gristmill.errors import UserError
from gristmill.evaluate.linear import Linear
from gristmill.evaluate.score import map_11, top1
from gristmill.evaluate.space import Space
from gristmill.transfer_protocols import LINEAR_TRANSFER, Sweep

Labeled = tuple[Tensor, Tensor]
"""Features, N x d of any floating type; labels, N integers from 0, or N x C of 1 (yes), 0 (no), -1 (does not count)."""
Score = Callable[[Tensor, Tensor], float]
"""A figure of logits N x C and labels, see `evaluate.score`."""


@dataclass(frozen=True)
class Chosen:
    """A classifier and how it was chosen.

    Attributes:
        classifier: fitted to the images of training and of validation together.
        strength: of its regularization.
        scores: what each strength, from strong to weak, reached on the validation images, from 0 to 1; empty where
            there was none to validate with.
    """

    classifier: Linear
    strength: float
    scores: list[float]


def linear_transfer(
    train: Labeled, validation: Labeled | None, test: Tensor, classes: int, score: Score | None = None
) -> Tensor:
    """Logits of test images by `linear_transfer_1`, N x C, float64; see `fit_transfer`.

    Args:
        test: features of the images that are asked about, N x d.
    """
    logits = fit_transfer(train, validation, classes, score).classifier(test)
    if not logits.isfinite().all():
        raise UserError("test features: not all are finite: the network has diverged; train it with a smaller train.lr")
    return logits


def fit_transfer(
    train: Labeled,
    validation: Labeled | None,
    classes: int,
    score: Score | None = None,
    protocol: Sweep = LINEAR_TRANSFER,
) -> Chosen:
    """Choose the strength of the regularization by validation images, then fit it to these and the training images.

    Of equally good strengths the strongest is taken. Where no class has two training images and nothing validates, it
    is the one in the middle.

    Args:
        train: images that the classifier is trained with.
        validation: images that choose; None: a share of each class of `train` is held out (`held_out`).
        classes: C.
        score: by which is chosen, best the figure by which the data set is judged; else top-1 accuracy, or mean
            average precision where an image has several classes.

    Raises:
        UserError: features that are not finite.
        ValueError: shapes or labels that do not fit, no image.
    """
    train = looked_at(train, classes, "train")
    everything = train
    if validation is None:
        held = held_out(train[1], classes, protocol.held_out, protocol.seed)
        train, validation = (train[0][~held], train[1][~held]), (train[0][held], train[1][held])
    else:
        validation = looked_at(validation, classes, "validation")
        everything = torch.cat([train[0], validation[0]]), torch.cat([train[1], validation[1]])
    strengths = protocol.strengths
    scores, chosen, start = [], len(strengths) // 2, None
    if len(validation[0]):
        score = score or (map_11 if train[1].ndim == 2 else top1)
        for place, classifier in enumerate(path(*train, classes, protocol)):
            scores.append(score(classifier(validation[0]), validation[1]))
            if start is None or scores[place] > scores[chosen]:
                chosen, start = place, classifier
    first, space = start or plainest(*everything, classes), Space.of(everything[0])
    last = fitted(space, *everything, first, strengths[chosen], protocol.last_iterations, torch.float64)
    return Chosen(last, strengths[chosen], scores)


def looked_at(images: Labeled, classes: int, name: str) -> Labeled:
    """Features in float64 and labels, if they are as they must be.

    Raises:
        UserError: features that are not finite.
        ValueError: shapes or labels that do not fit, no image.
    """
    features, labels = images
    if features.ndim != 2 or 0 in features.shape or not features.is_floating_point():
        found = f"{features.dtype} of the shape {tuple(features.shape)}"
        raise ValueError(f"{name} features: a table N x d of at least one row is needed, found {found}")
    if tuple(labels.shape) not in ((len(features),), (len(features), classes)) or labels.is_floating_point():
        found = f"{labels.dtype} of the shape {tuple(labels.shape)}"
        raise ValueError(f"{name} labels: N or N x {classes} integers for {len(features)} images, found {found}")
    low, high = (0, classes - 1) if labels.ndim == 1 else (-1, 1)
    if labels.min() < low or labels.max() > high:
        raise ValueError(f"{name} labels: {low} to {high} are possible, found {labels.min()} to {labels.max()}")
    bad = int((~features.isfinite().all(1)).sum())
    if bad:
        raise UserError(
            f"{name} features: {bad} of {len(features)} rows are not finite: the network has diverged; train it with "
            "a smaller train.lr"
        )
    return features.double(), labels.long()


def held_out(labels: Tensor, classes: int, share: float, seed: int) -> Tensor:
    """N: which images validate: of each class the same share, at least one where it has two.

    Where an image has several classes, it is drawn without regard to them. The draw depends on the labels alone.
    """
    rng = np.random.default_rng(seed)
    order = torch.from_numpy(rng.permutation(len(labels)))
    chosen = torch.zeros(len(labels), dtype=torch.bool)
    groups = [order] if labels.ndim == 2 else [order[labels[order] == each] for each in range(classes)]
    for group in groups:
        if len(group) > 1:
            chosen[group[: max(1, round(share * len(group)))]] = True
    return chosen


def path(features: Tensor, labels: Tensor, classes: int, protocol: Sweep) -> Iterator[Linear]:
    """A classifier for each strength, from strong to weak, each fitted from where the last one ended."""
    space = Space.of(features)
    found = plainest(features, labels, classes)
    for strength in protocol.strengths:
        found = fitted(space, features, labels, found, strength, protocol.iterations, torch.float32)
        yield found


def plainest(features: Tensor, labels: Tensor, classes: int) -> Linear:
    """The classifier without any weight: its biases say how frequent classes are; none is quite impossible."""
    if labels.ndim == 2:
        yes, no = ((labels == value).sum(0).double() + 0.1 for value in (1, 0))
        bias = yes.log() - no.log()
    else:
        bias = (torch.bincount(labels, minlength=classes).double() + 0.1).log()
    return Linear(features.new_zeros(classes, features.shape[1]), bias - bias.mean() * (labels.ndim == 1))


def fitted(
    space: Space, features: Tensor, labels: Tensor, start: Linear, strength: float, iterations: int, dtype: torch.dtype
) -> Linear:
    """The minimum of the summed loss + strength / 2 |W|^2, W the weights in the space, by L-BFGS from `start`.

    L-BFGS works on weights multiplied by the root of their curvature, as it is on average at the start: few iterations
    are enough then, however strongly features are correlated.

    Args:
        iterations: at most.
        dtype: of the computation; the classifier is float64.
    """
    x = space.into(features).to(dtype)
    weight, bias = space.weights(start)
    penalty = strength / len(x)
    logits = linear(x, weight.to(dtype), bias.to(dtype))
    share = logits.softmax(1) if labels.ndim == 1 else logits.sigmoid()
    curvature = float((share * (1 - share)).mean().clamp(min=1e-8))
    scale, bias_scale = (curvature * space.variance + penalty).sqrt().to(dtype), curvature**0.5  # r
    turned = (weight * scale).to(dtype).requires_grad_()
    moved = (bias * bias_scale).to(dtype).requires_grad_()
    optimizer = torch.optim.LBFGS(
        [turned, moved],
        max_iter=iterations,
        max_eval=2 * iterations,
        history_size=10,
        tolerance_grad=0.0,
        tolerance_change=1e-6 if dtype == torch.float32 else 1e-9,
        line_search_fn="strong_wolfe",
    )

    @torch.no_grad()
    def objective() -> Tensor:
        own = turned / scale
        loss, slope = loss_and_slope(linear(x, own, moved / bias_scale), labels)
        turned.grad, moved.grad = (slope.T @ x + penalty * own) / scale, slope.sum(0) / bias_scale
        return loss + penalty / 2 * own.square().sum()

    optimizer.step(objective)  # pyright: ignore[reportArgumentType]
    return space.classifier((turned.detach() / scale).double(), (moved.detach() / bias_scale).double())


def loss_and_slope(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The mean over N images of the cross entropy, and its gradient by the logits, N x C.

    Where an image has several classes: of the binary cross entropies of all classes, added up. Written out, since
    nearly all time goes here: this takes the exponential of each logit once.
    """
    if labels.ndim == 2:
        known = (labels >= 0).to(logits)
        there = labels.clamp(min=0).to(logits)
        loss = ((softplus(logits) - there * logits) * known).sum() / len(logits)
        return loss, (logits.sigmoid() - there) * known / len(logits)
    highest = logits.amax(1, keepdim=True)
    own = logits.gather(1, labels[:, None])
    share = (logits - highest).exp_()
    total = share.sum(1, keepdim=True)
    loss = (total.log() + highest - own).mean()
    share /= total
    share[torch.arange(len(labels)), labels] -= 1
    return loss, share.div_(len(logits))
