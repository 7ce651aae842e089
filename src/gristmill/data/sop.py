"""Stanford Online Products: 120,053 photographs of 22,634 products in 12 categories.

Song, Xiang, Jegelka, Savarese: Deep metric learning via lifted structured feature embedding (CVPR 2016).
"""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gristmill.data.files import read_bytes
from gristmill.data.photographs import check_there, photographs
from gristmill.data.source import Pieces, sample_table, setting
from gristmill.errors import UserError

SITE = "https://cvgl.stanford.edu/projects/lifted_struct/"
NAME = "Stanford_Online_Products"
LISTS = {"train": "Ebay_train.txt", "test": "Ebay_test.txt"}
HEADER = ["image_id", "class_id", "super_class_id", "path"]
PATH = re.compile(r"(?P<category>\w+)_final/(?P<product>\d+)_(?P<image>\d+)\.JPG")
SPLIT2 = Path(__file__).parent / "embedded" / "sop_split2.csv"   # image numbers of a product, each a digit of base 12
FEWEST = 8   # images of a product of split 1
SPLIT1_TRAIN = 2517   # products of split 1 that are trained on


class Photo(NamedTuple):
    """A line of the official lists."""

    part: str
    category: str
    product: str
    image: int
    path: str


def files(settings: Any) -> list[Path]:
    """The two lists and every image that they name."""
    folder = _folder(settings)
    photos = listing(folder)
    remedy = f"get {NAME}.zip from {SITE} and unpack it into {folder.parent if folder.name == NAME else folder}"
    check_there(folder, [photo.path for photo in photos], remedy)
    return [*(folder / name for name in LISTS.values()), *(folder / photo.path for photo in photos)]


def read(settings: Any) -> Pieces:
    """Product by product, those of the training list first; of each list by category, then by number.

    The fine label is the product, the coarse one the category, the part that of the official lists. The columns
    `split1` and `split2` (`train`, `test` or empty) and `order2` make the two tasks of MaskCon, see `splits`.
    """
    paths, folder = files(settings), _folder(settings)
    return photographs(paths[len(LISTS) :], product_table(listing(folder)), setting(settings, "side"))


def listing(folder: Path) -> list[Photo]:
    """The lines of both lists, in the order of `read`; images of a product are sorted by their number as text.

    Raises:
        UserError: a list is missing or has another form, a product stands in both.
    """
    found: list[Photo] = []
    for part, name in LISTS.items():
        path = folder / name
        if not path.is_file():
            raise UserError(f"{path}: no such file; get {NAME}.zip from {SITE} and unpack it into {folder}")
        photos = _read_list(path, part)
        found += sorted(photos, key=lambda photo: (photo.category, int(photo.product), str(photo.image)))
    products = {part: {photo.product for photo in found if photo.part == part} for part in LISTS}
    both = sorted(products["train"] & products["test"])
    if both:
        raise UserError(f"{folder}: product {both[0]} stands in {LISTS['train']} and in {LISTS['test']}")
    return found


def product_table(photos: Sequence[Photo]) -> pd.DataFrame:
    """The table of the photographs, in their order."""
    products = list(dict.fromkeys(f"{photo.category}/{photo.product}" for photo in photos))
    categories = sorted({photo.category for photo in photos})
    number, place = ({name: i for i, name in enumerate(names)} for names in (products, categories))
    table = sample_table(
        sample=[photo.path.removesuffix(".JPG") for photo in photos],
        part=[photo.part for photo in photos],
        fine=np.array([number[f"{photo.category}/{photo.product}"] for photo in photos]),
        fine_names=products,
        coarse=np.array([place[photo.category] for photo in photos]),
        coarse_names=categories,
    )
    return pd.concat([table, splits(photos)], axis=1)


def splits(photos: Sequence[Photo]) -> pd.DataFrame:
    """Columns for the tasks of MaskCon (Feng & Patras, CVPR 2023), a row a photograph.

    `split1`: products with at least 8 images, the first 2,517 of them to train. `split2`: of the products with exactly
    12 images 10 are trained on and 2 tested; which, was drawn without a known seed, so a file says it. `order2` is the
    place in the published order, which within a product was drawn too.
    """
    counts: dict[str, int] = {}
    for photo in photos:
        counts[photo.product] = counts.get(photo.product, 0) + 1
    kept = [product for product, count in counts.items() if count >= FEWEST]
    of_split1 = {product: "train" if i < SPLIT1_TRAIN else "test" for i, product in enumerate(kept)}
    drawn = {(row["product"], image): (part, place) for row, part, image, place in _drawn()}
    none = ("", -1)
    found = [drawn.get((photo.product, photo.image), none) if counts[photo.product] == 12 else none for photo in photos]
    table = pd.DataFrame(
        {
            "split1": [of_split1.get(photo.product, "") for photo in photos],
            "split2": [part for part, _ in found],
            "order2": np.array([place for _, place in found], np.int64),
        }
    )
    return table.astype({"split1": "str", "split2": "str"})


def _drawn() -> list[tuple[dict[str, str], str, int, int]]:
    with SPLIT2.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return [
        (row, part, int(digit, 12), 12 * number + place + (10 if part == "test" else 0))
        for number, row in enumerate(rows)
        for part in ("train", "test")
        for place, digit in enumerate(row[part])
    ]


def _folder(settings: Any) -> Path:
    folder = Path(setting(settings, "path") or "data/raw/sop")
    return folder / NAME if (folder / NAME).is_dir() else folder


def _read_list(path: Path, part: str) -> list[Photo]:
    lines = read_bytes(path).decode("utf-8", "replace").splitlines()
    if not lines or lines[0].split() != HEADER:
        raise UserError(f"{path}: line 1 must be '{' '.join(HEADER)}'; get {NAME}.zip again from {SITE}")
    found = []
    for number, line in enumerate(lines[1:], start=2):
        fields = line.split()
        match = PATH.fullmatch(fields[3]) if len(fields) == len(HEADER) else None
        if match is None:
            wanted = "three numbers and <category>_final/<product>_<image>.JPG"
            raise UserError(f"{path}: line {number} is not {wanted}: {line[:80]}")
        found.append(Photo(part, match["category"], match["product"], int(match["image"]), fields[3]))
    return found
