"""Caltech-101: 9,144 photographs of 101 kinds of objects and of a background; judged by the classes' mean accuracy.

Fei-Fei, Fergus, Perona: Learning generative visual models from few training examples (CVPR workshops 2004). CC BY 4.0.

The set has no split of its own. As the papers do, 30 photographs of each of the 102 folders train and the others test;
the papers draw them without saying which. Here they are those whose names come first by their SHA-256.
"""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from gristmill.data.listed import Listed, Origin, checked_list, pieces_of
from gristmill.data.source import Pieces, setting
from gristmill.errors import UserError

TRAIN = 30  # photographs of each class
FOLDER = "101_ObjectCategories"
ORIGIN = Origin(
    "caltech101",
    "caltech-101",
    "get caltech-101.zip from https://data.caltech.edu/records/mzrjq-6wc02 with 101_ObjectCategories.tar.gz in it",
)


def files(settings: Any) -> list[Path]:
    """Every photograph."""
    place = ORIGIN.place(settings)
    return [place / name for name in listing(place).names]


def read(settings: Any) -> Pieces:
    """Train before test, each class by class, by file name; classes are the folders, numbered by name."""
    place = ORIGIN.place(settings)
    return pieces_of(listing(place), place, setting(settings, "side"))


def listing(place: Path) -> Listed:
    """The photographs in 101_ObjectCategories/<class>/.

    Raises:
        UserError: no folder of classes, a class without a photograph to test with.
    """
    home, remedy = place / FOLDER, ORIGIN.remedy(place)
    if not home.is_dir():
        raise UserError(f"{home}: no such folder; {remedy}")
    classes = sorted(path.name for path in home.iterdir() if path.is_dir() and not path.name.startswith("."))
    rows: list[tuple[str, str, int]] = []
    for number, name in enumerate(classes):
        inside = sorted(file for file in os.listdir(home / name) if file.endswith(".jpg") and not file.startswith("."))
        if len(inside) <= TRAIN:
            found = f"{len(inside)} photographs, {TRAIN} to train with and some to test with are needed"
            raise UserError(f"{home / name}: {found}; {remedy}")
        drawn = set(sorted(inside, key=lambda file: sha256(f"{name}/{file}".encode()).digest())[:TRAIN])
        rows += [(f"{FOLDER}/{name}/{file}", "train" if file in drawn else "test", number) for file in inside]
    rows.sort(key=lambda row: row[1] != "train")
    if not rows:
        raise UserError(f"{home}: no folder of a class in it; {remedy}")
    names, parts, fine = zip(*rows, strict=True)
    return checked_list(Listed(names, parts, fine, classes), place, remedy)
