"""Published sets of corrupted test images: CIFAR-10-C, CIFAR-100-C and ImageNet-C, from their unpacked folders.

Hendrycks & Dietterich, ICLR 2019 (1903.12261). Both readers look at once whether everything is there, and read a piece
at a time when it is asked for.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gristmill.corruptions import CORRUPTIONS, SEVERITIES
from gristmill.data.photographs import read_photograph
from gristmill.errors import UserError

CIFAR_SITE = "https://zenodo.org/record/2535967 (CIFAR-10-C) or https://zenodo.org/record/3555552 (CIFAR-100-C)"
IMAGENET_SITE = "https://zenodo.org/record/2235448"
LABELS = "labels.npy"
CIFAR_SIDE = 32
BLOCK = 256          # photographs in memory at a time
SUFFIXES = (".jpeg", ".jpg")


class Cell(NamedTuple):
    """Images of one corruption at one severity: all of them, or some.

    Attributes:
        corruption, severity: its name, and 1 to 5.
        images: N x H x W x 3 uint8.
        labels: N int64.
    """

    corruption: str
    severity: int
    images: np.ndarray
    labels: np.ndarray


def corrupted_cifar(folder: Path, names: Sequence[str] = CORRUPTIONS) -> Iterator[Cell]:
    """CIFAR-10-C or CIFAR-100-C: `<corruption>.npy` and `labels.npy`, severities 1 to 5 one after the other in each.

    Args:
        folder: where the files are.
        names: which corruptions, in the order in which they come.

    Yields:
        a cell whole, its images (a view of the file) in the order of the test set.

    Raises:
        UserError: a file that is missing, damaged or of another shape; labels that are not repeated.
    """
    missing = [f"{name}.npy" for name in names if not (folder / f"{name}.npy").is_file()]
    missing += [LABELS] if not (folder / LABELS).is_file() else []
    if missing:
        raise UserError(f"{folder}: {', '.join(missing)} missing; get the set from {CIFAR_SITE} and unpack it there")
    labels = _labels(folder / LABELS)
    for name in names:
        _images(folder / f"{name}.npy", len(labels) * len(SEVERITIES))
    return _cifar_cells(folder, names, labels)


def _cifar_cells(folder: Path, names: Sequence[str], labels: np.ndarray) -> Iterator[Cell]:
    count = len(labels)
    for name in names:
        images = _images(folder / f"{name}.npy", count * len(SEVERITIES))
        for place, severity in enumerate(SEVERITIES):
            yield Cell(name, severity, images[place * count : (place + 1) * count], labels)


def _labels(path: Path) -> np.ndarray:
    """Those of the test set, once."""
    found = _array(path)
    if found.ndim != 1 or found.dtype.kind not in "iu" or not len(found) or len(found) % len(SEVERITIES):
        raise UserError(f"{path}: must be 5 N integers, not {found.shape} {found.dtype}; get the file again")
    blocks = found.reshape(len(SEVERITIES), -1)
    other = np.flatnonzero((blocks != blocks[0]).any(1))
    if len(other):
        raise UserError(
            f"{path}: the labels of severity {SEVERITIES[other[0]]} are not those of severity 1, as they must be: "
            f"get the file again"
        )
    return blocks[0].astype(np.int64)


def _images(path: Path, count: int) -> np.ndarray:
    found, wanted = _array(path), (count, CIFAR_SIDE, CIFAR_SIDE, 3)
    if found.shape != wanted or found.dtype != np.uint8:
        raise UserError(
            f"{path}: must be {wanted} uint8, an image for each of the {count:,} labels, not {found.shape} "
            f"{found.dtype}; get the file again"
        )
    return found


def _array(path: Path) -> np.ndarray:
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason = getattr(error, "strerror", None) or "damaged, or no array of NumPy"
        raise UserError(f"{path}: {reason}; get the file again") from error
    if not isinstance(found, np.ndarray):
        raise UserError(f"{path}: not one array but an archive of several; get the file again")
    return found


def corrupted_imagenet(
    folder: Path, names: Sequence[str] = CORRUPTIONS, classes: Sequence[str] | None = None, side: int = 224
) -> Iterator[Cell]:
    """ImageNet-C: `<corruption>/<severity>/<class>/*.JPEG`.

    Args:
        folder: where the corruptions' folders are.
        names: which corruptions, in the order in which they come.
        classes: folders of the classes in the order of their labels; other classes are passed over. None: all that the
            first cell has, sorted by name.
        side: the middle of each photograph, so many pixels wide and high, is taken; nothing is resized.

    Yields:
        a cell in several pieces, one following the other: class by class, by file name.

    Raises:
        UserError: a folder that is missing or empty, a class that another cell lacks, a photograph that cannot be read
            or is too small.
    """
    places = [folder / name / str(severity) for name in names for severity in SEVERITIES]
    absent = [f"{place.parent.name}/{place.name}" for place in places if not place.is_dir()]
    if absent:
        more = f" and {len(absent) - 1} more" if len(absent) > 1 else ""
        raise UserError(f"{folder}: {absent[0]}{more} missing; get the set from {IMAGENET_SITE} and unpack it there")
    if classes is None:
        classes = sorted(inside.name for inside in places[0].iterdir() if inside.is_dir()) if places else []
        if places and not classes:
            raise UserError(f"{places[0]}: no folder of a class in it; unpack the set from {IMAGENET_SITE} again")
    lacking = [place / name for place in places for name in classes if not (place / name).is_dir()]
    if lacking:
        raise UserError(f"{lacking[0]}: missing, but every corruption has the same classes; unpack the set again")
    return _imagenet_cells(folder, names, list(classes), side)


def _imagenet_cells(folder: Path, names: Sequence[str], classes: list[str], side: int) -> Iterator[Cell]:
    with ThreadPoolExecutor(cpu_count()) as pool:   # Pillow decodes outside Python's lock
        for name in names:
            for severity in SEVERITIES:
                files = [_files(folder / name / str(severity) / each) for each in classes]
                labels = np.repeat(np.arange(len(classes)), [len(each) for each in files])
                paths = [path for each in files for path in each]
                for start in range(0, len(paths), BLOCK):
                    part = slice(start, start + BLOCK)
                    images = np.stack(list(pool.map(lambda path: _middle(path, side), paths[part])))
                    yield Cell(name, severity, images, labels[part])


def _files(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not found:
        raise UserError(f"{folder}: no photograph ({', '.join(SUFFIXES)}) in it; unpack the set again")
    return found


def _middle(path: Path, side: int) -> np.ndarray:
    image = read_photograph(path, None)
    height, width, _ = image.shape
    if min(height, width) < side:
        raise UserError(f"{path}: {height} x {width} pixels, at least {side} x {side} are needed; get it again")
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]
