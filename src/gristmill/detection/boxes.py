"""What readers, detectors and scores tell each other: truth and finds of images as boxes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Annotated:
    """The truth of one image.

    Attributes:
        name: of the image.
        boxes: K x 4 float32, x0, y0, x1, y1 in pixels; x1 > x0 and y1 > y0.
        labels: K int64, places in the list of classes, from 0.
        difficult: K bool, not counted (VOC's difficult, COCO's crowd).
        masks: a mask a box in COCO's form, polygons (lists of x, y, x, y, ...) or a run-length code (a dict with size
            and counts); None where the set has no masks.
    """

    name: str
    boxes: np.ndarray
    labels: np.ndarray
    difficult: np.ndarray
    masks: list[Any] | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """What a detector says of one image.

    Attributes:
        boxes: K x 4 float32, x0, y0, x1, y1 in pixels.
        labels: K int64, from 0.
        scores: K float32, higher is surer.
        masks: K x H x W bool, None from a detector of boxes alone.
    """

    boxes: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    masks: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class DetectionSet:
    """Images with boxes; image i has annotated[i] and part[i].

    Attributes:
        images: i -> H x W x 3 uint8; reads the file when it is asked.
        annotated: N truths.
        classes: names of the labels.
        part: N of train, validation, test.
    """

    images: Callable[[int], np.ndarray]
    annotated: list[Annotated]
    classes: list[str]
    part: list[str]
