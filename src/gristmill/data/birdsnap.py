"""Birdsnap: photographs of 500 species of birds, 2,443 of them to test; judged by top-1 accuracy.

Berg, Liu, Lee, Alexander, Jacobs, Belhumeur: Birdsnap - large-scale fine-grained visual categorization of birds (CVPR
2014). The release lists 49,829 photographs on Flickr, whose owners keep their rights; many are gone by now. So those
that the release's own script did not get are passed over, and figures of different downloads differ.
"""

import csv
from pathlib import Path
from typing import Any

from gristmill.data.listed import Listed, Origin, checked_list, lines, pieces_of
from gristmill.data.source import Pieces, setting
from gristmill.errors import UserError

LISTS = ("species.txt", "images.txt", "test_images.txt")
ORIGIN = Origin(
    "birdsnap",
    "birdsnap",
    "get birdsnap.tgz from http://thomasberg.org (its get_birdsnap.py then downloads the photographs)",
)


def files(settings: Any) -> list[Path]:
    """The three lists and every photograph of them that is there."""
    place = ORIGIN.place(settings)
    return [*(place / name for name in LISTS), *(place / name for name in listing(place).names)]


def read(settings: Any) -> Pieces:
    """Train before test, each in the order of the release; classes are numbered as in its list of species."""
    place = ORIGIN.place(settings)
    return pieces_of(listing(place), place, setting(settings, "side"))


def listing(place: Path) -> Listed:
    """The photographs that are there.

    Raises:
        UserError: a list is missing or has other columns, no photograph of a species is there to train with.
    """
    remedy = ORIGIN.remedy(place)
    species = _rows(place / "species.txt", ("id", "common"), remedy)
    images = _rows(place / "images.txt", ("path", "species_id"), remedy)
    tested = {row["path"] for row in _rows(place / "test_images.txt", ("path",), remedy)}
    number = {row["id"]: i for i, row in enumerate(species)}
    folder = next((name for name in ("download/images", "images") if (place / name).is_dir()), "")
    if not folder:
        raise UserError(f"{place}: download/images missing; {remedy}")
    there = {path.relative_to(place / folder).as_posix() for path in (place / folder).glob("*/*")}
    rows = [row for row in images if row["path"] in there]
    rows.sort(key=lambda row: row["path"] in tested)
    strange = next((row for row in rows if row["species_id"] not in number), None)
    if strange:
        raise UserError(f"{place}/images.txt: species {strange['species_id']} is not in species.txt; {remedy}")
    found = Listed(
        [f"{folder}/{row['path']}" for row in rows],
        ["test" if row["path"] in tested else "train" for row in rows],
        [number[row["species_id"]] for row in rows],
        [row["common"] for row in species],
    )
    return checked_list(found, place, remedy)


def _rows(path: Path, columns: tuple[str, ...], remedy: str) -> list[dict[str, str]]:
    """The rows of a list with tabs between its columns, which its first line names."""
    rows = list(csv.DictReader(lines(path, remedy), delimiter="\t", quoting=csv.QUOTE_NONE))
    if not rows or any(row.get(name) is None for row in rows for name in columns):
        raise UserError(f"{path}: must have the columns {', '.join(columns)} with tabs between them; {remedy}")
    return rows
