"""Food-101: 101,000 photographs of 101 dishes, 750 of each to train, 250 to test; judged by top-1 accuracy.

Bossard, Guillaumin, Van Gool: Food-101 - mining discriminative components with random forests (ECCV 2014). The
photographs come from foodspotting.com and are not the authors' own: for research, under fair use.
"""

import json
from pathlib import Path
from typing import Any

from gristmill.data.files import read_bytes
from gristmill.data.listed import Listed, Origin, checked_list, pieces_of
from gristmill.data.source import Pieces, setting
from gristmill.errors import UserError

ORIGIN = Origin("food101", "food-101", "get food-101.tar.gz from http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz")


def files(settings: Any) -> list[Path]:
    """The two lists and every photograph that they name."""
    place = ORIGIN.place(settings)
    return [*(place / f"meta/{part}.json" for part in ("train", "test")), *(place / n for n in listing(place).names)]


def read(settings: Any) -> Pieces:
    """Train before test, each in the order of its list; classes are numbered by name."""
    place = ORIGIN.place(settings)
    return pieces_of(listing(place), place, setting(settings, "side"))


def listing(place: Path) -> Listed:
    """The photographs of `meta/train.json` and `meta/test.json`.

    Raises:
        UserError: a list or a photograph is missing, a list has another form or other classes.
    """
    remedy = ORIGIN.remedy(place)
    lists = {part: _read(place / f"meta/{part}.json", remedy) for part in ("train", "test")}
    if lists["train"].keys() != lists["test"].keys():
        odd = min(lists["train"].keys() ^ lists["test"].keys())
        raise UserError(f"{place}/meta: the class {odd} is in one list only; {remedy}")
    classes = sorted(lists["train"])
    number = {name: i for i, name in enumerate(classes)}
    rows = [
        (f"images/{name}.jpg", part, number[own])
        for part, held in lists.items()
        for own, names in held.items()
        for name in names
    ]
    names, parts, fine = zip(*rows, strict=True) if rows else ((), (), ())
    return checked_list(Listed(names, parts, fine, classes), place, remedy)


def _read(path: Path, remedy: str) -> dict[str, list[str]]:
    if not path.is_file():
        raise UserError(f"{path}: no such file; {remedy}")
    try:
        held = json.loads(read_bytes(path))
    except ValueError as error:  # of JSON and of its encoding
        raise UserError(f"{path}: not a JSON file ({error}); {remedy}") from error
    if not isinstance(held, dict) or not all(isinstance(names, list) for names in held.values()):
        raise UserError(f"{path}: must list the photographs of each class; {remedy}")
    return held
