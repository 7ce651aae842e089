"""Named groupings: which coarse class each fine class belongs to, as CSV files shipped with the package.

Columns `fine`, `coarse` (names); an empty `coarse` drops the class from the task. Fine classes get new numbers, in
the order of the file (dropped ones last), and the samples of a task come in that order too; where the published
numbers follow another order than the samples, a column `fine_id` gives them. Coarse classes are numbered in the
alphabetical order of their names, or as a column `coarse_id` says.
"""

import csv
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from gristmill.errors import UserError

FOLDER = Path(__file__).parent / "groupings"
OWN = ("coarse", "fine")   # not files: the source's own coarse classes, and each fine class for itself
COLUMNS = ["fine", "coarse", "fine_id", "coarse_id"]
DROPPED = -1   # number of no coarse class
SHOWN = 5   # classes named in a message


def grouping_names() -> list[str]:
    """All that a task's `grouping` can say."""
    return [*OWN, *sorted(path.stem for path in FOLDER.glob("*.csv"))]


def grouping_path(name: str) -> Path:
    """The file of a named grouping; what a task's result depends on beside code and table."""
    path = FOLDER / f"{name}.csv"
    if name not in grouping_names() or name in OWN:
        near = get_close_matches(str(name), grouping_names(), 1)
        hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(grouping_names())}"
        raise UserError(f"params.yaml: tasks: no such grouping '{name}'; {hint}")
    return path


def read_grouping(path: Path) -> pd.DataFrame:
    """Read a grouping file.

    Returns:
        a row per fine class in the order of the file: fine (name), coarse (name, "" for a dropped class), fine_id
        (0, 1, ... over the classes that stay, then over those that are dropped), coarse_id (0, 1, ...; -1 for a
        dropped class).

    Raises:
        UserError: wrong columns, a class that stands twice, numbers that are not 0, 1, ...
    """
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            header, *lines = csv.reader(stream, strict=True)
    except (OSError, ValueError, csv.Error) as error:   # ValueError: not UTF-8, or not one line
        raise UserError(f"{path.name}: not a readable CSV file ({error})") from error
    if header[:2] != COLUMNS[:2] or header != [name for name in COLUMNS if name in header]:
        wanted = "fine,coarse and possibly fine_id, coarse_id"
        raise UserError(f"{path.name}: columns must be {wanted}, not {','.join(header)}")
    for number, line in enumerate(lines, start=2):
        if len(line) != len(header):
            raise UserError(f"{path.name}: line {number} has {len(line)} fields, not {len(header)}: {','.join(line)}")
    table = pd.DataFrame(lines, columns=pd.Index(header), dtype="str")
    repeated = [fine for fine, count in Counter(table["fine"]).items() if count > 1]
    if repeated:
        raise UserError(f"{path.name}: {_listed(repeated)} more than once in the grouping; keep one line")
    if "fine_id" not in table:
        kept_first = np.argsort(table["coarse"] == "", kind="stable")
        table["fine_id"] = np.argsort(kept_first)   # a permutation's inverse: the place of each class
    elif sorted(table["fine_id"]) != sorted(map(str, range(len(table)))):
        raise UserError(f"{path.name}: fine_id must be the numbers 0 to {len(table) - 1}, each once")
    number = _coarse_numbers(table, path)
    table["coarse_id"] = [number.get(coarse, DROPPED) for coarse in table["coarse"]]
    return table.astype({"fine_id": np.int64, "coarse_id": np.int64})


def _coarse_numbers(table: pd.DataFrame, path: Path) -> dict[str, int]:
    names = sorted(set(table["coarse"]) - {""})
    if "coarse_id" not in table:
        return {name: number for number, name in enumerate(names)}
    pairs = sorted(set(zip(table["coarse_id"], table["coarse"], strict=True)) - {("", "")})
    if sorted(number for number, _ in pairs) != sorted(map(str, range(len(names)))) or len(pairs) != len(names):
        wanted = f"the numbers 0 to {len(names) - 1}, one for each coarse class"
        raise UserError(f"{path.name}: coarse_id must be {wanted}, and empty for a dropped one")
    return {name: int(number) for number, name in pairs}


def check_grouping(grouping: pd.DataFrame, classes: list[str], name: str) -> None:
    """Refuse a grouping that does not name exactly the fine classes of the data."""
    unknown = [fine for fine in grouping["fine"] if fine not in set(classes)]
    if unknown:
        near = get_close_matches(unknown[0], classes, 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise UserError(f"grouping '{name}': {_listed(unknown)} not among the {len(classes)} classes of the data{hint}")
    missing = [fine for fine in classes if fine not in set(grouping["fine"])]
    if missing:
        raise UserError(
            f"grouping '{name}': {_listed(missing)} missing from it; "
            f"give each a line (an empty coarse field drops a class)"
        )


def _listed(classes: Sequence[str]) -> str:
    shown = ", ".join(f"'{fine}'" for fine in classes[:SHOWN])
    more = f" and {len(classes) - SHOWN} more" if len(classes) > SHOWN else ""
    return f"{'class' if len(classes) == 1 else 'classes'} {shown}{more}"
