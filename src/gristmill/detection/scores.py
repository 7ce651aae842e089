"""What every score of detections looks at first, and gives: a row a class."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gristmill.detection.boxes import Annotated, Found
from gristmill.errors import UserError

OVERLAPS = np.arange(50, 100, 5) / 100   # .5, .55 ... .95
FIGURES = ("ap", "ap50", "ap75")         # the mean over all of OVERLAPS, and two of them alone


def checked(found: Sequence[Found], truth: Sequence[Annotated], classes: Sequence[str]) -> None:
    """Refuse what cannot be scored.

    Raises:
        UserError: a score or a box that is not finite.
        ValueError: not one entry an image, shapes that do not fit, labels that are no class.
    """
    if len(found) != len(truth):
        raise ValueError(f"{len(found)} images with detections, but {len(truth)} with truth")
    for seen, known in zip(found, truth, strict=True):
        count = len(seen.scores)
        if seen.boxes.shape != (count, 4) or seen.labels.shape != (count,) or seen.scores.shape != (count,):
            shapes = ", ".join(str(array.shape) for array in (seen.boxes, seen.labels, seen.scores))
            raise ValueError(f"{known.name}: boxes K x 4, labels K and scores K are needed, found {shapes}")
        for labels in (seen.labels, known.labels):
            if len(labels) and not 0 <= labels.min() <= labels.max() < len(classes):
                raise ValueError(f"{known.name}: labels 0 to {len(classes) - 1} are possible, found {labels}")
        wrong = count - int((np.isfinite(seen.scores) & np.isfinite(seen.boxes).all(1)).sum())
        if wrong:
            what = f"{wrong} of {count} detections have a score or a box that is not finite"
            raise UserError(f"{known.name}: {what}: the detector has diverged; train it with a smaller learning rate")


def counted(truth: Sequence[Annotated], classes: Sequence[str]) -> np.ndarray:
    """How many boxes of each class count: C int64."""
    labels = [known.labels[~known.difficult] for known in truth]
    return np.bincount(np.concatenate([np.empty(0, np.int64), *labels]), minlength=len(classes))


def by_class(classes: Sequence[str], boxes: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    """A table of `class`, `boxes` and FIGURES (0 to 1).

    Args:
        boxes: C, how many count.
        values: C x 10, average precision at each of OVERLAPS; NaN for a class without a box that counts.
    """
    at = OVERLAPS.tolist().index
    means = (values.mean(1), values[:, at(0.5)], values[:, at(0.75)])
    return pd.DataFrame({"class": list(classes), "boxes": boxes, **dict(zip(FIGURES, means, strict=True))})


def over_classes(table: pd.DataFrame) -> dict[str, float]:
    """FIGURES as means over the classes that have a box that counts; NaN where there is none."""
    return {str(name): float(value) for name, value in table[[*FIGURES]].mean().items()}
