"""Boxes and masks in the layout of COCO: one JSON file of instances for a part, and folders of images."""

import json
import math
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from gristmill.data.files import read_bytes
from gristmill.data.photographs import check_there, read_photograph
from gristmill.detection.boxes import Annotated, DetectionSet
from gristmill.detection.clean import cleaned
from gristmill.errors import UserError

ONE = "instances.json"   # the form without parts, its images in images/
TEST_TENTHS = 3          # of such a set, where nobody says which images are for the test


def read(folder: Path, test: Collection[int] | None = None) -> DetectionSet:
    """The parts one after the other, each in the order of its file.

    Either `annotations/instances_<part>.json` with images in `<part>/`: parts begin with train, val or test, and a val
    is the test where no test has annotations, as in COCO itself. Or `instances.json` with images in `images/`.

    Classes are in the order of their ids, from 0 without gaps. A box goes from x to x + width, and may lie up to a
    pixel outside its mask. Masks are read where every box of the set has one. What is left out: `clean.cleaned`.

    Args:
        test: ids of the test images of `instances.json`; None: the last three tenths by id.

    Raises:
        UserError: a file that is missing, broken or does not fit together.
    """
    part, truth, paths, categories = [], [], [], {}
    for file, place, images in _files(folder):
        content = _load(file)
        _same(file, categories, content["categories"])
        check_there(images, [_safe(file, image["file_name"]) for image in content["images"]], f"{file} names it")
        apart = _apart(file, content["images"], test) if place is None else {}
        part += [place or apart[image["id"]] for image in content["images"]]
        paths += [images / image["file_name"] for image in content["images"]]
        truth += _truth(file, content, sorted(categories))
    if not all(mask is not None for known in truth for mask in known.masks or ()):
        truth = [Annotated(known.name, known.boxes, known.labels, known.difficult) for known in truth]
    classes = [categories[number] for number in sorted(categories)]
    truth, classes = cleaned(str(folder), truth, part, classes)
    return DetectionSet(partial(_image, paths), truth, classes, part)


def _files(folder: Path) -> list[tuple[Path, str | None, Path]]:
    """Annotations, part and images' folder; part None: both are in there."""
    if (folder / ONE).is_file():
        return [(folder / ONE, None, folder / "images")]
    found = {path.stem.removeprefix("instances_"): path for path in (folder / "annotations").glob("instances_*.json")}
    last = "test" if not any(name.startswith("test") for name in found) else "validation"
    parts = {"train": "train", "val": last, "test": "test"}
    files: list[tuple[Path, str | None, Path]] = [
        (found[name], part, folder / name)
        for start, part in parts.items() for name in sorted(found) if name.startswith(start)
    ]  # fmt: skip
    if not files:
        raise UserError(f"{folder}: neither {ONE} nor annotations/instances_<train ..., val ..., test ...>.json there")
    return files


def _load(file: Path) -> dict[str, Any]:
    """The content, with all that is read of it looked at."""
    try:
        content = json.loads(read_bytes(file))
    except ValueError as error:
        raise UserError(f"{file}: no readable JSON ({error}); get it again") from error
    wanted = {
        "images": {"id": int, "file_name": str},
        "categories": {"id": int, "name": str},
        "annotations": {"image_id": int, "category_id": int, "bbox": list},
    }
    for name, fields in wanted.items():
        rows = content.get(name) if isinstance(content, dict) else None
        if not isinstance(rows, list):
            raise UserError(f"{file}: no list '{name}'; a file of COCO instances has images, categories, annotations")
        for number, row in enumerate(rows):
            wrong = [field for field, kind in fields.items() if not isinstance(row.get(field), kind)]
            if wrong:
                raise UserError(f"{file}: {name}[{number}]: '{wrong[0]}' is missing or of another kind; correct it")
    for name in ("images", "categories"):
        ids = [row["id"] for row in content[name]]
        if len(ids) != len(set(ids)):
            raise UserError(f"{file}: two {name} have one id; correct it")
    return content


def _same(file: Path, categories: dict[int, str], rows: Sequence[dict[str, Any]]) -> None:
    """Add classes to those of the other parts."""
    for row in rows:
        if categories.setdefault(row["id"], row["name"]) != row["name"]:
            before = categories[row["id"]]
            raise UserError(f"{file}: class {row['id']} is '{row['name']}', but '{before}' in another part; correct it")


def _safe(file: Path, name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise UserError(f"{file}: image '{name}' lies outside the folder of images; name it relative to that")
    return name


def _apart(file: Path, images: Sequence[dict[str, Any]], test: Collection[int] | None) -> dict[int, str]:
    """Train or test by id."""
    ids = sorted(image["id"] for image in images)
    if test is None:
        test = ids[len(ids) - len(ids) * TEST_TENTHS // 10 :]
    unknown = sorted(set(test) - set(ids))
    if unknown:
        raise UserError(f"{file}: test image {unknown[0]} is not in it; ids are {ids[0]} to {ids[-1]}")
    return {number: "test" if number in test else "train" for number in ids}


def _truth(file: Path, content: dict[str, Any], numbers: list[int]) -> list[Annotated]:
    """Images without a box too; None in place of a mask that is missing."""
    own: dict[int, list[dict[str, Any]]] = {image["id"]: [] for image in content["images"]}
    for row, item in enumerate(content["annotations"]):
        if item["image_id"] not in own:
            raise UserError(f"{file}: annotations[{row}]: there is no image {item['image_id']}; correct it")
        if item["category_id"] not in numbers:
            raise UserError(f"{file}: annotations[{row}]: there is no class {item['category_id']}; correct it")
        box = item["bbox"]
        if len(box) != 4 or not all(isinstance(value, int | float) and math.isfinite(value) for value in box):
            raise UserError(f"{file}: annotations[{row}]: bbox {box} is not x, y, width, height; correct it")
        own[item["image_id"]].append(item)
    return [_annotated(image["file_name"], own[image["id"]], numbers) for image in content["images"]]


def _annotated(name: str, items: Sequence[dict[str, Any]], numbers: list[int]) -> Annotated:
    boxes = np.array([item["bbox"] for item in items], np.float64).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return Annotated(
        name=str(PurePosixPath(name).with_suffix("")),
        boxes=boxes.astype(np.float32),
        labels=np.array([numbers.index(item["category_id"]) for item in items], np.int64),
        difficult=np.array([item.get("iscrowd") == 1 for item in items], bool),
        masks=[_mask(item.get("segmentation")) for item in items],
    )


def _mask(given: Any) -> Any:
    """Polygons of three corners or more, or a run-length code; None where there is neither."""
    if isinstance(given, dict):
        return given if {"size", "counts"} <= set(given) else None
    polygons = [polygon for polygon in given or () if isinstance(polygon, list) and len(polygon) >= 6]
    return polygons or None


def _image(paths: Sequence[Path], number: int) -> np.ndarray:
    return np.array(read_photograph(paths[number], None))
