"""Protocols fitted to the labeled images of a task, as an encoder shows them; ready to be asked."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from gristmill.attributes import attributes
from gristmill.data.packed import Images, Packed
from gristmill.errors import UserError
from gristmill.evaluate.accuracy import labeled
from gristmill.evaluate.adapted import adapted
from gristmill.evaluate.ask import Reader
from gristmill.evaluate.finetune import FINETUNE, finetune
from gristmill.evaluate.fit import Classifier, fit
from gristmill.evaluate.linear import Linear
from gristmill.evaluate.protocols import Labeled
from gristmill.labels.nested import by_count, coinciding
from gristmill.networks.headed import Headed
from gristmill.protocols import PROTOCOLS
from gristmill.train.keys import generator
from gristmill.views.recipes import recipe
from gristmill.views.view import View

Fit = Callable[[Labeled, Labeled | None, int], Classifier]  # of training images, of images to choose by, and of C
Subsets = list[tuple[float, np.ndarray]]
"""Images a class (NaN: all), and which of the training images these are, bool."""


@dataclass(frozen=True)
class Known:
    """The images of a task whose class is known.

    Attributes:
        rows: N places in the images.
        parts: N names.
        labels: N in 0 .. classes - 1.
        classes: C.
    """

    rows: np.ndarray
    parts: np.ndarray
    labels: Tensor
    classes: int

    def of(self, part: str) -> tuple[np.ndarray, Tensor]:
        """Rows and labels of a part."""
        own = self.parts == part
        return self.rows[own], self.labels[own]


def known(own: pd.DataFrame) -> Known:
    """The images with a fine label.

    Args:
        own: the task, of one seed.

    Raises:
        UserError: none of them is for training, or none for testing.
    """
    some = own.loc[own["fine"] >= 0]
    for part, name in (("train", "training"), ("test", "test")):
        if not (some["part"] == part).any():
            raise UserError(f"probes: the task has no {name} image whose class is known; name another task")
    classes, labels = np.unique(some["fine"], return_inverse=True)
    return Known(some["row"].to_numpy(np.int64), some["part"].to_numpy(), torch.from_numpy(labels), len(classes))


def asked(own: pd.DataFrame, count: int | None, seed: int) -> pd.DataFrame:
    """The task with so many test images of each class; None: with all.

    Args:
        own: the task, of one seed.
    """
    if count is None:
        return own
    return own.loc[(own["part"] != "test") | by_count(own, [count], seed, "test")[count]]


def subsets(own: pd.DataFrame, counts: Sequence[int] | None, seed: int) -> Subsets:
    """The labeled training images, all or so many of each class; says so where counts give the same images.

    Args:
        own: the task, of one seed.
        counts: images of each class; None: all.
    """
    train = own.loc[(own["part"] == "train") & (own["fine"] >= 0)]
    if counts is None:
        return [(float("nan"), np.ones(len(train), bool))]
    chosen = by_count(train, counts, seed)
    for alike in coinciding(chosen):
        several = ", ".join(map(str, alike))
        print(f"probes: labels: {several} a class are the same images: no class has more", file=sys.stderr)
    return [(float(count), rows) for count, rows in chosen.items()]


class Encoder:
    """An encoder, as it is shown the images of a task.

    Args:
        network: as restored.
        view: its test view.
        made: the recipe in its file.
        images: of the task.
        batch: images at a time.
    """

    def __init__(self, network: nn.Module, view: View, made: dict[str, Any], images: Images, batch: int):
        how = made["channels"], isinstance(images, Packed)
        self.network, self.images, self.batch = network, images, batch
        self.test = adapted(view, *how)
        self.train = adapted(recipe(attributes({"area": FINETUNE.area, **made["views"]}), "weak"), *how)
        self.readers = {reads: Reader(network, self.test, reads) for reads in ("features", "forward")}
        self.kept: dict[tuple[str, bytes], Tensor] = {}

    def read(self, reads: str, rows: np.ndarray) -> Tensor:
        """Outputs of some images as they are, N x d float32; the same ones pass once."""
        key = reads, rows.tobytes()
        if key not in self.kept:
            self.kept[key] = self.readers[reads](self.images, rows, self.batch)
        return self.kept[key]


@dataclass(frozen=True)
class Fitting:
    """Fits protocols to training images; what was fitted once is not fitted again.

    Attributes:
        seed: of what a protocol draws.
        fits: protocols beside those of `gristmill.protocols` and `finetune_1`; they take features.
    """

    encoder: Encoder
    task: Known
    seed: int
    fits: Mapping[str, Fit]
    made: dict[tuple[str, bytes], tuple[Reader, Classifier]] = field(default_factory=dict)

    def __call__(self, name: str, chosen: np.ndarray) -> tuple[Reader, Classifier]:
        """A protocol, fitted to some of the training images (bool); and what it reads.

        Raises:
            UserError: features that are not finite, a protocol that diverged or that reads what the network lacks.
            ValueError: an unknown protocol.
        """
        key = name, chosen.tobytes()
        if key not in self.made:
            fit_it = self.tuned if name == FINETUNE.name else self.on_outputs
            self.made[key] = fit_it(name, chosen)
        return self.made[key]

    def on_outputs(self, name: str, chosen: np.ndarray) -> tuple[Reader, Classifier]:
        """A protocol whose network stays as it is."""
        if name not in PROTOCOLS and name not in self.fits:
            names = ", ".join([*PROTOCOLS, *self.fits, FINETUNE.name])
            raise ValueError(f"no such protocol {name!r}; there are {names}")
        reads = PROTOCOLS[name].reads if name in PROTOCOLS else "features"
        if reads == "forward" and not isinstance(self.encoder.network, Headed):
            raise UserError(f"{name}: asks a network with one head, but this one has several; leave it out")
        features, labels = self.outputs(reads, "train")
        train, reader, classes = (features[chosen], labels[chosen]), self.encoder.readers[reads], self.task.classes
        if name in PROTOCOLS:
            return reader, fit(PROTOCOLS[name], train, classes, generator(self.seed, f"probe/{name}"))
        whole = chosen.all() and (self.task.parts == "validation").any()  # with few labels these would be more of them
        return reader, self.fits[name](train, self.outputs(reads, "validation") if whole else None, classes)

    def outputs(self, reads: str, part: str) -> Labeled:
        """What the network says of a part's images, and their labels."""
        rows, labels = self.task.of(part)
        return labeled(self.encoder.read(reads, rows), labels, self.task.classes, part)

    def tuned(self, name: str, chosen: np.ndarray) -> tuple[Reader, Classifier]:
        """A network that is a classifier itself."""
        _, layer = self(FINETUNE.start, chosen)
        assert isinstance(layer, Linear)
        rows, labels = self.task.of("train")
        some, own = rows[chosen], labels.numpy()[chosen]
        rng, encoder = generator(self.seed, f"probe/{name}"), self.encoder
        network = finetune(encoder.network, encoder.images, some, own, layer, encoder.train, rng)
        return Reader(network, encoder.test, FINETUNE.reads), logits


def logits(outputs: Tensor) -> Tensor:
    """The outputs as they are."""
    return outputs
