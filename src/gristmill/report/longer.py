"""Longer trainings over several seeds: results/<data set>.csv, a row a run, as scripts/evidence.py writes it.

Experiments whose names end in `_good` or `_bad` make the table; the others change one value of it: w, T2 or epochs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import nan

import pandas as pd

from gristmill.report.results import KEYS, TaskFacts, having, summarize

SETTINGS = ("epochs", "w", "T2")
FIGURES = r"(coarse_)?recall_\d+$|discover_|within$"
RIGHT_ALREADY = "within"  # Recall@1 among those whose nearest neighbor has the right coarse class


@dataclass(frozen=True, eq=False)  # one is itself alone: what is computed from it can be kept
class Longer:
    """The longer trainings of a data set.

    Attributes:
        rows: every run: KEYS, seed, SETTINGS, device, precision, torch, figures, and `within`: the share of right fine
            classes among those whose nearest neighbor has the right coarse class, so that recall_1 is
            coarse_recall_1 times within (NaN for upper bounds, whose labels are the fine classes).
        table: of the table's runs KEYS, seed, figures and `kind`, as `results.name_rows` gives them.
        good, bad: tasks; `bad` is empty where it was not run.
        tasks: facts of the tasks: which are upper bounds.
        epochs: of the table.
    """

    dataset: str
    rows: pd.DataFrame
    table: pd.DataFrame
    good: str
    bad: str
    tasks: dict[str, TaskFacts]
    epochs: int

    def summary(self) -> pd.DataFrame:
        """Mean and deviation of the table's rows (`results.summarize`)."""
        return summarize(self.table)

    def shown(self, table: pd.DataFrame, task: str) -> pd.DataFrame:
        """Rows of the table (or of its summary) that stand under a task: its own, and those that read no grouping."""
        free = table["task"].isin([name for name, facts in self.tasks.items() if facts.upper])
        free |= table["title"].isin(self.read_nothing()) & (task == self.bad)
        rows = table.loc[(table["task"] == task) | free]
        if "metric" in rows:
            foreign = (rows["task"] != task) & ~rows["metric"].str.match(r"recall_\d+$")
            rows = rows.loc[~foreign]
        return rows.reset_index(drop=True)

    def read_nothing(self) -> list[str]:
        """Titles that learn from no label at all (w = 0): one run stands for every grouping."""
        return list(dict.fromkeys(having(having(self.rows, "w", 0), "task", self.good)["title"]))


def longer_trainings(evidence: pd.DataFrame | None, datasets: Iterable[str]) -> list[Longer]:
    """The longer trainings of those data sets that have any; none without a table."""
    if evidence is None or not {*KEYS, "seed", *SETTINGS, "recall_1"} <= set(evidence):
        return []
    found = [one_dataset(having(evidence, "dataset", name), name) for name in dict.fromkeys(datasets)]
    return [longer for longer in found if longer is not None]


def one_dataset(rows: pd.DataFrame, dataset: str) -> Longer | None:
    """The longer trainings of one data set; None where its table has no row with coarse labels."""
    coarse = ~rows["task"].str.endswith("_fine")
    rows = rows.assign(within=(rows["recall_1"] / rows["coarse_recall_1"]).where(coarse, nan))
    rows = rows.assign(kind=["coarse" if own else "upper" for own in coarse]).reset_index(drop=True)
    table = rows.loc[rows["experiment"].str.contains(r"_(?:good|bad)$")]
    tasks = list(dict.fromkeys(having(table, "kind", "coarse")["task"]))
    good = next((name for name in tasks if name.endswith("_good")), "")
    if not good:
        return None
    bad = good.removesuffix("good") + "bad"
    facts = {
        name: TaskFacts(name, (), 0, 0, 0, name.endswith("_fine"), dataset)  # one protocol: the same test images
        for name in dict.fromkeys(table["task"])
    }
    figures = [name for name in rows if pd.Series([name]).str.match(FIGURES).item()]
    table = table[[*KEYS, "kind", "seed", *figures]].reset_index(drop=True)
    epochs = int(having(rows, "experiment", *table["experiment"])["epochs"].mode().iloc[0])
    return Longer(dataset, rows, table, good, bad if bad in tasks else "", facts, epochs)


def grid(rows: pd.DataFrame, by: list[str], metric: str = "recall_1") -> pd.DataFrame:
    """Mean and deviation over seeds: columns `by`, n, mean, sd (NaN where n is 1)."""
    groups = rows.groupby(by, sort=False)[metric]
    return groups.agg(n="count", mean="mean", sd="std").reset_index()


def mean_of(rows: pd.DataFrame, metric: str = "recall_1") -> float:
    """Over all runs."""
    return float(rows[metric].to_numpy(float).mean())


def means_by(rows: pd.DataFrame, setting: str, metric: str = "recall_1") -> dict[float, float]:
    """Value of a setting -> mean over its runs, in rising order of values."""
    values = sorted({float(value) for value in rows[setting].dropna()})
    return {value: mean_of(having(rows, setting, value), metric) for value in values}


def chosen(longer: Longer, title: str) -> dict[str, float]:
    """The settings of a title's row in the table, on the good grouping; NaN where it is not there."""
    names = having(having(longer.table, "task", longer.good), "title", title)["experiment"]
    rows = having(longer.rows, "experiment", *names)
    return {name: float(rows[name].iloc[0]) if len(rows) else nan for name in SETTINGS}


@cache
def w_runs(longer: Longer, titles: tuple[str, ...] = ("Grafit", "CoIns", "MaskCon")) -> pd.DataFrame:
    """Runs that differ from a title's row in the table by w alone; `curve` is that title.

    At w = 0 all of them are the same method, so its runs stand in each curve.
    """
    alike = same_but_one(longer, "w", titles)
    start = having(having(longer.rows, "task", longer.good), "w", 0)
    starts = [start.assign(curve=name) for name in dict.fromkeys(alike["curve"])]
    runs = pd.concat([alike, *starts]).drop_duplicates(["curve", "experiment", "seed"])
    return runs.sort_values(["curve", "w", "seed"], kind="stable", ignore_index=True)


def same_but_one(longer: Longer, free: str, titles: Iterable[str]) -> pd.DataFrame:
    """Runs on the good grouping that differ from a title's row in the table by one setting alone."""
    parts = []
    for title in titles:
        fixed = {name: value for name, value in chosen(longer, title).items() if name != free}
        method = having(having(longer.table, "task", longer.good), "title", title)["method"]
        rows = having(having(longer.rows, "task", longer.good), "method", *method)
        for name, value in fixed.items():
            rows = rows.loc[(rows[name] == value) | rows[name].isna()]
        parts.append(rows.assign(curve=title))
    return pd.concat(parts, ignore_index=True)


def t2_runs(longer: Longer) -> pd.DataFrame:
    """MaskCon's runs that differ from its row in the table by T2 alone."""
    return same_but_one(longer, "T2", ["MaskCon"]).sort_values(["T2", "seed"], kind="stable", ignore_index=True)


@cache
def lengths(longer: Longer) -> pd.DataFrame:
    """Runs of the methods that were also trained for another number of epochs, nothing else changed."""
    titles = dict.fromkeys(having(having(longer.table, "task", longer.good), "kind", "coarse")["title"])
    runs = same_but_one(longer, "epochs", titles)
    several = [name for name in dict.fromkeys(runs["curve"]) if len(set(having(runs, "curve", name)["epochs"])) > 1]
    return having(runs, "curve", *several).sort_values(["curve", "epochs", "seed"], kind="stable", ignore_index=True)
