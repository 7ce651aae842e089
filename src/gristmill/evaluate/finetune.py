"""Fine-tuning: a copy of a backbone and a new linear layer learn the labels together.

The layer starts where logistic regression on the backbone's features ends (Kumar et al., ICLR 2022, 2202.10054): in the
few steps of a fit a layer that starts at random does not get as far.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from math import cos, pi
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gristmill.data.packed import Images, gather, parts, sizes_of
from gristmill.errors import UserError
from gristmill.evaluate.features import View
from gristmill.evaluate.linear import Linear
from gristmill.networks.classifier import decay_groups
from gristmill.networks.headed import Classified
from gristmill.protocols import Protocol

PIXELS = 2**22  # of the views that are made in one go, at least one batch


@dataclass(frozen=True)
class FineTune(Protocol):
    """Backbone and linear layer by stochastic gradient descent with Nesterov momentum, cosine to 0.

    Attributes:
        lr: of the first step.
        weight_decay: of what has more than one dimension; not of biases and batch norm.
        steps, batch: as many however few images there are; they come in a new order again and again.
        start: protocol that gives the layer its first weights.
        area: of a crop, shares of the image, where the encoder's recipe crops and its file does not say how.
    """

    lr: float
    momentum: float
    weight_decay: float
    steps: int
    batch: int
    start: str
    area: tuple[float, float]

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        return self.lr * 0.5 * (1 + cos(pi * step / self.steps))


FINETUNE = FineTune(
    "finetune", 1, "Gristmill's own", "forward", lr=0.03, momentum=0.9, weight_decay=5e-4, steps=100, batch=64,
    start="linear_lbfgs_1", area=(0.2, 1.0),
)  # fmt: skip
# The rate by a few trials with SimCLR's encoder of Omniglot, on drawers 13 and 14 of the training part, which were
# not tuned on (484 drawings, one seed; right of 3 and of 12 drawings a character): the layer alone 53 and 71 %;
# 0.03: 54 and 72 %; 0.1: 53 (60 steps) and 73 %. From a layer that starts at random: 28 % of 3 at 0.3, 60 steps. The
# weight decay is that of the trainings.


def finetune(
    network: Any,
    images: Images,
    rows: np.ndarray,
    labels: np.ndarray,
    layer: Linear,
    view: View,
    rng: np.random.Generator,
    protocol: FineTune = FINETUNE,
) -> Classified:
    """A classifier that starts from the backbone of `network`, which stays as it is.

    Batch norm learns, too, in training mode.

    Args:
        network: has a `backbone` with a `width`, N x channels x H x W to N x d.
        images: M x H x W x C uint8, or packed ones of many sizes; may be memory-mapped.
        rows: N places in `images`.
        labels: N in 0 .. C - 1.
        layer: what the linear layer starts as, C x d and C.
        view: the random view of a training image.
        rng: of the order and the views. The same one gives the same bits, on as many threads.

    Returns:
        a network with `forward`, N x channels x H x W to N x C, on the device of `network`, in eval mode.

    Raises:
        UserError: it has diverged.
        ValueError: no image, labels that do not fit.
    """
    if not len(rows) or len(rows) != len(labels):
        raise ValueError(f"rows: as many as labels and at least one are needed, found {len(rows)} and {len(labels)}")
    classes = len(layer.bias)
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels: 0 to {classes - 1} are possible, found {labels.min()} to {labels.max()}")
    tuned = started(network, layer)
    home = next(tuned.parameters()).device
    decayed, spared = decay_groups(tuned, "weights")
    groups = [{"params": decayed, "weight_decay": protocol.weight_decay}, {"params": spared}]
    optimizer = torch.optim.SGD(groups, lr=protocol.lr, momentum=protocol.momentum, nesterov=True)
    tuned.train()
    for step, (shown, chosen) in enumerate(batches(images, np.asarray(rows, np.int64), view, home, rng, protocol)):
        loss = cross_entropy(tuned(shown), torch.from_numpy(labels[chosen]).long().to(home))
        for group in optimizer.param_groups:
            group["lr"] = protocol.rate(step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if not all(tensor.isfinite().all() for tensor in tuned.state_dict().values()):
        raise UserError(f"{protocol.name}: the encoder has diverged while it was tuned; linear_lbfgs_1 works with any")
    return tuned.eval()


def started(network: Any, first: Linear) -> Classified:
    """The copy, with its new layer."""
    backbone, (classes, width) = deepcopy(network.backbone), first.weight.shape
    layer: Any = nn.utils.skip_init(nn.Linear, width, classes)  # torch's own generator is left alone
    with torch.no_grad():
        layer.weight.copy_(first.weight)
        layer.bias.copy_(first.bias)
    home = next((p.device for p in backbone.parameters()), torch.device("cpu"))
    return Classified(backbone, layer).to(home, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def batches(
    images: Images, rows: np.ndarray, view: View, home: torch.device, rng: np.random.Generator, protocol: FineTune
) -> Iterator[tuple[Tensor, np.ndarray]]:
    """Views of each step, B x C x size x size float32, and B places in `rows`."""
    count, size, order = protocol.steps * protocol.batch, protocol.batch, np.empty(0, np.int64)
    while len(order) < count:
        order = np.concatenate([order, rng.permutation(len(rows))])
    wide = max(1, PIXELS // (size * getattr(view, "size", 1) ** 2)) * size
    for start in range(0, count, wide):
        chosen = order[start : min(start + wide, count)]
        views = seen(images, rows[chosen], view, home, rng)
        yield from zip(views.split(size), np.split(chosen, range(size, len(chosen), size)), strict=True)


def seen(images: Images, rows: np.ndarray, view: View, home: torch.device, rng: np.random.Generator) -> Tensor:
    """Random views of some images, N x C x size x size."""
    made = []
    for part in parts(images, rows):
        own = rows[part]
        drawn = view.draw(rng, len(own), *sizes_of(images, own))
        pixels = torch.from_numpy(gather(images, own)).to(home).permute(0, 3, 1, 2)
        made.append(view.apply(pixels, drawn))
    return torch.cat(made).contiguous(memory_format=torch.channels_last)
