"""Oxford-IIIT Pet: 7,349 photographs of 37 breeds of cats and dogs; judged by the classes' mean accuracy.

Parkhi, Vedaldi, Zisserman, Jawahar: Cats and dogs (CVPR 2012). CC BY-SA 4.0.
"""

from pathlib import Path
from typing import Any

import numpy as np

from gristmill.data.listed import Listed, Origin, checked_list, lines, pieces_of
from gristmill.data.source import Pieces, setting
from gristmill.errors import UserError

LISTS = {"train": "annotations/trainval.txt", "test": "annotations/test.txt"}
SPECIES = ("cat", "dog")
ORIGIN = Origin(
    "oxford_pets",
    "oxford-iiit-pet",
    "get images.tar.gz and annotations.tar.gz from https://www.robots.ox.ac.uk/~vgg/data/pets/",
)


def files(settings: Any) -> list[Path]:
    """The two lists and every photograph that they name."""
    place = ORIGIN.place(settings)
    return [*(place / name for name in LISTS.values()), *(place / name for name in listing(place)[0].names)]


def read(settings: Any) -> Pieces:
    """Train (the official trainval) before test, each in the order of its list; the coarse label is the species."""
    place = ORIGIN.place(settings)
    found, species = listing(place)
    return pieces_of(
        found, place, setting(settings, "side"), coarse=np.array(species), coarse_names=SPECIES
    )


def listing(place: Path) -> tuple[Listed, list[int]]:
    """The photographs, and the species of each from 0.

    A line of a list is <breed>_<number>, the class, the species and the number of the breed within it, from 1; lines
    that begin with # are remarks.
    """
    remedy, rows = ORIGIN.remedy(place), []
    for part, name in LISTS.items():
        for line in lines(place / name, remedy):
            if not line.startswith("#"):
                rows.append((part, *_fields(line, place / name, remedy)))
    called = {number: image.rsplit("_", 1)[0] for _, image, number, _ in rows}
    missing = [number for number in range(max(called, default=0) + 1) if number not in called]
    if missing:
        raise UserError(f"{place}/annotations: no image of class {missing[0] + 1}; {remedy}")
    classes = [called[number] for number in range(len(called))]
    names = [f"images/{image}.jpg" for _, image, _, _ in rows]
    found = Listed(names, [row[0] for row in rows], [row[2] for row in rows], classes)
    return checked_list(found, place, remedy), [row[3] for row in rows]


def _fields(line: str, path: Path, remedy: str) -> tuple[str, int, int]:
    image, *numbers = line.split()
    if len(numbers) != 3 or not all(number.isdecimal() for number in numbers) or not 1 <= int(numbers[1]) <= 2:
        raise UserError(f"{path}: not <breed>_<number> and three numbers: {line[:80]}; {remedy}")
    return image, int(numbers[0]) - 1, int(numbers[1]) - 1
