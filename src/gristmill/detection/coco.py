"""Average precision as COCO defines it, of boxes and of masks: 101 points, overlaps .5 to .95, 100 detections an image.

Lin et al.: Microsoft COCO: common objects in context. ECCV 2014. Computed by pycocotools, which is an extra.
"""

from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from gristmill.detection.boxes import Annotated, Found
from gristmill.detection.scores import OVERLAPS, by_class, checked, counted
from gristmill.errors import UserError

MOST = 100          # detections of an image that are looked at, the surest ones
ALL = [0, 1e10]     # square pixels: boxes of every size
KINDS = ("bbox", "segm")


def average_precision(
    found: Sequence[Found], truth: Sequence[Annotated], classes: Sequence[str], kind: str = "bbox"
) -> pd.DataFrame:
    """Average precision of each class.

    Args:
        found, truth: one entry an image. For `segm` all have masks; those of `found` are as large as the image,
            0 x H x W where nothing is found.
        kind: `bbox`, overlaps of boxes, or `segm`, of masks.

    Returns:
        A row a class: `class`, `boxes` (that count: no crowds), `ap` (mean over OVERLAPS), `ap50`, `ap75`, 0 to 1. 0
        without a detection, NaN without a box that counts; `scores.over_classes` gives the means.

    Raises:
        UserError: pycocotools is not installed; a score or a box that is not finite; `segm` of a set without masks.
    """
    if kind not in KINDS:
        raise ValueError(f"kind: {' or '.join(KINDS)}, not {kind}")
    checked(found, truth, classes)
    if kind == "segm":
        _masks_there(found, truth)
    api, evaluation, masks = _package()
    boxes = counted(truth, classes)
    if not boxes.any():
        return by_class(classes, boxes, np.full((len(classes), len(OVERLAPS)), np.nan))
    known, seen = api.COCO(), api.COCO()
    with redirect_stdout(StringIO()):   # it tells every step
        for told, entries in ((known, _known(truth, kind)), (seen, _seen(found, kind, masks))):
            told.dataset = _set(found, classes, entries)
            told.createIndex()
        score = evaluation.COCOeval(known, seen, kind)
        score.params.areaRng, score.params.areaRngLbl, score.params.maxDets = [ALL], ["all"], [MOST]
        score.evaluate()
        score.accumulate()
    precision = score.eval["precision"][..., 0, 0]   # 10 overlaps x 101 recalls x C, -1 without a box that counts
    values = precision.mean(1).T
    return by_class(classes, boxes, np.where(boxes[:, None] > 0, values, np.nan))


def _package() -> tuple[ModuleType, ModuleType, ModuleType]:
    try:
        from pycocotools import coco, cocoeval, mask  # pyright: ignore[reportMissingImports] # an extra
    except ModuleNotFoundError as error:
        raise UserError("COCO's scores need pycocotools: pip install 'gristmill[coco]'") from error
    return coco, cocoeval, mask


def _masks_there(found: Sequence[Found], truth: Sequence[Annotated]) -> None:
    for seen, known in zip(found, truth, strict=True):
        if known.masks is None:
            raise UserError(f"{known.name}: has boxes without masks; score boxes (bbox) instead")
        if seen.masks is None or seen.masks.ndim != 3 or len(seen.masks) != len(seen.boxes):
            raise ValueError(f"{known.name}: a mask for each detection is needed, K x H x W")


def _set(found: Sequence[Found], classes: Sequence[str], entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Images, classes and annotations as COCO has them; ids of annotations begin at 1, since 0 means none there."""
    images = []
    for number, seen in enumerate(found):
        height, width = (0, 0) if seen.masks is None else seen.masks.shape[1:]
        images.append({"id": number, "height": height, "width": width})
    return {
        "images": images,
        "categories": [{"id": number, "name": name} for number, name in enumerate(classes)],
        "annotations": [{"id": number, **entry} for number, entry in enumerate(entries, 1)],
    }


def _known(truth: Sequence[Annotated], kind: str) -> list[dict[str, Any]]:
    entries = []
    for number, known in enumerate(truth):
        for row, entry in enumerate(_entries(number, known)):
            entry["iscrowd"] = int(known.difficult[row])
            if kind == "segm" and known.masks is not None:
                entry["segmentation"] = known.masks[row]
            entries.append(entry)
    return entries


def _seen(found: Sequence[Found], kind: str, masks: ModuleType) -> list[dict[str, Any]]:
    entries = []
    for number, seen in enumerate(found):
        for row, entry in enumerate(_entries(number, seen)):
            entry |= {"iscrowd": 0, "score": float(seen.scores[row])}
            if kind == "segm" and seen.masks is not None:
                entry["segmentation"] = masks.encode(np.asfortranarray(seen.masks[row], np.uint8))
            entries.append(entry)
    return entries


def _entries(image: int, boxes: Annotated | Found) -> list[dict[str, Any]]:
    """Image, class, box and its area, of every box."""
    entries = []
    for (left, top, right, bottom), label in zip(boxes.boxes.tolist(), boxes.labels.tolist(), strict=True):
        wide, high = right - left, bottom - top
        own = {"image_id": image, "category_id": label, "bbox": [left, top, wide, high], "area": wide * high}
        entries.append(own)
    return entries
