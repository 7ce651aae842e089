"""ImageNet-100: photographs of 100 classes of ImageNet-1k at their own sizes, in a folder for each class.

The images are ImageNet's (Russakovsky et al.: ImageNet large scale visual recognition challenge, IJCV 2015), the
classes those of LoGo's released code (Zhang et al., CVPR 2022; ztt1024/LoGo-SSL, `imagenet1k_100`).
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gristmill.data.imagenet32 import SITE, class_table
from gristmill.data.photographs import check_there, photographs
from gristmill.data.source import Pieces, sample_table, setting
from gristmill.errors import UserError

CLASSES = Path(__file__).parent / "embedded" / "imagenet100_classes.txt"  # folder names, one a line
FOLDERS = {"train": "train", "test": "val"}  # the validation images are what is tested on
SUFFIXES = (".jpeg", ".jpg", ".png", ".webp")  # in small or capital letters; other files are passed over


class Photo(NamedTuple):
    """A file, relative to the folder, and what its place says of it."""

    name: str
    part: str
    fine: int


def files(settings: Any) -> list[Path]:
    """Every photograph of the classes.

    Raises:
        UserError: as `listing`.
    """
    folder = _folder(settings)
    return [folder / photo.name for photo in listing(folder, class_names(settings))]


def read(settings: Any) -> Pieces:
    """Train before validation, each class by class, by file name; the fine label is the place of the class's folder.

    Where all folders are classes of ImageNet-1k, they are called as in `imagenet32` and a column `wnid` says which.
    """
    folder, classes = _folder(settings), class_names(settings)
    photos, called = listing(folder, classes), _called(classes)
    fine = np.array([photo.fine for photo in photos])
    table = sample_table([photo.name for photo in photos], [photo.part for photo in photos], fine, called or classes)
    if called:
        table["wnid"] = np.array(classes, object)[fine]
        table = table.astype({"wnid": "str"})
    return photographs([folder / photo.name for photo in photos], table, setting(settings, "side"))


def class_names(settings: Any) -> list[str]:
    """The classes' folders in the order of their labels: those of `settings.classes`, else LoGo's; sorted by name."""
    return sorted(setting(settings, "classes") or CLASSES.read_text("utf-8").split())


def listing(folder: Path, classes: list[str]) -> list[Photo]:
    """Every photograph of the classes, in the order of `read`; folders of other classes are passed over.

    Raises:
        UserError: a class has no folder, or one without a photograph.
    """
    check_there(folder, [f"{place}/{name}" for place in FOLDERS.values() for name in classes], _remedy(folder))
    return [
        Photo(f"{place}/{name}/{file}", part, fine)
        for part, place in FOLDERS.items()
        for fine, name in enumerate(classes)
        for file in _inside(folder / place / name)
    ]


def _folder(settings: Any) -> Path:
    return Path(setting(settings, "path") or "data/raw/imagenet100")


def _remedy(folder: Path) -> str:
    return (
        f"put the photographs of each class into {folder}/train/<class>/ and {folder}/val/<class>/, see docs/data.md; "
        f"they come from {SITE}, which needs an account"
    )


def _inside(folder: Path) -> list[str]:
    """The photographs of a class, sorted."""
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise UserError(f"{folder}: cannot be read ({error.strerror}); it must be the folder of a class") from error
    found = sorted(name for name in names if name.lower().endswith(SUFFIXES) and not name.startswith("."))
    if not found:
        raise UserError(f"{folder}: no photograph ({', '.join(SUFFIXES)}) in it; get the images of this class again")
    return found


def _called(classes: list[str]) -> list[str]:
    """The names of classes of ImageNet-1k; none where one of them is no such class."""
    _, wnids, names = class_table()
    known = dict(zip(wnids, names, strict=True))
    return [known[name] for name in classes] if known.keys() >= set(classes) else []
