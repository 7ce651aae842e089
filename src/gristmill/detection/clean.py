"""What no detector can learn is left out, and said."""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from gristmill.detection.boxes import Annotated
from gristmill.errors import UserError

LEARNED = ("train", "validation")


def cleaned(
    source: str, annotated: Sequence[Annotated], part: Sequence[str], classes: Sequence[str]
) -> tuple[list[Annotated], list[str]]:
    """Leave out boxes without area, and classes that no image outside the test part shows, with their boxes.

    A line on stderr says how many. Images without a box stay: a detector shall find nothing there. A source of test
    images only keeps all its classes.

    Args:
        source: what a line begins with.
        annotated, part: one entry an image; labels are places in `classes`.

    Returns:
        The truths, and the classes that are left, in their order.

    Raises:
        UserError: no box is left to learn from.
    """
    kept = [_with(known, np.all(known.boxes[:, 2:] > known.boxes[:, :2], axis=1)) for known in annotated]
    flat = [known.name for known, rest in zip(annotated, kept, strict=True) if len(rest.boxes) < len(known.boxes)]
    if flat:
        count = sum(len(known.boxes) for known in annotated) - sum(len(known.boxes) for known in kept)
        _say(f"{source}: {_boxes(count)} without area left out, in {', '.join(flat[:3])}{' ...' if flat[3:] else ''}")
    learned = [known for known, place in zip(kept, part, strict=True) if place in LEARNED]
    if not learned:
        return kept, list(classes)
    shown = np.unique(np.concatenate([known.labels for known in learned]))
    if not len(shown):
        raise UserError(f"{source}: no training image has a box with an area; there is nothing to learn from")
    place = np.full(len(classes), -1)
    place[shown] = np.arange(len(shown))
    for label in np.flatnonzero(place < 0).tolist():
        count = sum(int((known.labels == label).sum()) for known in kept)
        if count:
            why = f"class '{classes[label]}' occurs in test images only"
            _say(f"{source}: {why}: left out with its {_boxes(count)}")
    kept = [_with(known, place[known.labels] >= 0) for known in kept]
    left = [classes[int(label)] for label in shown]
    return [_with(known, slice(None), place[known.labels]) for known in kept], left


def _boxes(count: int) -> str:
    return f"{count:,} box{'es' if count > 1 else ''}"


def _with(known: Annotated, rows: Any, labels: np.ndarray | None = None) -> Annotated:
    """Some boxes of an image (`rows` indexes an array), with other labels where they are given."""
    masks = None
    if known.masks is not None:
        masks = [known.masks[row] for row in np.arange(len(known.boxes))[rows].tolist()]
    own = known.labels[rows] if labels is None else labels.astype(np.int64)
    return Annotated(known.name, known.boxes[rows], own, known.difficult[rows], masks)


def _say(line: str) -> None:
    print(line, file=sys.stderr)
