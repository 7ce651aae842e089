"""Which runs are looked at, image by image."""

from collections.abc import Sequence
from typing import Any

SHOWN = ("MaskCon", "SupCE")  # beside each other


def looked_at(runs: Sequence[dict[str, Any]]) -> list[str]:
    """Experiments for maps and galleries: for each data set those of SHOWN on one task, a good grouping before others.

    Args:
        runs: experiment, title, dataset and task of each.
    """
    found: list[str] = []
    for dataset in dict.fromkeys(run["dataset"] for run in runs):
        shown = [run for run in runs if run["dataset"] == dataset and run["title"] in SHOWN]
        tasks = sorted(
            dict.fromkeys(run["task"] for run in shown),
            key=lambda task: (-len({run["title"] for run in shown if run["task"] == task}), not task.endswith("_good")),
        )
        for title in SHOWN:
            own = [run["experiment"] for run in shown if tasks and run["task"] == tasks[0] and run["title"] == title]
            found += own[:1]
    return found


def other_grouping(task: str) -> str:
    """The task with the bad grouping of the same classes, by its name."""
    return f"{task.removesuffix('_good')}_bad"
