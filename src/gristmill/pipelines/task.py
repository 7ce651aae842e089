"""From a prepared table to a task: what the learner may see."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def group_coarse(table: "pd.DataFrame", settings: dict[str, Any]) -> "pd.DataFrame":
    """The coarse class of each image as its label."""
    from gristmill.labels.coarse import group_coarse

    return group_coarse(table, settings)


def split_long_tail(table: "pd.DataFrame", settings: dict[str, Any]) -> "pd.DataFrame":
    """Labeled images, fewer from class to class, and unlabeled ones, split anew for each seed."""
    from gristmill.labels.long_tail import split_long_tail

    return split_long_tail(table, settings)
