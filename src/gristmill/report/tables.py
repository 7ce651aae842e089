"""Tables of results as the page shows them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gristmill.report.results import TaskFacts, coarse_tasks, comparable, having
from gristmill.report.separation import Best, best
from gristmill.report.words import dataset_name, words

HEADLINE = "recall_1"


@dataclass(frozen=True)
class Cell:
    """One figure; `mark`: `best` where seeds separate it from all others, `highest` where they do not.

    `interval`: of a difference, as it is written.
    """

    text: str = "–"
    spread: str = ""
    mark: str = ""
    interval: str = ""


@dataclass(frozen=True)
class Row:
    """One method; `bar`: its headline figure, 0 to 1; `state`: why it has none, or not that of its settings."""

    title: str
    kind: str
    cells: list[Cell]
    n: int
    bar: float | None
    state: str = ""


@dataclass(frozen=True)
class Table:
    """One task: what was asked, with which settings, and what each method reached."""

    task: str
    title: str
    note: str
    columns: list[str]
    rows: list[Row]
    n: str
    head: str = "Method"


def result_tables(
    results: pd.DataFrame,
    summary: pd.DataFrame,
    tasks: Mapping[str, TaskFacts],
    runs: Sequence[dict[str, Any]],
    states: Mapping[str, str],
) -> list[Table]:
    """A table for each task with methods that learn from coarse labels."""
    return [
        result_table(task, comparable(results, task, tasks), comparable(summary, task, tasks), tasks, runs, states)
        for task in coarse_tasks(summary)
    ]


def result_table(
    task: str,
    own: pd.DataFrame,
    summary: pd.DataFrame,
    tasks: Mapping[str, TaskFacts],
    runs: Sequence[dict[str, Any]],
    states: Mapping[str, str],
) -> Table:
    """One table, from the rows that belong into it."""
    say = words(task)
    names = sorted({m for m in summary["metric"] if re.fullmatch(r"recall_\d+", m)}, key=lambda m: int(m[7:]))
    names += [m for m in ("coarse_recall_1",) if m in set(summary["metric"])]
    tops = {name: best(own, name) for name in names}
    rows = method_rows(dict.fromkeys(summary["title"]), summary, tops, HEADLINE, states)
    rows += missing_rows([run for run in runs if run["task"] == task], own, len(names), states)
    counts = [row.n for row in rows if row.n]
    n = "" if not counts else f"n = {counts[0]}" if len(set(counts)) == 1 else f"n = {min(counts)} to {max(counts)}"
    columns = [f"R@{name.split('_')[-1]}" if name.startswith("recall") else f"{say.coarse} R@1" for name in names]
    title = f"{dataset_name(summary['dataset'].iloc[0])}, labels: {say.grouping}"
    return Table(task, title, table_note(tasks[task], runs, task), columns, rows, n)


def method_rows(
    titles: Iterable[str],
    summary: pd.DataFrame,
    tops: Mapping[str, Best | None],
    headline: str,
    states: Mapping[str, str],
) -> list[Row]:
    """A row a method; a cell without a figure is a dash.

    Args:
        titles: of the methods, in the order of the rows.
        summary: of one task (`results.summarize`).
        tops: metric -> whose is highest (`separation.best`); a column each.
        headline: the metric of the bar and of `n`.
        states: experiment -> what is wrong with its results.
    """
    rows = []
    for title in titles:
        mine = having(summary, "title", title).set_index("metric")
        cells = [cell(mine.loc[name], mark(top, title)) if name in mine.index else Cell() for name, top in tops.items()]
        doubts = dict.fromkeys(states[name] for name in " ".join(mine["experiment"]).split() if name in states)
        first = mine.loc[headline] if headline in mine.index else None
        n = int(max(mine["n"]) if first is None else first["n"])
        bar = None if first is None else float(first["mean"])
        rows.append(Row(title, mine["kind"].iloc[0], cells, n, bar, "; ".join(doubts)))
    return rows


def missing_rows(
    runs: Sequence[Mapping[str, Any]], own: pd.DataFrame, width: int, states: Mapping[str, str]
) -> list[Row]:
    """A row of dashes for each of these experiments without results, and why it has none."""
    there = set(own["experiment"])
    return [
        Row(run["title"], "missing", [Cell()] * width, 0, None, states.get(run["experiment"], "not run"))
        for run in runs
        if run["experiment"] not in there
    ]


def mark(top: Best | None, title: str) -> str:
    """`best` where seeds separate it from all others, `highest` where they do not."""
    return "" if top is None or top.title != title else "best" if top.sure else "highest"


def cell(row: Any, mark: str) -> Cell:
    """Mean, and deviation where there are several seeds."""
    spread = "" if row["n"] < 2 or pd.isna(row["sd"]) else f"{row['sd']:.3f}"
    return Cell(f"{row['mean']:.3f}", spread, mark)


def table_note(facts: TaskFacts, runs: Sequence[dict[str, Any]], task: str) -> str:
    """What was asked and how much was spent on it; shortened settings stand here, not in a footnote."""
    say = words(task)
    trained = [run["train"] for run in runs if run["task"] == task and "memory" in run.get("train", {})]
    asked = (
        f"Told {say.some(len(facts.labels), say.coarse)}, asked for {say.some(facts.fine, say.fine)}: Recall@K among "
        f"{say.some(facts.test, 'test ' + say.image)}, each against all others."
    )
    if not trained:
        return asked
    epochs = sorted({settings["train"]["epochs"] for settings in trained})
    length = f"{' or '.join(map(str, epochs))} epoch{'' if epochs == [1] else 's'}"
    recipe = max((run["recipe_epochs"] for run in runs if run["task"] == task and run.get("recipe_epochs")), default=0)
    if recipe > epochs[-1]:
        length = f"{epochs[-1]} of {recipe} epochs"
    images = say.some(facts.train, say.image)
    if facts.whole > facts.train:
        images = f"{facts.train:,} of {say.some(facts.whole, say.image)}"
    networks = sorted({network_words(settings["network"]) for settings in trained})
    return (
        f"{asked} Trained for {length} on {images}, {' or '.join(networks)}; the paper's "
        "settings: 200 epochs, ResNet-18 that starts from ImageNet weights."
    )


def network_words(network: Mapping[str, Any]) -> str:
    """`a residual network of 3 blocks from random weights`."""
    start = "random weights" if network.get("init") == "random" else "given weights"
    if network["name"] == "small":
        return f"a residual network of {len(network['widths']) * network['blocks']} blocks from {start}"
    return f"{network['name'].replace('resnet', 'ResNet-')} from {start}"
