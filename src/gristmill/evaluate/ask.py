"""Several classifiers asked about the same test images, as they are and changed; each image is changed once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gristmill.data.packed import Images, Packed, gather, tail
from gristmill.evaluate.accuracy import labeled
from gristmill.evaluate.features import View, batches, extract
from gristmill.evaluate.fit import Classifier, figures

Change = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From images, N x H x W x C uint8, and their rows, N, to other images of the same shape."""


@dataclass(frozen=True, eq=False)
class Reader:
    """A network and what is read of it.

    Attributes:
        network: as `extract` takes it.
        view: the test view.
        reads: `features` or `forward`.
    """

    network: Any
    view: View
    reads: str

    def __call__(self, images: Images, rows: np.ndarray, batch: int) -> Tensor:
        """N x d float32."""
        return torch.from_numpy(extract(self.network, images, rows, self.view, batch=batch, reads=self.reads))


@dataclass(frozen=True, eq=False)
class Question:
    """A classifier that was fitted, and what it is asked by.

    Attributes:
        protocol: its name.
        labels: images of each class that it was fitted to; NaN: all.
        reader: of the outputs that it takes.
        classifier: from these to scores.
    """

    protocol: str
    labels: float
    reader: Reader
    classifier: Classifier


def ask(
    questions: Iterable[Question],
    images: Images,
    rows: np.ndarray,
    labels: Tensor,
    batch: int,
    change: Change | None = None,
) -> list[dict[str, float]]:
    """The figures of each question (`fit.figures`); those of one classifier are counted once.

    Args:
        images: M x H x W x C uint8, or packed ones of many sizes; may be memory-mapped.
        rows: N places in `images`, of the test images.
        labels: N integers from 0.
        batch: images at a time, at least 2.
        change: what is done to the images before they are shown; of images of many sizes one by one.

    Raises:
        UserError: outputs that are not finite.
    """
    questions, classes = list(questions), int(labels.max()) + 1
    outputs = read(dict.fromkeys(question.reader for question in questions), images, rows, batch, change)
    keys, found = [(question.reader, id(question.classifier)) for question in questions], {}
    for key, question in zip(keys, questions, strict=True):
        if key not in found:
            features, own = labeled(outputs[question.reader], labels, classes, "test")
            found[key] = figures(question.classifier(features), own)
    return [found[key] for key in keys]


def read(
    readers: Iterable[Reader], images: Images, rows: np.ndarray, batch: int, change: Change | None = None
) -> dict[Reader, Tensor]:
    """Reader -> its outputs, N x d float32; changed images are made block by block, and once for all readers."""
    if change is None:
        return {reader: reader(images, rows, batch) for reader in readers}
    parts: dict[Reader, list[Tensor]] = {reader: [] for reader in readers}
    for block in batches(len(rows), batch):
        made = changed(images, rows[block], change)
        for reader, own in parts.items():
            own.append(reader(made, np.arange(len(made)), batch))
    return {reader: torch.cat(own) for reader, own in parts.items()}


def changed(images: Images, rows: np.ndarray, change: Change) -> Images:
    """Some images, changed."""
    if not isinstance(images, Packed):
        return change(gather(images, rows), rows)
    made = [change(np.ascontiguousarray(images[int(row)])[None], np.array([row]))[0] for row in rows]
    end = tail([(image.shape[0], image.shape[1]) for image in made], made[0].shape[2])
    return Packed(np.frombuffer(b"".join([*(image.tobytes() for image in made), end]), np.uint8))
