"""Batches with the same number of images of each of their classes."""

from collections.abc import Callable

import numpy as np
from torch import Tensor

from gristmill.errors import UserError
from gristmill.methods.method import Stream
from gristmill.train.keys import generator


class ClassOrder:
    """Which rows of a stream make the batch of a step: M = N / n classes, and n = `stream.per_class` rows of each.

    Both are drawn anew for every step from its own key, none twice in a batch. So an epoch shows each class equally
    often on average, whatever its size, and not each image once. Rows without a label take no part.

    Args:
        purpose: of the keys.
        labels: of the stream's rows; read at every step, since a method may change them.

    Raises:
        UserError: fewer classes than a batch needs, or one with fewer rows.
    """

    def __init__(self, seed: int, purpose: str, stream: Stream, labels: Callable[[], Tensor]):
        self.seed, self.purpose, self.stream, self.labels = seed, purpose, stream, labels
        self.last: tuple[Tensor, list[np.ndarray]] | None = None
        self.classes()

    def classes(self) -> list[np.ndarray]:
        """The positions of each class's rows."""
        labels = self.labels()
        if self.last is None or self.last[0] is not labels:
            self.last = (labels, grouped(labels.numpy(), self.stream))
        return self.last[1]

    def __call__(self, step: int) -> np.ndarray:
        """Positions in the stream's rows, for the global batch of a step: class after class."""
        classes, each = self.classes(), self.stream.per_class or 1
        rng = generator(self.seed, self.purpose, step)
        chosen = rng.choice(len(classes), self.stream.batch // each, replace=False)
        return np.concatenate([rng.choice(classes[number], each, replace=False) for number in chosen])


def grouped(labels: np.ndarray, stream: Stream) -> list[np.ndarray]:
    """The positions of each class's rows, when there are enough for a batch.

    Args:
        labels: M; a negative one is none.
    """
    batch, each = stream.batch, stream.per_class or 1
    names, counts = np.unique(labels[labels >= 0], return_counts=True)
    if len(names) * each < batch:
        fits = next((n for n in range(each, batch + 1) if batch % n == 0 and n * len(names) >= batch), batch)
        what = f"train.per_class: {each} in a batch of {batch} need {batch // each} classes, there are {len(names)}"
        raise UserError(f"{what}; take {fits}, or a train.batch of at most {len(names) * each}")
    if counts.min() < each:
        few = f"class {names[counts.argmin()]} has only {counts.min()} of the training images"
        raise UserError(f"train.per_class: {each}, but {few}; take no more than it has, or null")
    return [np.flatnonzero(labels == name) for name in names]
