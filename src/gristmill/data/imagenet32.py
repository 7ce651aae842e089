"""ImageNet-1k at 32 x 32 pixels: 1,281,167 training and 50,000 validation images of 1,000 classes.

Chrabaszcz, Loshchilov, Hutter: A downsampled variant of ImageNet as an alternative to the CIFAR datasets (2017).
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gristmill.data.pickles import REMEDY, load, whole_numbers
from gristmill.data.source import Piece, Pieces, sample_table, setting
from gristmill.errors import UserError

CLASSES = Path(__file__).parent / "embedded" / "imagenet32_classes.csv"   # names: the first of the WordNet 3.0 noun
FILES = (*(f"train_data_batch_{number}" for number in range(1, 11)), "val_data")
COUNTS = {"train": 1_281_167, "test": 50_000}   # the validation images are what is tested on
SIDE = 32
BLOCK = 10_000   # images written at a time
SITE = "https://image-net.org/download-images"


def files(settings: Any) -> list[Path]:
    """The eleven files, in `settings.path` or in folders inside it, as the archives are unpacked."""
    folder = Path(setting(settings, "path") or "data/raw/imagenet32")
    places = [folder, *sorted(path for path in folder.glob("*") if path.is_dir())] if folder.is_dir() else []
    found = [next((place / name for place in places if (place / name).is_file()), None) for name in FILES]
    missing = [name for name, path in zip(FILES, found, strict=True) if path is None]
    if missing:
        raise UserError(
            f"{folder}: {', '.join(missing)} missing; get the train and val archives of 'ImageNet 32x32' (downsampled) "
            f"from {SITE}, which needs an account, and unpack both into {folder}"
        )
    return [path for path in found if path is not None]


def read(settings: Any) -> Pieces:
    """The images file by file, so that one file is in memory at a time.

    The files number the classes in an order of their own (from 1); `fine` is the usual number, the place of the class
    in the order of the wnids, which stand in the column `wnid`.
    """
    return Pieces(sum(COUNTS.values()), _pieces(files(settings)))


def class_table() -> tuple[np.ndarray, list[str], list[str]]:
    """Class of each label of the files (label - 1 is the place), then wnid and name of each class."""
    with CLASSES.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    stored = np.array([int(row["stored_label"]) for row in rows])
    return np.argsort(stored), [row["wnid"] for row in rows], [row["name"] for row in rows]


def _pieces(paths: list[Path]) -> Iterator[Piece]:
    done = dict.fromkeys(COUNTS, 0)
    for path in paths:
        part = "test" if path.name == "val_data" else "train"
        for piece in _of_file(path, part, done[part]):
            done[part] += len(piece.images)
            yield piece
    for part, count in COUNTS.items():
        if done[part] != count:
            raise UserError(f"{paths[0].parent}: {done[part]:,} images of the part {part}, not {count:,}; {REMEDY}")


def _of_file(path: Path, part: str, first: int) -> Iterator[Piece]:
    """A file in blocks, so that its pixels are turned a few at a time; `first` is the place of its first image."""
    to_fine, wnids, names = class_table()
    images, label = _read_file(path)
    wrong = np.flatnonzero((label < 1) | (label > len(names)))
    if len(wrong):
        raise UserError(f"{path}: row {wrong[0]}: label {label[wrong[0]]} is out of range 1..{len(names)}; {REMEDY}")
    for start in range(0, len(images), BLOCK):
        fine = to_fine[label[start : start + BLOCK] - 1]
        sample = [f"{part}/{first + start + i:07d}" for i in range(len(fine))]
        table = sample_table(sample, np.full(len(fine), part), fine, names)
        table["wnid"] = np.array(wnids, object)[fine]
        yield Piece(images[start : start + BLOCK], table.astype({"wnid": "str"}))


def _read_file(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images N x 32 x 32 x 3 (a view of the file's planes) and labels, N."""
    try:
        with path.open("rb") as stream:
            found = load(stream, str(path))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error})") from error
    data = found.get("data")
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != 3 * SIDE**2:
        held = f"{data.shape} {data.dtype}" if isinstance(data, np.ndarray) else type(data).__name__
        raise UserError(f"{path}: 'data' must be N x {3 * SIDE**2} uint8, not {held}; {REMEDY}")
    labels = whole_numbers(found.get("labels"), len(data), f"{path}: 'labels'")
    return data.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1), labels   # red, green, blue planes -> pixels
