"""Longer trainings of classifiers with few labels: results/<data set>.csv, a row a run, and <data set>_classes.csv.

A title `FixMatch, reversed` is a method and the tail of its unlabeled images, which its task's name ends in; any other
words behind the comma say what an ablation changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gristmill.report.few import KINDS, SUPERVISED
from gristmill.report.results import KEYS, having
from gristmill.report.separation import Difference, paired

RATES = {"recall": "recalls", "precision": "precisions", "gain": "gains", "used_share": "used_shares"}
TAILS = ("matched", "uniform", "reversed")
METRICS = {
    "median_top1": "top-1",
    "median_top1_la": "against the prior",
    "final_used": "used",
    "final_used_accuracy": "right of these",
    "final_recall": "recall of labels",
}


@dataclass(frozen=True, eq=False)
class LongerClasses:
    """The longer trainings of a data set.

    Attributes:
        rows: every run: KEYS, seed, settings, figures; `name`: the method's title, `tail`: of the unlabeled images,
            `changed`: whether the run is an ablation.
        classes: as `class_rows` makes them; empty where there are none.
        tails: of the table, in the order of TAILS.
        names: of the methods in the table, in the order of the runs.
        steps: of the trainings.
    """

    dataset: str
    rows: pd.DataFrame
    classes: pd.DataFrame
    tails: tuple[str, ...]
    names: tuple[str, ...]
    steps: int

    def runs(self, name: str, tail: str) -> pd.DataFrame:
        """A method's runs under a tail; Supervised reads no unlabeled image and stands under each."""
        rows = having(self.rows, "name", name).loc[lambda own: ~own["changed"]]
        return rows if name == SUPERVISED else having(rows, "tail", tail)

    def titled(self, title: str) -> pd.DataFrame:
        """The runs of a title."""
        return having(self.rows, "title", title)

    def ablations(self) -> dict[str, pd.DataFrame]:
        """Title -> runs, of what changes a method."""
        changed = self.rows.loc[self.rows["changed"]]
        return {title: having(changed, "title", title) for title in dict.fromkeys(changed["title"])}

    def ablated(self) -> str:
        """The tail under which the ablations were run; empty without any."""
        return next((str(own["tail"].iloc[0]) for own in self.ablations().values()), "")

    def main_tail(self) -> str:
        """The tail of what is said of one alone: that of the ablations, else the last; empty without any."""
        return self.ablated() or next(iter(self.tails[-1:]), "")

    def of_class(self, runs: pd.DataFrame) -> pd.DataFrame:
        """What `classes` has of these runs."""
        if not len(self.classes):
            return self.classes
        return having(self.classes, "experiment", *runs["experiment"]).merge(runs[["experiment", "seed"]])


def is_classes(evidence: pd.DataFrame) -> bool:
    """Whether a table is one of classifiers."""
    return {*KEYS, "seed", "epochs", "epoch_steps", "median_top1"} <= set(evidence)


def longer_classes(evidence: pd.DataFrame, classes: pd.DataFrame | None, dataset: str) -> LongerClasses | None:
    """The longer trainings of one data set; None where there are none."""
    if not is_classes(evidence):
        return None
    rows = having(evidence, "dataset", dataset).dropna(subset=["median_top1"])
    if not len(rows):
        return None
    tail = [str(task).rpartition("_")[2] for task in rows["task"]]
    parts = [str(title).partition(", ") for title in rows["title"]]
    changed = [bool(after) and after != own for (_, _, after), own in zip(parts, tail, strict=True)]
    rows = rows.assign(name=[part[0] for part in parts], tail=tail, changed=changed).reset_index(drop=True)
    table = rows.loc[~rows["changed"]]
    reading = set(table.loc[table["name"] != SUPERVISED, "tail"])
    tails = [name for name in TAILS if name in reading] + sorted(reading - set(TAILS))
    steps = int((rows["epochs"].to_numpy(float) * rows["epoch_steps"].to_numpy(float)).max())
    own = pd.DataFrame() if classes is None else classes
    return LongerClasses(dataset, rows, own, tuple(tails), tuple(dict.fromkeys(table["name"])), steps)


def longer_of_classes(
    evidence: Mapping[str, pd.DataFrame | None], datasets: Iterable[str]
) -> list[LongerClasses]:
    """Those of the data sets that have a table `<data set>`; a row a class is in `<data set>_classes`."""
    found = []
    for name in dict.fromkeys(datasets):
        rows = evidence.get(name)
        if rows is not None:
            found.append(longer_classes(rows, evidence.get(f"{name}_classes"), name))
    return [longer for longer in found if longer is not None]


def class_rows(
    run: Mapping[str, Any], last: Mapping[str, Any], names: Sequence[str], labeled: Sequence[int]
) -> list[dict[str, Any]]:
    """A row a class of one run, for <data set>_classes.csv; none where the run is no classifier.

    Args:
        run: experiment and seed.
        last: last row of its history: lists of K values, None where there is none.
        names: K, of the classes.
        labeled: K, how many labeled images each has.

    Returns:
        `class` (the rank by labeled images, from 0), `class_name`, `labeled`; of the test images `recall` and
        `recall_la`; of the labels of the last interval `<kind>_recall`, `<kind>_precision`, `<kind>_gain` (labels by
        true images) and `<kind>_used_share` (of all labels used), and of DASO `share` (m-hat) and `upsilon`.
    """
    columns = {"recall": "recalls", "recall_la": "recalls_la"}
    columns |= {f"{kind}_{rate}": f"{kind}_{many}" for kind in KINDS for rate, many in RATES.items()}
    columns |= {"share": "shares", "upsilon": "upsilons"}
    if not isinstance(last.get("recalls"), list):
        return []
    rows = []
    for place, (name, count) in enumerate(zip(names, labeled, strict=True)):
        row = {"experiment": run["experiment"], "seed": run["seed"], "class": place, "class_name": name}
        row |= {"labeled": count}
        row |= {key: last[many][place] for key, many in columns.items() if isinstance(last.get(many), list)}
        rows.append(row)
    return rows


def values(runs: pd.DataFrame, metric: str) -> pd.Series:
    """Seed -> value, of those that have one."""
    if metric not in runs:
        return pd.Series(dtype=float)
    own = runs.drop_duplicates("seed")
    return pd.Series(dict(zip(own["seed"], own[metric], strict=True)), dtype=float).dropna().sort_index()


def apart(first: pd.Series, second: pd.Series) -> Difference | None:
    """First minus second over the seeds that both have; None without any."""
    shared = first.index.intersection(second.index)
    return paired(first.loc[shared], second.loc[shared]) if len(shared) else None
