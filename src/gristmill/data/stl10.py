"""STL-10: 5,000 training, 8,000 test and 100,000 unlabeled photographs of 96 x 96 pixels, 10 classes.

Coates, Ng, Lee: An analysis of single-layer networks in unsupervised feature learning. AISTATS 2011.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gristmill.data.files import Published, read_bytes
from gristmill.data.source import Piece, Pieces, sample_table, setting
from gristmill.errors import UserError

ARCHIVE = Published(
    "stl10_binary.tar.gz",
    "91f7769df0f17e558f3565bffb0c7dfb",
    "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz",
)
FOLDER = "stl10_binary"  # in the archive
PART_FILES = {
    "train": ("train_X.bin", "train_y.bin"),
    "test": ("test_X.bin", "test_y.bin"),
    "unlabeled": ("unlabeled_X.bin",),
}
CLASSES = "class_names.txt"
FILES = (*(name for names in PART_FILES.values() for name in names), CLASSES)
SIDE = 96
BYTES = 3 * SIDE**2  # of an image
BLOCK = 1_000  # images in memory at a time
REMEDY = f"unpack {ARCHIVE.name} again"


def files(settings: Any) -> list[Path]:
    """The six files, in `settings.path` or in stl10_binary/ inside it, as the archive is unpacked."""
    folder = Path(setting(settings, "path") or "data/raw/stl10")
    places = [place / name for name in FILES for place in (folder, folder / FOLDER)]
    found = {path.name: path for path in reversed(places) if path.is_file()}
    missing = [name for name in FILES if name not in found]
    if missing:
        raise UserError(
            f"{folder}: {', '.join(missing)} missing; `gristmill fetch stl10` puts {ARCHIVE.name} (2.6 GB) into "
            f"data/raw/stl10, or get it from {ARCHIVE.url}; unpack it into {folder} with tar -xzf"
        )
    return [found[name] for name in FILES]


def read(settings: Any) -> Pieces:
    """The photographs a thousand at a time: train, test, unlabeled, each in the order of its file.

    Images are 96 x 96 x 3 RGB; the files number the classes from 1, the table from 0. Nobody knows the classes of the
    unlabeled images: their fine label is -1. Some of them show other things than the ten classes.

    Raises:
        UserError: a file that is missing, of another size than its images or labels take, with a label that has no
            name.
    """
    paths = {path.name: path for path in files(settings)}
    names = _names(paths[CLASSES])
    labels = {}
    for part, (images, *label_file) in PART_FILES.items():
        count = _count(paths[images])
        labels[part] = _labels(paths[label_file[0]], count, names) if label_file else np.full(count, -1)
    return Pieces(sum(map(len, labels.values())), _pieces(paths, labels, names))


def _names(path: Path) -> list[str]:
    try:
        return read_bytes(path).decode("utf-8").split()
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not text ({error.reason}); {REMEDY}") from error


def _count(path: Path) -> int:
    size = path.stat().st_size
    if size == 0 or size % BYTES:
        raise UserError(f"{path}: {size:,} bytes are no whole number of images of {BYTES:,} bytes; {REMEDY}")
    return size // BYTES


def _labels(path: Path, count: int, names: list[str]) -> np.ndarray:
    """From 0, one for each image."""
    labels = np.frombuffer(read_bytes(path), np.uint8).astype(np.int64)
    if len(labels) != count:
        raise UserError(f"{path}: {len(labels):,} labels, but {count:,} images beside it; {REMEDY}")
    wrong = np.flatnonzero((labels < 1) | (labels > len(names)))
    if len(wrong):
        raise UserError(f"{path}: row {wrong[0]}: label {labels[wrong[0]]} is out of range 1..{len(names)}; {REMEDY}")
    return labels - 1


def _pieces(paths: dict[str, Path], labels: dict[str, np.ndarray], names: list[str]) -> Iterator[Piece]:
    for part, fine in labels.items():
        path = paths[PART_FILES[part][0]]
        for first, images in _blocks(path, len(fine)):
            own = fine[first : first + len(images)]
            sample = [f"{part}/{first + i:05d}" for i in range(len(own))]
            yield Piece(images, sample_table(sample, part, own, names))


def _blocks(path: Path, count: int) -> Iterator[tuple[int, np.ndarray]]:
    """Place of the first image and some images, N x 96 x 96 x 3, a view of the file's planes."""
    try:
        with path.open("rb") as stream:
            for first in range(0, count, BLOCK):
                wanted = min(BLOCK, count - first) * BYTES
                content = stream.read(wanted)
                if len(content) < wanted:
                    raise UserError(f"{path}: became shorter while it was read; {REMEDY}")
                planes = np.frombuffer(content, np.uint8).reshape(-1, 3, SIDE, SIDE)  # channel, column, row
                yield first, planes.transpose(0, 3, 2, 1)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error})") from error
