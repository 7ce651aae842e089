"""Average precision as the PASCAL VOC challenges define it.

Everingham, Van Gool, Williams, Winn, Zisserman: The PASCAL visual object classes (VOC) challenge. IJCV 88 (2010)
303-338. VOC 2007 takes the mean over 11 points, from 2010 on it is the area. The mean over several overlaps is
COCO's idea; MoCo's tables give it with the 11 points.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gristmill.detection.boxes import Annotated, Found
from gristmill.detection.overlap import overlaps
from gristmill.detection.scores import OVERLAPS, by_class, checked, counted


def precision_recall(hits: np.ndarray, positives: int) -> tuple[np.ndarray, np.ndarray]:
    """Recall and precision of the surest 1, 2 ... n detections.

    Args:
        hits: n bool, by falling score.
        positives: boxes to find, at least 1.

    Returns:
        n float64 each.
    """
    right = np.cumsum(hits)
    return right / positives, right / np.arange(1, len(hits) + 1)


def eleven_points(recall: np.ndarray, precision: np.ndarray) -> float:
    """The mean of the best precision at a recall of at least 0, .1 ... 1; 0 without a detection."""
    reached = recall >= np.arange(11)[:, None] / 10   # 11 x n
    return float(np.where(reached, precision, 0).max(1, initial=0).mean())


def area(recall: np.ndarray, precision: np.ndarray) -> float:
    """The area below precision over recall, each precision raised to the best one of a higher recall."""
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall, prepend=0) * best))


RULES = {"eleven_points": eleven_points, "area": area}


def average_precision(
    found: Sequence[Found], truth: Sequence[Annotated], classes: Sequence[str], rule: str = "eleven_points"
) -> pd.DataFrame:
    """Average precision of each class.

    A detection hits the box of its class that it overlaps most, where the overlap is at least the threshold and no
    surer detection has hit it. One that does so with a difficult box does not count. Equal scores keep the order of
    images and detections.

    Args:
        found, truth: one entry an image.
        rule: one of RULES.

    Returns:
        A row a class: `class`, `boxes` (that count), `ap` (mean over OVERLAPS), `ap50`, `ap75`, 0 to 1. 0 without a
        detection, NaN without a box that counts; `scores.over_classes` gives the means.

    Raises:
        UserError: a score or a box that is not finite.
    """
    checked(found, truth, classes)
    boxes = counted(truth, classes)
    values = np.full((len(classes), len(OVERLAPS)), np.nan)
    for label in np.flatnonzero(boxes):
        best, box, difficult = _ranked(found, truth, int(label))
        for column, least in enumerate(OVERLAPS):
            hits = _hits(best >= least, box, difficult)
            values[label, column] = RULES[rule](*precision_recall(hits, int(boxes[label])))
    return by_class(classes, boxes, values)


def _ranked(
    found: Sequence[Found], truth: Sequence[Annotated], label: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All detections of a class by falling score: largest overlap, number of that box, whether it is difficult."""
    scores, best, box, difficult = ([np.empty(0, kind)] for kind in (np.float32, np.float64, np.int64, bool))
    before = 0
    for seen, known in zip(found, truth, strict=True):
        own, there = seen.labels == label, known.labels == label
        # One more box that nothing overlaps: argmax needs one.
        shared = np.pad(overlaps(seen.boxes[own], known.boxes[there]), ((0, 0), (0, 1)))
        place = shared.argmax(1)
        scores.append(seen.scores[own])
        best.append(shared.max(1))
        box.append(before + place)
        difficult.append(np.append(known.difficult[there], False)[place])
        before += shared.shape[1]
    order = np.argsort(-np.concatenate(scores), kind="stable")
    return np.concatenate(best)[order], np.concatenate(box)[order], np.concatenate(difficult)[order]


def _hits(near: np.ndarray, box: np.ndarray, difficult: np.ndarray) -> np.ndarray:
    """Of the detections that count, by falling score, whether each is the first that is near its box."""
    first = np.zeros(len(near), bool)
    first[np.flatnonzero(near)[np.unique(box[near], return_index=True)[1]]] = True
    return first[~(near & difficult)]
