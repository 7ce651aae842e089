"""FGVC-Aircraft: 10,000 photographs of 100 variants of aircraft; judged by the classes' mean accuracy.

Maji, Rahtu, Kannala, Blaschko, Vedaldi: Fine-grained visual classification of aircraft (1306.5151). For research that
is not commercial; the photographers keep their rights. The lowest 20 pixels of each photograph name them; they stay in.
"""

from pathlib import Path
from typing import Any

from gristmill.data.listed import Listed, Origin, checked_list, lines, number_of, numbered, pieces_of
from gristmill.data.source import Pieces, setting

PARTS = {"train": "train", "validation": "val", "test": "test"}
NAME = "fgvc-aircraft-2013b"
ORIGIN = Origin(
    "fgvc_aircraft", NAME, f"get {NAME}.tar.gz from https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft/"
)


def files(settings: Any) -> list[Path]:
    """The four lists and every photograph that they name."""
    place = ORIGIN.place(settings)
    lists = ["variants.txt", *(f"images_variant_{name}.txt" for name in PARTS.values())]
    return [*(place / "data" / name for name in lists), *(place / name for name in listing(place).names)]


def read(settings: Any) -> Pieces:
    """Train, validation, test, each in the order of its list; the class is the variant, numbered as in its list."""
    place = ORIGIN.place(settings)
    return pieces_of(listing(place), place, setting(settings, "side"))


def listing(place: Path) -> Listed:
    """The photographs of the three parts: a line of a list is the number of a photograph and its variant."""
    remedy, known = ORIGIN.remedy(place), place / "data/variants.txt"
    classes = lines(known, remedy)
    numbers = numbered(classes, known, remedy)
    names, parts, fine = [], [], []
    for part, name in PARTS.items():
        path = place / f"data/images_variant_{name}.txt"
        for line in lines(path, remedy):
            image, _, variant = line.partition(" ")
            names.append(f"data/images/{image}.jpg")
            parts.append(part)
            fine.append(number_of(variant, numbers, path, remedy))
    return checked_list(Listed(names, parts, fine, classes), place, remedy)
