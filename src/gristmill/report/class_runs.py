"""The runs of one task that are classifiers, and what their histories say of each class."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gristmill.evaluate.classification import group_sizes, grouped
from gristmill.labels.distribution import distribution
from gristmill.report.few import GROUPS, imbalance
from gristmill.report.results import having
from gristmill.report.words import dataset_name

NAMED = 24  # classes at most that have a column each; more are head, middle and tail
RATES = {"recall": "recalls", "precision": "precisions"}


@dataclass(frozen=True)
class ClassRuns:
    """What is known of a task's classifiers.

    Attributes:
        table: of the task, all seeds.
        distribution: images of each class (`labels.distribution`).
        histories: title -> history of all seeds.
        features: title -> seed -> function that reads arrays (`pipelines.evaluate_classes`).
    """

    task: str
    dataset: str
    table: pd.DataFrame
    distribution: pd.DataFrame
    histories: dict[str, pd.DataFrame]
    features: dict[str, dict[int, Callable[[], dict[str, np.ndarray]]]]

    @property
    def classes(self) -> pd.DataFrame:
        """A row a class from head to tail, indexed by rank: class_name, and labeled, unlabeled as means over seeds."""
        known = self.distribution.loc[self.distribution["rank"] >= 0]
        return known.groupby("rank").agg({"class_name": "first", "labeled": "mean", "unlabeled": "mean"})

    @property
    def title(self) -> str:
        """`Fashion-MNIST, unlabeled images reversed`."""
        unlabeled = [round(count) for count in self.classes["unlabeled"]]
        return f"{dataset_name(self.dataset)}, {imbalance(unlabeled) or 'few labels'}"

    @property
    def names(self) -> list[str]:
        return [str(name) for name in self.classes["class_name"]]

    @property
    def counts(self) -> np.ndarray:
        """K, labeled images."""
        return self.classes["labeled"].to_numpy()

    @property
    def many(self) -> bool:
        """Whether classes are drawn in groups."""
        return len(self.names) > NAMED

    @property
    def columns(self) -> list[str]:
        """Names of the columns of a picture by class."""
        return list(GROUPS) if self.many else self.names

    @property
    def parts(self) -> dict[str, int]:
        """How many of those columns are head, middle and tail; those without any are left out."""
        if self.many or len(self.names) < 2:
            return {}
        return {name: size for name, size in group_sizes(len(self.names)).items() if size}

    def by_column(self, values: Sequence[float | None]) -> list[float]:
        """Values of K classes as those of the columns."""
        if self.many:
            return list(grouped(values, self.counts).values())
        return [float("nan") if value is None else float(value) for value in values]


def class_runs(
    results: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    histories: Mapping[str, pd.DataFrame],
    features: Mapping[str, Mapping[str, Callable[[], dict[str, np.ndarray]]]],
) -> list[ClassRuns]:
    """One for each task that has classifiers: rows of results with a median of top-1 accuracies.

    Args:
        results: a row a seed (`results.name_rows`).
        tables: task -> its table, all seeds.
        histories, features: experiment -> what is there of it.
    """
    if "median_top1" not in results:
        return []
    found = []
    rows = results.loc[results["median_top1"].notna()]
    for task in dict.fromkeys(having(rows, "task", *tables)["task"]):
        lines: dict[str, list[pd.DataFrame]] = {}
        arrays: dict[str, dict[int, Callable[[], dict[str, np.ndarray]]]] = {}
        own = having(rows, "task", task).drop_duplicates("experiment")
        for name, title in zip(own["experiment"], own["title"], strict=True):
            if name in histories:
                lines.setdefault(title, []).append(histories[name])
            for seed, read in features.get(name, {}).items():
                arrays.setdefault(title, {})[int(seed)] = read
        told = {title: pd.concat(parts, ignore_index=True) for title, parts in lines.items()}
        dataset = str(having(rows, "task", task)["dataset"].iloc[0])
        found.append(ClassRuns(task, dataset, tables[task], distribution(tables[task]), told, arrays))
    return found


def read_list(cell: Any, count: int) -> list[float | None] | None:
    """A list of `count` values from a cell of a history; None where there is none."""
    found = json.loads(cell) if isinstance(cell, str) else cell
    return list(found) if isinstance(found, list | tuple | np.ndarray) and len(found) == count else None


def listed_rows(history: pd.DataFrame, column: str, count: int) -> list[tuple[int, int, list[float | None]]]:
    """Seed, step and list of the rows of a history that have one in a column; a list without any number is none."""
    if column not in history:
        return []
    found = []
    for seed, step, cell in zip(history["seed"], history["step"], history[column], strict=True):
        values = read_list(cell, count)
        if values is not None and any(value is not None and value == value for value in values):
            found.append((int(seed), int(step), values))
    return found


def last_lists(history: pd.DataFrame, column: str, count: int) -> dict[int, list[float | None]]:
    """Seed -> its last list in a column."""
    return {seed: values for seed, _, values in listed_rows(history, column, count)}


def rates_by_class(runs: ClassRuns, chosen: Mapping[str, tuple[pd.DataFrame, Mapping[str, str]]]) -> pd.DataFrame:
    """The last lists of histories, for `figures.per_class`.

    Args:
        chosen: line -> its history, and rate -> the column that has it.

    Returns:
        rate, line, place, name, seed, value.
    """
    rows = [
        {"rate": rate, "line": line, "place": place, "name": name, "seed": seed, "value": value}
        for line, (history, columns) in chosen.items()
        for rate, column in columns.items()
        for seed, values in last_lists(history, column, len(runs.names)).items()
        for place, (name, value) in enumerate(zip(runs.columns, runs.by_column(values), strict=True))
    ]
    return pd.DataFrame(rows, columns=["rate", "line", "place", "name", "seed", "value"])


def parts_by_seed(runs: ClassRuns, history: pd.DataFrame, column: str) -> pd.DataFrame:
    """Means over head, middle and tail of the last lists: a row a seed, columns GROUPS."""
    lists = last_lists(history, column, len(runs.names))
    return pd.DataFrame({seed: grouped(values, runs.counts) for seed, values in lists.items()}, index=list(GROUPS)).T
