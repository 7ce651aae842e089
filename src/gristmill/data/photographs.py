"""Photographs as single files of many sizes: decoded side by side, a block in memory at a time."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from gristmill.data.source import Piece, Pieces
from gristmill.errors import UserError

FORMATS = ("JPEG", "PNG", "WEBP")
BLOCK = 256   # images in memory at a time


def photographs(paths: Sequence[Path], table: pd.DataFrame, side: int | None) -> Pieces:
    """Photographs in the order of the table, RGB, the large ones reduced to `side` (see `reduced`)."""
    return Pieces(len(paths), _pieces(paths, table, side))


def _pieces(paths: Sequence[Path], table: pd.DataFrame, side: int | None) -> Iterator[Piece]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:   # Pillow decodes and resizes outside Python's lock
        for start in range(0, len(paths), BLOCK):
            rows = slice(start, start + BLOCK)
            yield Piece(list(pool.map(partial(read_photograph, side=side), paths[rows])), table.iloc[rows])


def read_photograph(path: Path, side: int | None) -> np.ndarray:
    """H x W x 3 uint8.

    Raises:
        UserError: a file that is missing, damaged or no photograph.
    """
    try:
        with Image.open(path, formats=FORMATS) as opened:
            return np.asarray(reduced(opened.convert("RGB"), side))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:   # Pillow raises all of them
        reason = getattr(error, "strerror", None) or f"not a readable photograph ({error})"
        raise UserError(f"{path}: {reason}; get it again") from error


def reduced(image: Image.Image, side: int | None) -> Image.Image:
    """An image whose shorter side is `side`, bilinear with antialiasing; one that is no larger stays as it is.

    torchvision's Resize(side) gives the same pixels.
    """
    width, height = image.size
    short = min(width, height)
    if side is None or short <= side:
        return image
    size = (side, int(side * height / width)) if width <= height else (int(side * width / height), side)
    return image.resize(size, Image.Resampling.BILINEAR)


def check_there(folder: Path, names: Sequence[str], remedy: str) -> None:
    """Refuse a folder in which some of the files are missing; each subfolder is listed once, nothing is opened."""
    there: dict[str, set[str]] = {}
    missing = []
    for name in names:
        place, _, file = name.rpartition("/")
        if place not in there:
            inside = folder / place
            there[place] = set(os.listdir(inside)) if inside.is_dir() else set()
        if file not in there[place]:
            missing.append(name)
    if missing:
        more = f" and {len(missing) - 1:,} more of {len(names):,}" if len(missing) > 1 else ""
        raise UserError(f"{folder}: {missing[0]}{more} missing; {remedy}")
