"""Robustness: what corruptions of the test images cost, from a long table of accuracies.

Hendrycks & Dietterich, ICLR 2019 (1903.12261), section 4. Only the 15 corruptions count, never those for validation.

The rules for what is missing: a corruption without a figure at one of the five severities has no error (NaN) and is
left out of every mean; the column `corruptions` says how many a mean is over, 15 for one that can be compared with
published ones. A figure that is divided by zero is NaN, and so is a mean over it. Without a clean accuracy what is
relative to it is NaN.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from gristmill.corruptions import CORRUPTIONS, SEVERITIES

CLEAN = "clean"
CELL = ["corruption", "severity"]
COLUMNS = [*CELL, "figure", "value"]
Key = dict[str, Any]
Cells = dict[tuple[str, int], float]
ALEXNET = Path(__file__).with_name("alexnet_errors.csv")
ALEXNET_CLEAN = 0.435
"""AlexNet's error on clean ImageNet as the paper prints it, rounded."""


def alexnet() -> pd.DataFrame:
    """AlexNet's top-1 errors on ImageNet-C, a row a corruption, a column a severity (1 to 5).

    The reference of the paper (1903.12261) and of its code, hendrycks/robustness: for ImageNet-C only.
    """
    table = pd.read_csv(ALEXNET, index_col="corruption")
    return table.set_axis(table.columns.astype(int), axis=1)


def corruption_errors(
    table: pd.DataFrame, reference: pd.DataFrame | None = None, reference_clean: float = ALEXNET_CLEAN
) -> pd.DataFrame:
    """What each corruption costs.

    Args:
        table: a row a figure: `corruption` (`clean` without), `severity` (0 clean, 1 to 5), `figure` (only `top1` is
            read), `value` (0 to 1); all other columns tell apart what is judged by itself, such as a run and a seed.
        reference: errors to divide by, as `alexnet()` gives them; none: nothing is divided, and `ce` and `relative_ce`
            are NaN.
        reference_clean: error of the reference without corruption.

    Returns:
        The other columns; `corruption`, in the order of CORRUPTIONS, those that the table has; `clean_error`; `error`,
        the mean over severities; `more_error`, that less the clean error; `ce` = sum_s E / sum_s A; `relative_ce` =
        sum_s (E - E_clean) / sum_s (A - A_clean). All are shares, not percent.

    Raises:
        ValueError: a column missing, two figures of one cell, a value outside 0 to 1.
    """
    keys, groups = _groups(table)
    rows = []
    for key, cells in groups:
        clean = 1 - cells.get((CLEAN, 0), np.nan)
        for name in (name for name in CORRUPTIONS if any((name, severity) in cells for severity in SEVERITIES)):
            errors = np.array([1 - cells.get((name, severity), np.nan) for severity in SEVERITIES])
            compared = _compared(errors, clean, _row(reference, name), reference_clean)
            rows.append({**key, "corruption": name, "clean_error": clean, **compared})
    return pd.DataFrame(rows, columns=[*keys, "corruption", "clean_error", "error", "more_error", "ce", "relative_ce"])


def mean_corruption_error(
    table: pd.DataFrame, reference: pd.DataFrame | None = None, reference_clean: float = ALEXNET_CLEAN
) -> pd.DataFrame:
    """The means over corruptions.

    Args:
        table, reference, reference_clean: as for `corruption_errors`.

    Returns:
        A row for each of what the other columns tell apart: those; `corruptions`, how many count; `clean_error`;
        `error`, over all their cells; `more_error`, that less the clean error; `mce` and `relative_mce`, NaN without a
        reference. All are shares, not percent.
    """
    each = corruption_errors(table, reference, reference_clean)
    keys = list(each.columns[: each.columns.get_loc("corruption")])
    whole = each.loc[each["error"].notna()]
    figures = ["clean_error", "error", "more_error", "ce", "relative_ce"]
    rows = []
    for key, own in _split(whole, keys):
        means = own[figures].mean(skipna=False)
        rows.append({**key, "corruptions": len(own), **means.rename({"ce": "mce", "relative_ce": "relative_mce"})})
    return pd.DataFrame(rows, columns=[*keys, "corruptions", *figures[:3], "mce", "relative_mce"])


def by_severity(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy against severity.

    Args:
        table: as for `corruption_errors`.

    Returns:
        The other columns, `severity` (0 clean, 1 to 5), `accuracy`, the mean over the corruptions that have all five
        severities, and `corruptions`, how many they are (0 for clean).
    """
    keys, groups = _groups(table)
    rows = []
    for key, cells in groups:
        whole = [name for name in CORRUPTIONS if all((name, severity) in cells for severity in SEVERITIES)]
        if (CLEAN, 0) in cells:
            rows.append({**key, "severity": 0, "accuracy": cells[CLEAN, 0], "corruptions": 0})
        for severity in SEVERITIES if whole else ():
            accuracy = float(np.mean([cells[name, severity] for name in whole]))
            rows.append({**key, "severity": severity, "accuracy": accuracy, "corruptions": len(whole)})
    return pd.DataFrame(rows, columns=[*keys, "severity", "accuracy", "corruptions"])


def _groups(table: pd.DataFrame) -> tuple[list[str], Iterator[tuple[Key, Cells]]]:
    """The columns that tell apart what is judged, and of each of these the accuracies by corruption and severity."""
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise ValueError(f"the table of accuracies lacks {', '.join(missing)}")
    keys = [name for name in table.columns if name not in COLUMNS]
    rows = table.loc[(table["figure"] == "top1") & table["value"].notna()]
    values = rows["value"].to_numpy(float)
    wrong = values[(values < 0) | (values > 1)]
    if len(wrong):
        raise ValueError(f"value: an accuracy must be from 0 to 1, found {wrong[0]}")
    for name, severity in rows.loc[rows.duplicated(subset=[*keys, *CELL]), CELL].to_numpy():
        raise ValueError(f"two figures of {name} at severity {severity}; a column must tell them apart")
    return keys, (
        (key, {(name, int(severity)): value for name, severity, value in own[[*CELL, "value"]].to_numpy()})
        for key, own in _split(rows, keys)
    )


def _split(table: pd.DataFrame, keys: list[str]) -> Iterator[tuple[Key, pd.DataFrame]]:
    """The rows of each combination of the keys, in the order of their first rows; no key: all rows, if any."""
    if keys:
        for values, own in table.groupby(keys, sort=False, dropna=False):
            yield dict(zip(keys, cast(tuple, values), strict=True)), own
    elif len(table):
        yield {}, table


def _row(reference: pd.DataFrame | None, name: str) -> np.ndarray:
    """The reference's errors of a corruption; NaN where it has none."""
    if reference is None or name not in reference.index:
        return np.full(len(SEVERITIES), np.nan)
    return reference.loc[name, list(SEVERITIES)].to_numpy(float)


def _compared(errors: np.ndarray, clean: float, reference: np.ndarray, reference_clean: float) -> dict[str, float]:
    """The figures of one corruption from its five errors and those of the reference."""
    return {
        "error": float(errors.mean()),
        "more_error": float((errors - clean).mean()),
        "ce": _share(errors.sum(), reference.sum()),
        "relative_ce": _share((errors - clean).sum(), (reference - reference_clean).sum()),
    }


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole != 0 else float("nan")
