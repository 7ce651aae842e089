"""Boxes in the layout of PASCAL VOC: Annotations, ImageSets/Main, JPEGImages.

A folder of several such folders (VOCdevkit with VOC2007 and VOC2012) is one set.
"""

import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from gristmill.data.photographs import FORMATS, read_photograph
from gristmill.detection.boxes import Annotated, DetectionSet
from gristmill.detection.clean import cleaned
from gristmill.errors import UserError

Folder = Path | zipfile.Path
LISTS = {"train": "train", "val": "validation", "test": "test"}   # file in ImageSets/Main -> part
ALL = "trainval"                                                  # where neither train nor val is there
CORNERS = ("xmin", "ymin", "xmax", "ymax")
Box = tuple[str, list[float], bool]                               # class, corners, difficult


def read(folder: Folder) -> DetectionSet:
    """All listed images: train, then validation, then test, each in the order of its list.

    Classes are sorted by name. VOC counts pixels from 1 and a box has both its ends, so a pixel is taken from xmin and
    ymin. Annotators' `path` is not read; the image is `filename`, or that of the annotation's name where no such file
    is there. What is left out: `clean.cleaned`.

    Raises:
        UserError: a list, an annotation or an image that is missing, one that is broken, an image in two parts.
    """
    years = _years(folder)
    part, names, paths, boxes = [], [], [], []
    for place in LISTS.values():
        for year in years:
            inside = _inside(year, "JPEGImages")
            pictures = {path.stem: path for path in inside} | {path.name: path for path in inside}
            for name in _lists(year).get(place, []):
                file, found = _annotation(year / "Annotations" / f"{name}.xml")
                picture = pictures.get(file) or pictures.get(name)
                if picture is None:
                    raise UserError(f"{year}: JPEGImages/{file or name + '.jpg'} missing, which {name}.xml is about")
                part.append(place)
                names.append(name if len(years) == 1 else f"{year.name}/{name}")
                paths.append(picture)
                boxes.append(found)
    _once(folder, names)
    classes = sorted({box[0] for found in boxes for box in found})
    truth = [_annotated(name, found, classes) for name, found in zip(names, boxes, strict=True)]
    truth, classes = cleaned(str(folder).rstrip("/"), truth, part, classes)
    return DetectionSet(partial(_image, paths), truth, classes, part)


def _years(folder: Folder) -> list[Folder]:
    if (folder / "ImageSets" / "Main").is_dir():
        return [folder]
    below = sorted(folder.iterdir(), key=lambda path: path.name) if folder.is_dir() else []
    years = [path for path in below if (path / "ImageSets" / "Main").is_dir()]
    if not years:
        raise UserError(f"{folder}: no folder ImageSets/Main; Annotations, ImageSets and JPEGImages belong there")
    return years


def _inside(year: Folder, name: str) -> list[Folder]:
    if not (year / name).is_dir():
        raise UserError(f"{year}: no folder {name}; Annotations, ImageSets and JPEGImages belong there")
    return list((year / name).iterdir())


def _lists(year: Folder) -> dict[str, list[str]]:
    """Names of images by part."""
    main = year / "ImageSets" / "Main"
    files = {part: main / f"{name}.txt" for name, part in LISTS.items() if (main / f"{name}.txt").is_file()}
    if (main / f"{ALL}.txt").is_file() and not {"train", "validation"} & set(files):
        files["train"] = main / f"{ALL}.txt"
    if not files:
        raise UserError(f"{main}: none of train.txt, val.txt, {ALL}.txt and test.txt is there")
    lines = {part: file.read_text(encoding="utf-8-sig", errors="replace").splitlines() for part, file in files.items()}
    return {part: [line.strip() for line in found if line.strip()] for part, found in lines.items()}


def _once(folder: Folder, names: Sequence[str]) -> None:
    if not names:
        raise UserError(f"{folder}: the lists in ImageSets/Main name no image")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise UserError(f"{folder}: image {name} is listed twice in ImageSets/Main; an image has one part")
        seen.add(name)


def _annotation(path: Folder) -> tuple[str, list[Box]]:
    """The image's file name and its boxes, as they are written."""
    if not path.is_file():
        raise UserError(f"{path}: missing, but listed in ImageSets/Main")
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except ElementTree.ParseError as error:
        raise UserError(f"{path}: no readable XML ({error}); get it again") from error
    file = (root.findtext("filename") or "").strip()
    return file, [_box(path, item) for item in root.findall("object")]


def _box(path: Folder, item: ElementTree.Element) -> Box:
    name = (item.findtext("name") or "").strip()
    try:
        corners = [float(item.findtext(f"bndbox/{corner}") or "") for corner in CORNERS]
    except ValueError:
        corners = [float("nan")]
    if not name or not np.isfinite(corners).all():
        raise UserError(f"{path}: an object without a name or without the numbers {', '.join(CORNERS)}; correct it")
    return name, corners, (item.findtext("difficult") or "0").strip() == "1"


def _annotated(name: str, found: Sequence[Box], classes: Sequence[str]) -> Annotated:
    corners = np.array([corners for _, corners, _ in found], np.float64).reshape(-1, 4)
    flat = (corners[:, 2:] <= corners[:, :2]).any(1)
    corners[~flat] -= (1, 1, 0, 0)   # a box whose ends are one stays without area, though VOC's rule gives it a pixel
    labels = np.array([classes.index(kind) for kind, _, _ in found], np.int64)
    return Annotated(name, corners.astype(np.float32), labels, np.array([hard for *_, hard in found], bool))


def _image(paths: Sequence[Folder], number: int) -> np.ndarray:
    path = paths[number]
    if isinstance(path, Path):
        return read_photograph(path, None)
    with path.open("rb") as stream, Image.open(stream, formats=FORMATS) as opened:
        return np.array(opened.convert("RGB"))
