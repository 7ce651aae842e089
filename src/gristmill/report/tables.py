"""Tables of results as the page shows them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gristmill.report.results import TaskFacts, coarse_tasks, comparable, having
from gristmill.report.separation import best
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
    rows = []
    for title in dict.fromkeys(summary["title"]):
        mine = having(summary, "title", title).set_index("metric")
        cells = []
        for name in names:
            top = tops[name]
            mark = "" if top is None or top.title != title else "best" if top.sure else "highest"
            cells.append(cell(mine.loc[name], mark) if name in mine.index else Cell())
        state = "; ".join(states[e] for e in " ".join(mine["experiment"]).split() if e in states)
        bar = float(mine.loc[HEADLINE, "mean"]) if HEADLINE in mine.index else None
        n = int(mine.loc[HEADLINE, "n"]) if HEADLINE in mine.index else max(mine["n"])
        rows.append(Row(title, mine["kind"].iloc[0], cells, n, bar, "; ".join(dict.fromkeys(state.split("; ")))))
    shown = {run["experiment"] for run in runs} & set(own["experiment"])
    rows += [
        Row(run["title"], "missing", [Cell() for _ in names], 0, None, states.get(run["experiment"], "not run"))
        for run in runs
        if run["task"] == task and run["experiment"] not in shown
    ]
    counts = [row.n for row in rows if row.n]
    n = "" if not counts else f"n = {counts[0]}" if len(set(counts)) == 1 else f"n = {min(counts)} to {max(counts)}"
    columns = [f"R@{name.split('_')[-1]}" if name.startswith("recall") else f"{say.coarse} R@1" for name in names]
    title = f"{dataset_name(summary['dataset'].iloc[0])}, labels: {say.grouping}"
    return Table(task, title, table_note(tasks[task], runs, task), columns, rows, n)


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
