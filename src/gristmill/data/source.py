"""What every source of images gives, and how the reader of a source is found by its name."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from gristmill.errors import UserError
from gristmill.lookup import module

PARTS = ("train", "unlabeled", "validation", "test")


class Samples(NamedTuple):
    """All images of a source and what is known about them; row i of the table is image i.

    Attributes:
        images: N x H x W x C uint8, C is 1 or 3.
        table: the columns of `gristmill.data.schemas.Prepared`.
    """

    images: np.ndarray
    table: pd.DataFrame


class Piece(NamedTuple):
    """Some images of a source: as `Samples`, or as a list of H x W x C arrays, whose sizes may differ."""

    images: np.ndarray | list[np.ndarray]
    table: pd.DataFrame


class Pieces(NamedTuple):
    """A source that does not fit into memory, or whose images have many sizes.

    Attributes:
        count: of all images, to say how far they are.
        pieces: one after the other, in the order of the images.
    """

    count: int
    pieces: Iterator[Piece]


def setting(settings: Any, name: str, default: Any = None) -> Any:
    """The value of `name` in a dict or an object with attributes; `default` where there is none."""
    if isinstance(settings, dict):
        return settings.get(name, default)
    return getattr(settings, name, default)


def reader(source: str) -> ModuleType:
    """The module of a source: `read(settings) -> Samples` (or `Pieces`) and `files(settings) -> list[Path]`.

    `files` costs nothing: it names the files that `read` will open and raises where one is missing.

    Raises:
        UserError: no module of this folder reads such a source.
    """
    # A reader imports little at its top, so looking for one costs milliseconds.
    known = [path.stem for path in sorted(Path(__file__).parent.glob("*.py")) if _reads(path)]
    if source not in known:
        near = get_close_matches(str(source), known, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
        raise UserError(f"params.yaml: datasets: no such source '{source}'; {hint}")
    return module("data", source)


def _reads(path: Path) -> bool:
    return "\ndef read(settings: Any)" in path.read_text(encoding="utf-8")


def check_images(samples: Samples | Piece, what: str) -> None:
    """Refuse images that are not H x W x C uint8 with a row of the table for each."""
    images, table = samples
    if isinstance(images, list):
        wrong = next((i for i in images if i.dtype != np.uint8 or i.ndim != 3 or i.shape[2] not in (1, 3)), None)
        if wrong is not None:
            raise UserError(f"{what}: an image must be H x W x (1 or 3) uint8, not {wrong.shape} {wrong.dtype}")
        if len({image.shape[2] for image in images}) > 1:
            raise UserError(f"{what}: some images have 1 channel, some 3")
    elif images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] not in (1, 3):
        raise UserError(f"{what}: images must be N x H x W x (1 or 3) uint8, not {images.shape} {images.dtype}")
    if len(images) != len(table):
        raise UserError(f"{what}: {len(images):,} images, but {len(table):,} rows in the table")
    if not len(images):
        raise UserError(f"{what}: there is no image in it")


def sample_table(
    sample: Sequence[str],
    part: Any,
    fine: np.ndarray,
    fine_names: Sequence[str],
    coarse: np.ndarray | None = None,
    coarse_names: Sequence[str] = (),
) -> pd.DataFrame:
    """The table of a source; labels are N integers, the names are listed in the order of the labels.

    A fine label is -1 where nobody knows it; its name is "".
    """
    table = pd.DataFrame({"sample": sample, "part": part, "fine": np.asarray(fine, np.int64)})
    table["fine_name"] = np.array([*fine_names, ""], object)[table["fine"]]   # -1 takes the last
    if coarse is not None:
        table["coarse"] = np.asarray(coarse, np.int64)
        table["coarse_name"] = np.asarray(coarse_names, object)[table["coarse"]]
    return table.astype({name: "str" for name in table.columns if name not in ("fine", "coarse")})
