"""Sets of photographs whose parts and classes stand in lists beside the image files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gristmill.data.files import read_bytes
from gristmill.data.photographs import check_there, photographs
from gristmill.data.source import Pieces, sample_table, setting
from gristmill.errors import UserError


class Origin(NamedTuple):
    """Where a set lies and comes from.

    Attributes:
        name: it lies in data/raw/<name> unless its settings say where.
        folder: what its archives unpack to; looked for inside the path, which may as well name it itself.
        get: how to get it, the beginning of a remedy.
    """

    name: str
    folder: str
    get: str

    def place(self, settings: Any) -> Path:
        """The folder in which the set's own folders are."""
        place = Path(setting(settings, "path") or f"data/raw/{self.name}")
        while (place / self.folder).is_dir():
            place /= self.folder
        return place

    def remedy(self, place: Path) -> str:
        """How to get the set, and whereto."""
        steps = len(Path(self.folder).parts)
        inside = place.parts[-steps:] == Path(self.folder).parts
        return f"{self.get} and unpack it into {place.parents[steps - 1] if inside else place}"


class Listed(NamedTuple):
    """What lists say of N photographs.

    Attributes:
        names: files, relative to the set's folder.
        part: of each.
        fine: N, its class from 0.
        class_names: in the order of the classes.
    """

    names: Sequence[str]
    part: Sequence[str]
    fine: Sequence[int]
    class_names: Sequence[str]


def lines(path: Path, remedy: str) -> list[str]:
    """The lines of a list, without spaces around them and without empty ones.

    Raises:
        UserError: no such file, not text, nothing in it.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file; {remedy}")
    try:
        found = [line.strip() for line in read_bytes(path).decode("utf-8").splitlines()]
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not text ({error.reason}); {remedy}") from error
    if not any(found):
        raise UserError(f"{path}: nothing in it; {remedy}")
    return [line for line in found if line]


def numbered(class_names: Sequence[str], path: Path, remedy: str) -> dict[str, int]:
    """The number of each class, from 0; each name stands once."""
    found = {name: number for number, name in enumerate(class_names)}
    if len(found) < len(class_names):
        twice = next(name for place, name in enumerate(class_names) if name in class_names[:place])
        raise UserError(f"{path}: the class {twice} stands twice; {remedy}")
    return found


def number_of(name: str, numbers: dict[str, int], path: Path, remedy: str) -> int:
    """The number of a class that a list names."""
    if name not in numbers:
        raise UserError(f"{path}: '{name[:80]}' is none of the {len(numbers)} classes; {remedy}")
    return numbers[name]


def checked_list(found: Listed, place: Path, remedy: str) -> Listed:
    """The list itself, if each class has an image to train with, no image stands twice and all files are there.

    Raises:
        UserError: one line that names the first class or file.
    """
    trained = {number for part, number in zip(found.part, found.fine, strict=True) if part == "train"}
    empty = [name for number, name in enumerate(found.class_names) if number not in trained]
    if empty:
        more = f" and {len(empty) - 1} more classes" if len(empty) > 1 else ""
        raise UserError(f"{place}: no image of the class {empty[0]}{more} to train with; {remedy}")
    seen: set[str] = set()
    for name in found.names:
        if name in seen:
            raise UserError(f"{place}: {name} stands twice in the lists; {remedy}")
        seen.add(name)
    check_there(place, found.names, remedy)
    return found


def pieces_of(found: Listed, place: Path, side: int | None, **columns: Any) -> Pieces:
    """The photographs in the order of the list; `columns` are what else `sample_table` takes."""
    sample = [name.rsplit(".", 1)[0] for name in found.names]
    table = sample_table(sample, list(found.part), np.array(found.fine), found.class_names, **columns)
    return photographs([place / name for name in found.names], table, side)
