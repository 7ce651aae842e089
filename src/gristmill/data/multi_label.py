"""Sets whose images have several classes: a column of the prepared table for each class.

The table's fine label is one class then, as everything else needs it: that of the largest object. A task keeps only
that; its column `row` leads to the others.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

PREFIX = "has_"


def label_columns(labels: np.ndarray, class_names: Sequence[str]) -> pd.DataFrame:
    """Columns `has_<class>` of a prepared table.

    Args:
        labels: N x C of 1 (the class is there), 0 (it is not), -1 (difficult: it does not count).
    """
    return pd.DataFrame(np.asarray(labels, np.int8), columns=[f"{PREFIX}{name}" for name in class_names])


def label_matrix(table: pd.DataFrame) -> tuple[np.ndarray, list[str]] | None:
    """N x C int8 as `label_columns` took them, and the classes' names; None where an image has one class only.

    Args:
        table: prepared; take rows of it by a task's column `row`.
    """
    columns = [name for name in table.columns if name.startswith(PREFIX)]
    if not columns:
        return None
    return table[columns].to_numpy(np.int8), [name.removeprefix(PREFIX) for name in columns]
