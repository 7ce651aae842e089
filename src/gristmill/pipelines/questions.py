"""Protocols fitted to the labeled images of a task, as an encoder shows them; ready to be asked."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
from gristmill.evaluate.ask import Question, Reader
from gristmill.evaluate.finetune import FINETUNE, finetune
from gristmill.evaluate.fit import Classifier, fit
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


def fitted(
    protocols: Sequence[str], encoder: Encoder, task: Known, chosen: Subsets, seed: int, fits: Mapping[str, Fit]
) -> list[Question]:
    """Every protocol, fitted to every subset; equal subsets share what was fitted.

    Args:
        protocols: names of `gristmill.protocols`, of `fits`, and `finetune_1`.
        seed: of what a protocol draws.
        fits: further ones, that take features.

    Raises:
        UserError: features that are not finite, a protocol that diverged or that reads what the network lacks.
        ValueError: an unknown protocol.
    """
    questions = []
    for name in protocols:
        made: dict[bytes, tuple[Reader, Classifier]] = {}
        for count, rows in chosen:
            key = rows.tobytes()
            if key not in made:
                made[key] = one(name, encoder, task, rows, generator(seed, f"probe/{name}"), fits)
            questions.append(Question(name, count, *made[key]))
    return questions


def one(
    name: str, encoder: Encoder, task: Known, chosen: np.ndarray, rng: np.random.Generator, fits: Mapping[str, Fit]
) -> tuple[Reader, Classifier]:
    """A protocol, fitted to some of the training images; and what it reads."""
    rows, labels = task.of("train")
    rows, labels = rows[chosen], labels[chosen]
    if name == FINETUNE.name:
        tuned = finetune(encoder.network, encoder.images, rows, labels.numpy(), task.classes, encoder.train, rng)
        return Reader(tuned, encoder.test, FINETUNE.reads), logits
    if name not in PROTOCOLS and name not in fits:
        raise ValueError(f"no such protocol {name!r}; there are {', '.join([*PROTOCOLS, *fits, FINETUNE.name])}")
    reads = PROTOCOLS[name].reads if name in PROTOCOLS else "features"

    if reads == "forward" and not isinstance(encoder.network, Headed):
        raise UserError(f"{name}: it reads what a network's one head gives, and this network has several; leave it out")

    def features(part: str) -> Labeled:
        rows, labels = task.of(part)
        return labeled(encoder.read(reads, rows), labels, task.classes, part)

    every, classes = features("train"), task.classes
    train = every[0][chosen], every[1][chosen]
    if name in PROTOCOLS:
        return encoder.readers[reads], fit(PROTOCOLS[name], train, classes, rng)
    whole = chosen.all() and (task.parts == "validation").any()  # with few labels these would be more of them
    return encoder.readers[reads], fits[name](train, features("validation") if whole else None, classes)


def logits(outputs: Tensor) -> Tensor:
    """The outputs of a network that is a classifier itself."""
    return outputs
