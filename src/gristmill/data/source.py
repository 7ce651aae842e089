"""What every source of images gives, and how the reader of a source is found by its name."""

from collections.abc import Sequence
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


def setting(settings: Any, name: str, default: Any = None) -> Any:
    """The value of `name` in a dict or an object with attributes; `default` where there is none."""
    if isinstance(settings, dict):
        return settings.get(name, default)
    return getattr(settings, name, default)


def reader(source: str) -> ModuleType:
    """The module of a source: `read(settings) -> Samples` and `files(settings) -> list[Path]`.

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


def sample_table(
    sample: Sequence[str],
    part: Any,
    fine: np.ndarray,
    fine_names: Sequence[str],
    coarse: np.ndarray | None = None,
    coarse_names: Sequence[str] = (),
) -> pd.DataFrame:
    """The table of a source; labels are N integers, the names are listed in the order of the labels."""
    table = pd.DataFrame({"sample": sample, "part": part, "fine": np.asarray(fine, np.int64)})
    table["fine_name"] = np.asarray(fine_names, object)[table["fine"]]
    if coarse is not None:
        table["coarse"] = np.asarray(coarse, np.int64)
        table["coarse_name"] = np.asarray(coarse_names, object)[table["coarse"]]
    return table.astype({name: "str" for name in table.columns if name not in ("fine", "coarse")})
