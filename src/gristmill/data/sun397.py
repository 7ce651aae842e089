"""SUN397: photographs of 397 kinds of scenes; split 1 of ten, 50 of each kind to train, 50 to test; judged by top-1.

Xiao, Hays, Ehinger, Oliva, Torralba: SUN database (CVPR 2010). For research that is not commercial; the photographs are
not the authors' own. Of the 108,754 photographs 39,700 take part.
"""

from pathlib import Path
from typing import Any

from gristmill.data.listed import Listed, Origin, checked_list, lines, number_of, numbered, pieces_of
from gristmill.data.source import Pieces, setting

LISTS = {"train": "Training_01.txt", "test": "Testing_01.txt"}
ORIGIN = Origin(
    "sun397",
    "SUN397",
    "get SUN397.tar.gz and Partitions.zip (its lists belong into SUN397/) from "
    "https://vision.princeton.edu/projects/2010/SUN/",
)


def files(settings: Any) -> list[Path]:
    """The list of classes, those of both parts and every photograph that they name."""
    place = ORIGIN.place(settings)
    lists = (_list(place, name) for name in ("ClassName.txt", *LISTS.values()))
    return [*lists, *(place / name for name in listing(place).names)]


def read(settings: Any) -> Pieces:
    """Train before test, each in the order of its list; classes are numbered as in ClassName.txt."""
    place = ORIGIN.place(settings)
    return pieces_of(listing(place), place, setting(settings, "side"))


def listing(place: Path) -> Listed:
    """The photographs of split 1: a line of a list is /<letter>/<class>/<file>, a class may be two folders deep."""
    remedy, known = ORIGIN.remedy(place), _list(place, "ClassName.txt")
    folders = [line.strip("/") for line in lines(known, remedy)]
    numbers = numbered(folders, known, remedy)
    names, parts, fine = [], [], []
    for part, name in LISTS.items():
        path = _list(place, name)
        for line in lines(path, remedy):
            names.append(line.strip("/"))
            parts.append(part)
            fine.append(number_of(names[-1].rpartition("/")[0], numbers, path, remedy))
    classes = [folder.partition("/")[2] for folder in folders]  # without the letter
    return checked_list(Listed(names, parts, fine, classes), place, remedy)


def _list(place: Path, name: str) -> Path:
    """A list, in the set's folder or in Partitions/ in or beside it, as the archive of lists is unpacked."""
    places = (place, place / "Partitions", place.parent / "Partitions")
    return next((folder / name for folder in places if (folder / name).is_file()), place / name)
