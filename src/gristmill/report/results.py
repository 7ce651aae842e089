"""All runs in one table: a row a seed, and from it a row a method and figure of merit."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pandas as pd

from gristmill.report.choice import ALL_LABELS, few, two_views

KEYS = ("experiment", "title", "method", "dataset", "task")
TWO_VIEWS = ("no_labels", "all_labels")  # kinds of methods that compare two views
KINDS = ("floor", "coarse", "upper", "few", *TWO_VIEWS)  # in the order of tables; few: classifiers, with few labels
HEADLINES = ("recall_1", "median_top1")  # what rows are sorted by
SUMMARY = ["title", "experiment", "method", "dataset", "task", "kind", "metric", "n", "mean", "sd"]


@dataclass(frozen=True)
class TaskFacts:
    """What the report says of a task.

    Attributes:
        labels: names of the classes that the learner is told, in order.
        fine: how many fine classes there are to tell apart.
        train, test: images.
        upper: whether the learner is told the fine classes themselves.
        samples: hash of the test samples: tasks are compared where it is the same.
        whole: images of the training part before a limit; those of `train` where there is none.
        labeled, unlabeled: images a class where few have labels, in the order of `labels`; empty elsewhere, and
            `unlabeled` where nobody knows the classes.
    """

    name: str
    labels: tuple[str, ...]
    fine: int
    train: int
    test: int
    upper: bool
    samples: str
    whole: int = 0
    labeled: tuple[int, ...] = ()
    unlabeled: tuple[int, ...] = ()


def having(table: pd.DataFrame, column: str, *values: Any) -> pd.DataFrame:
    """The rows of a table that have one of these values in a column."""
    return table.loc[table[column].isin(values)]


def describe(name: str, table: pd.DataFrame) -> TaskFacts:
    """The facts of a task, from its table; of one that differs from seed to seed, from one seed's rows."""
    train, test = having(table, "part", "train"), having(table, "part", "test")
    told = table.loc[table["label"] >= 0]
    labels = told.drop_duplicates("label").sort_values("label")["label_name"]
    upper = len(told) > 0 and bool((told["label_name"] == told["fine_name"]).all())
    samples = sha256("\n".join(sorted(map(str, test["sample"]))).encode()).hexdigest()
    whole = table.attrs.get("whole", {}).get("train", len(train))
    facts = (name, tuple(labels), len(set(test["fine"])), len(train), len(test), upper, samples, whole)
    if "seed" not in table:
        return TaskFacts(*facts)
    numbers = sorted({int(number) for number in told["label"]})
    hidden = [int(number) for number in having(table, "part", "unlabeled")["fine"]]
    known = counted(hidden, numbers) if any(number >= 0 for number in hidden) else ()
    return TaskFacts(*facts, counted([int(number) for number in train["label"]], numbers), known)


def counted(values: Sequence[int], numbers: Sequence[int]) -> tuple[int, ...]:
    """How often each number stands there."""
    counts = Counter(values)
    return tuple(counts[number] for number in numbers)


def tabulate(runs: Sequence[dict[str, Any]], metrics: Mapping[str, dict[str, Any]]) -> pd.DataFrame:
    """Every figure of every run.

    Args:
        runs: what params.yaml says of each experiment: experiment, title, method, dataset, task, ...
        metrics: experiment -> {"seeds": {seed: {name: value}}}; without those that were not run.

    Returns:
        a row for each seed of each experiment, in the order of `runs`: KEYS, seed, then the figures.
    """
    rows = []
    for run in runs:
        seeds = metrics.get(run["experiment"], {}).get("seeds", {})
        for seed in sorted(seeds, key=int):
            rows.append({**{key: run[key] for key in KEYS}, "seed": int(seed), **seeds[seed]})
    table = pd.DataFrame(rows, columns=None if rows else [*KEYS, "seed"])
    return table.reindex(columns=sorted(table, key=place))


def place(column: str) -> tuple[int, str, int]:
    """Order of columns: which run it is, then figures by name, then by K as a number."""
    if column in (*KEYS, "seed"):
        return (*KEYS, "seed").index(column), "", 0
    name, _, k = column.rpartition("_")
    return (len(KEYS) + 1, name, int(k)) if k.isdigit() and name else (len(KEYS) + 2, column, 0)


def joined_titles(runs: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Experiment -> the title of its row: entries that differ in nothing but seeds share one.

    Entries that share title and task, but differ in settings, get their names behind the title.
    """
    settings = {run["experiment"]: json.dumps(without_seeds(run), sort_keys=True) for run in runs}
    titles = {}
    for run in runs:
        same = [r["experiment"] for r in runs if (r["title"], r["task"]) == (run["title"], run["task"])]
        alike = len({settings[name] for name in same}) == 1
        titles[run["experiment"]] = run["title"] if alike else f"{run['title']}, {run['experiment']}"
    return titles


def without_seeds(run: dict[str, Any]) -> dict[str, Any]:
    """A run's settings, without its name and seeds; those of the pretraining that it goes on from are among them."""
    train = {key: value for key, value in run.get("train", {}).items() if key != "seeds"}
    return {key: value for key, value in run.items() if key not in ("experiment", "seeds", "start")} | {"train": train}


def name_rows(results: pd.DataFrame, runs: Sequence[dict[str, Any]], tasks: Mapping[str, TaskFacts]) -> pd.DataFrame:
    """Results with the titles of `joined_titles`, and the kind of each run, one of KINDS."""
    titles = joined_titles(runs)
    kind = [
        kind_of(method, tasks[task])
        for method, task in zip(results["method"], results["task"], strict=True)
    ]
    return results.assign(title=[titles[name] for name in results["experiment"]], kind=kind)


def kind_of(method: str, facts: TaskFacts) -> str:
    """One of KINDS."""
    if method == "untrained":
        return "floor"
    if two_views(method):
        return TWO_VIEWS[method in ALL_LABELS]
    return "few" if few(method) else "upper" if facts.upper else "coarse"


def summarize(results: pd.DataFrame) -> pd.DataFrame:
    """Mean and sample deviation over seeds.

    Args:
        results: as `name_rows` gives them.

    Returns:
        SUMMARY columns: a row for each title, task and metric; floors first, upper bounds last, in between by rising
        Recall@1, and behind them methods with few labels by rising top-1 accuracy and those that compare two views. sd
        is NaN where n is 1; what is NaN in `results` is not counted.
    """
    names = [name for name in results.select_dtypes("number") if name != "seed"]
    long = results.melt([*KEYS, "kind"], names, "metric").dropna(subset=["value"])
    if not len(long):
        return pd.DataFrame(columns=SUMMARY)
    groups = long.groupby(["title", "task", "metric"], sort=False)
    table = groups.agg(
        experiment=("experiment", lambda names: " ".join(dict.fromkeys(names))),
        method=("method", "first"),
        dataset=("dataset", "first"),
        kind=("kind", "first"),
        n=("value", "size"),
        mean=("value", "mean"),
        sd=("value", "std"),
    ).reset_index()
    rows = zip(table["title"], table["task"], table["metric"], table["mean"], strict=True)
    first = {(title, task): mean for title, task, metric, mean in rows if metric in HEADLINES}
    height = [first.get(key, 0.0) for key in zip(table["title"], table["task"], strict=True)]
    order = table.assign(place=[KINDS.index(kind) for kind in table["kind"]], height=height)
    order = order.sort_values(["place", "height", "title"], kind="stable", ignore_index=True)
    return order.reindex(columns=SUMMARY)


def comparable(table: pd.DataFrame, task: str, tasks: Mapping[str, TaskFacts]) -> pd.DataFrame:
    """Rows of results or of their summary that belong into a task's table.

    Those of the task, and floors and upper bounds on the same test images; their figures for a coarse label and for
    what is found inside it, which is another task's, are left out. Methods that compare two views have tables of their
    own.
    """
    same = [name for name, facts in tasks.items() if facts.samples == tasks[task].samples]
    others = table["kind"].isin(["floor", "upper"]) & table["task"].isin(same)
    rows = table.loc[((table["task"] == task) & ~table["kind"].isin(TWO_VIEWS)) | others]
    if "metric" in rows:
        foreign = (rows["task"] != task) & rows["metric"].str.startswith(("coarse_", "discover_"))
        rows = rows.loc[~foreign]
    return rows.reset_index(drop=True)


def few_tasks(summary: pd.DataFrame) -> list[str]:
    """Tasks with a method that learns from few labels."""
    return list(dict.fromkeys(having(summary, "kind", "few")["task"]))


def coarse_tasks(summary: pd.DataFrame) -> list[str]:
    """Tasks with a method that learns from coarse labels; those whose names end in `_good` first."""
    found = dict.fromkeys(having(summary, "kind", "coarse")["task"])
    return sorted(found, key=lambda name: not name.endswith("_good"))


def grouping_pairs(tasks: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of tasks `<name>_good` and `<name>_bad`: the same classes, grouped by likeness and not."""
    return [
        (good, bad) for good in tasks if good.endswith("_good") for bad in tasks if bad == good[:-4] + "bad"
    ]
