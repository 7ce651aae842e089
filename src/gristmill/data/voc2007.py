"""Pascal VOC 2007: 9,963 photographs of objects of 20 classes, often several; judged by 11-point average precision.

Everingham, Van Gool, Williams, Winn, Zisserman: The Pascal visual object classes challenge (IJCV 2010). The photographs
come from Flickr, whose terms of use hold.
"""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd

from gristmill.data.files import read_bytes
from gristmill.data.listed import Origin, lines, number_of
from gristmill.data.multi_label import label_columns
from gristmill.data.photographs import check_there, photographs
from gristmill.data.source import Pieces, sample_table, setting
from gristmill.errors import UserError

LISTS = {
    "train": "ImageSets/Main/train.txt",
    "validation": "ImageSets/Main/val.txt",
    "test": "ImageSets/Main/test.txt",
}
CLASSES = [
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog", "horse",
    "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
]  # fmt: skip
BOX = ("xmin", "ymin", "xmax", "ymax")
ORIGIN = Origin(
    "voc2007",
    "VOCdevkit/VOC2007",
    "get VOCtrainval_06-Nov-2007.tar and VOCtest_06-Nov-2007.tar from http://host.robots.ox.ac.uk/pascal/VOC/voc2007/",
)


def files(settings: Any) -> list[Path]:
    """The three lists, the annotations and every photograph."""
    place = ORIGIN.place(settings)
    images = [image for _, image in _images(place)]
    return [place / name for name in (*LISTS.values(), *map(_annotation, images), *map(_photo, images))]


def read(settings: Any) -> Pieces:
    """Train, validation, test, each in the order of its list.

    A column `has_<class>` is 1 where an object of the class is there, 0 where none is, -1 where all of them are marked
    as difficult, see `multi_label`. The fine label is the class of the largest object that is not difficult; of the
    largest one where all are.

    Raises:
        UserError: a file that is missing or has other contents.
    """
    place = ORIGIN.place(settings)
    images, remedy = _images(place), ORIGIN.remedy(place)
    found = [objects(place / _annotation(image), remedy) for _, image in images]
    main = np.array([max(range(len(own)), key=lambda i: (not own[i][1], own[i][2])) for own in found])
    fine = [own[i][0] for own, i in zip(found, main, strict=True)]
    labels = np.stack([label_row(own) for own in found])
    table = sample_table([image for _, image in images], [part for part, _ in images], np.array(fine), CLASSES)
    whole = pd.concat([table, label_columns(labels, CLASSES)], axis=1)
    return photographs([place / _photo(image) for _, image in images], whole, setting(settings, "side"))


def objects(path: Path, remedy: str) -> list[tuple[int, bool, float]]:
    """Class, whether it is marked as difficult, and area in pixels of every object of an annotation."""
    numbers, found = {name: i for i, name in enumerate(CLASSES)}, []
    try:
        for node in ElementTree.fromstring(read_bytes(path)).iter("object"):
            own = number_of(node.findtext("name", "").strip(), numbers, path, remedy)
            left, top, right, bottom = (float(node.findtext(f"bndbox/{side}", "")) for side in BOX)
            area = (right - left + 1) * (bottom - top + 1)
            found.append((own, node.findtext("difficult", "0").strip() == "1", area))
    except (ElementTree.ParseError, ValueError) as error:
        raise UserError(f"{path}: not an annotation ({error}); {remedy}") from error
    if not found:
        raise UserError(f"{path}: no object in it; {remedy}")
    return found


def label_row(found: list[tuple[int, bool, float]]) -> np.ndarray:
    """20 labels: 1, 0, -1 for a class whose objects are all difficult."""
    row = np.zeros(len(CLASSES), np.int8)
    for number, difficult, _ in sorted(found, key=lambda each: not each[1]):  # an easy one decides
        row[number] = -1 if difficult else 1
    return row


def _images(place: Path) -> list[tuple[str, str]]:
    """Part and number of every photograph; all its files are there."""
    remedy = ORIGIN.remedy(place)
    found = [(part, line.split()[0]) for part, name in LISTS.items() for line in lines(place / name, remedy)]
    images = [image for _, image in found]
    if len(set(images)) < len(images):
        twice = next(image for i, image in enumerate(images) if image in images[:i])
        raise UserError(f"{place}: {twice} stands twice in the lists; {remedy}")
    check_there(place, [*map(_annotation, images), *map(_photo, images)], remedy)
    return found


def _annotation(image: str) -> str:
    return f"Annotations/{image}.xml"


def _photo(image: str) -> str:
    return f"JPEGImages/{image}.jpg"
