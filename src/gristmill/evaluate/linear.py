"""Linear probes: how well a linear classifier tells classes apart by features that do not change."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from gristmill.protocols import Descent


@dataclass(frozen=True)
class Linear:
    """x W' + b.

    Attributes:
        weight: C x d.
        bias: C.
    """

    weight: Tensor
    bias: Tensor

    def __call__(self, features: Tensor) -> Tensor:
        """N x C, in the classifier's own precision."""
        return torch.nn.functional.linear(features.to(self.weight.dtype), self.weight, self.bias)


def first_weights(classes: int, width: int, kind: str, rng: np.random.Generator) -> Linear:
    """A classifier to start from, float64.

    Args:
        kind: `normal`: weights N(0, 0.01^2), no biases; `uniform`: torch's own, +-1 / sqrt(d) for both.
    """
    if kind == "normal":
        return Linear(torch.from_numpy(0.01 * rng.standard_normal((classes, width))), torch.zeros(classes).double())
    bound = width**-0.5
    weight, bias = rng.uniform(-bound, bound, (classes, width)), rng.uniform(-bound, bound, classes)
    return Linear(torch.from_numpy(weight), torch.from_numpy(bias))


def descend(
    classifier: Linear,
    batches: Iterable[tuple[Tensor, Tensor, float]],
    momentum: float,
    weight_decay: float = 0.0,
    trust: float | None = None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Stochastic gradient descent on the mean cross entropy, one step a batch; changes the classifier's tensors.

    Args:
        batches: features N x d, labels N, learning rate.
        trust: eta of LARS (You et al., 1708.03888) around it: a gradient g of weights or of biases w becomes
            eta |w| / |g| g, unless one of the two is zero.

    Yields:
        the loss and the logits N x C of each batch, from before its step.
    """
    parameters = [classifier.weight.requires_grad_(), classifier.bias.requires_grad_()]
    optimizer = torch.optim.SGD(parameters, lr=0.0, momentum=momentum, weight_decay=0.0)
    try:
        for features, labels, rate in batches:
            logits = classifier(features)
            loss = cross_entropy(logits, labels)
            for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
                parameter.grad = gradient.add_(parameter.detach(), alpha=weight_decay)
                if trust is not None:
                    length, steep = parameter.detach().norm(), parameter.grad.norm()
                    parameter.grad *= torch.where((length > 0) & (steep > 0), trust * length / steep, 1.0)
            optimizer.param_groups[0]["lr"] = rate
            optimizer.step()
            yield loss.detach(), logits.detach()
    finally:
        for parameter in parameters:
            parameter.requires_grad_(False).grad = None


def probe(
    features: Tensor, labels: Tensor, classes: int, protocol: Descent, rng: np.random.Generator
) -> Iterator[Linear]:
    """Train a classifier as a protocol says; it is yielded after every epoch, and changes with the next.

    Args:
        features: N x d, float32 or float64: the precision of the training.
        labels: N in 0 .. classes - 1.
        rng: of the first weights and of the order of the images.
    """
    first = first_weights(classes, features.shape[1], protocol.first, rng)
    classifier = Linear(first.weight.to(features), first.bias.to(features))
    orders = (torch.from_numpy(rng.permutation(len(features))).to(labels.device) for _ in range(protocol.epochs))
    batches = (
        (features[rows], labels[rows], protocol.rate(epoch))
        for epoch, order in enumerate(orders)
        for rows in order.split(protocol.batch)
    )
    epoch_steps = -(-len(features) // protocol.batch)
    steps = descend(classifier, batches, protocol.momentum, protocol.weight_decay, protocol.trust)
    for step, _ in enumerate(steps, start=1):
        if step % epoch_steps == 0:
            yield Linear(classifier.weight.detach(), classifier.bias.detach())


def scales(features: Tensor) -> tuple[Tensor, Tensor]:
    """The mean of each feature and its standard deviation, d each, float64; 1 for what is constant but for rounding."""
    features = features.double()
    mean, deviation = features.mean(0), features.std(0, correction=0)
    noise = 1e-6 * features.square().mean(0).sqrt()
    return mean, torch.where(deviation > noise, deviation, 1.0)


def regress(features: Tensor, labels: Tensor, classes: int, l2: float, iterations: int) -> Linear:
    """Multinomial logistic regression: the W, b that minimize mean_i CE(W x_i + b, y_i) + l2 |W|^2.

    x are the features standardized, and the classifier that is returned takes them as they were. In float64, by L-BFGS
    from zero: nothing is drawn, and where it has converged nothing depends on the machine.

    Args:
        features: N x d.
        labels: N in 0 .. classes - 1.
        iterations: at most; 40 to 60 are enough where features are not strongly correlated.
    """
    mean, deviation = scales(features)
    x = (features.double() - mean) / deviation
    weight = x.new_zeros(classes, x.shape[1]).requires_grad_()
    bias = x.new_zeros(classes).requires_grad_()
    optimizer = torch.optim.LBFGS(
        [weight, bias],
        max_iter=iterations,
        max_eval=10 * iterations,
        history_size=10,
        tolerance_grad=1e-7,
        tolerance_change=0.0,
        line_search_fn="strong_wolfe",
    )

    def objective() -> Tensor:
        loss = cross_entropy(torch.nn.functional.linear(x, weight, bias), labels) + l2 * weight.square().sum()
        weight.grad, bias.grad = torch.autograd.grad(loss, [weight, bias])
        return loss.detach()

    optimizer.step(objective)  # pyright: ignore[reportArgumentType]
    scaled = weight.detach() / deviation
    return Linear(scaled, bias.detach() - scaled @ mean)
