"""DTD, the describable textures: 5,640 photographs of 47 textures; split 1 of ten; judged by top-1 accuracy.

Cimpoi, Maji, Kokkinos, Mohamed, Vedaldi: Describing textures in the wild (CVPR 2014). For research; the photographs
are not the authors' own.
"""

from pathlib import Path
from typing import Any

from gristmill.data.listed import Listed, Origin, checked_list, lines, pieces_of
from gristmill.data.source import Pieces, setting

LISTS = {"train": "labels/train1.txt", "validation": "labels/val1.txt", "test": "labels/test1.txt"}
ORIGIN = Origin("dtd", "dtd", "get dtd-r1.0.1.tar.gz from https://www.robots.ox.ac.uk/~vgg/data/dtd/")


def files(settings: Any) -> list[Path]:
    """The three lists and every photograph that they name."""
    place = ORIGIN.place(settings)
    return [*(place / name for name in LISTS.values()), *(place / name for name in listing(place).names)]


def read(settings: Any) -> Pieces:
    """Train, validation, test, each in the order of its list; classes are numbered by name."""
    place = ORIGIN.place(settings)
    return pieces_of(listing(place), place, setting(settings, "side"))


def listing(place: Path) -> Listed:
    """The photographs of the three parts: a line of a list is <class>/<file>."""
    remedy = ORIGIN.remedy(place)
    rows = [(part, line) for part, name in LISTS.items() for line in lines(place / name, remedy)]
    classes = sorted({line.split("/")[0] for _, line in rows})
    fine = [classes.index(line.split("/")[0]) for _, line in rows]
    names = [f"images/{line}" for _, line in rows]
    return checked_list(Listed(names, [part for part, _ in rows], fine, classes), place, remedy)
