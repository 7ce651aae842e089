"""Tables of methods with few labels: accuracy, pseudo-labels, differences to FixMatch seed by seed."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gristmill.report.few import FIXMATCH, KINDS, asked, called, groups, length, rising
from gristmill.report.longer_tables import difference_cell
from gristmill.report.results import TaskFacts, few_tasks, having
from gristmill.report.separation import best, by_seed, paired
from gristmill.report.tables import Cell, Row, Table, cell, mark, method_rows, missing_rows, network_words
from gristmill.report.words import words

TOP1 = {
    "median_top1": "top-1",
    "median_top1_la": "against the prior",
    "median_balanced_accuracy": "balanced",
    "geometric_mean": "geometric mean",
    "recall_head": "recall: head",
    "recall_mid": "mid",
    "recall_tail": "tail",
}
LABELS = {
    "used_accuracy": "used: right",
    "used": "share used",
    "recall": "mean recall",
    "precision": "mean precision",
    "recall_head": "recall: head",
    "recall_tail": "tail",
    "precision_head": "precision: head",
    "precision_tail": "tail",
}
USED = ("used_accuracy", "used")  # of the blended labels alone: those of their parts are not trained on
GAPS = {
    "median_top1": "top-1",
    "median_top1_la": "against the prior",
    "final_used_accuracy": "labels used: right",
    "final_recall": "labels: mean recall",
    "recall_tail": "recall: tail",
}


def few_tables(
    results: pd.DataFrame,
    summary: pd.DataFrame,
    tasks: Mapping[str, TaskFacts],
    runs: Sequence[dict[str, Any]],
    states: Mapping[str, str],
) -> list[Table]:
    """For each task with few labels its tables; those that would have no row are left out.

    Args:
        results: a row a seed (`results.name_rows`).
        summary: of the same results (`results.summarize`).
        runs: what params.yaml says of each experiment.
        states: experiment -> what is wrong with its results.
    """
    found = []
    for task in few_tasks(summary):
        own, rows = (having(having(table, "task", task), "kind", "few") for table in (results, summary))
        mine = [run for run in runs if run["task"] == task]
        found += [accuracy_table(own, rows, tasks[task], mine, states), labels_table(own, rows, tasks[task])]
        found.append(differences_table(own, rows, tasks[task]))
    return [table for table in found if table.rows]


def accuracy_table(
    own: pd.DataFrame,
    summary: pd.DataFrame,
    facts: TaskFacts,
    runs: Sequence[dict[str, Any]],
    states: Mapping[str, str],
) -> Table:
    """How well each method names the classes of the test images."""
    names = [name for name in TOP1 if name in set(summary["metric"])]
    if balanced(own):
        names = [name for name in names if name != "median_balanced_accuracy"]
    tops = {name: best(own, name, "few") for name in names}
    rows = method_rows(rising(summary, facts.name), summary, tops, "median_top1", states)
    rows += missing_rows(runs, own, len(names), states)
    title = f"{called(facts, own['dataset'].iloc[0])}: accuracy"
    return Table(facts.name, title, accuracy_note(facts, runs, names), [TOP1[name] for name in names], rows, "")


def balanced(own: pd.DataFrame) -> bool:
    """Whether balanced accuracy is top-1 accuracy in the digits of a table: each class has as many test images."""
    both = own.reindex(columns=["median_top1", "median_balanced_accuracy"]).to_numpy(float)
    return not (abs(both[:, 0] - both[:, 1]) >= 5e-4).any()


def accuracy_note(facts: TaskFacts, runs: Sequence[dict[str, Any]], names: Sequence[str]) -> str:
    """What was asked, how much was spent on it, and what the columns are."""
    say = words(facts.name, few=True)
    sizes = sorted({run["train"]["train"]["batch"] for run in runs if "batch" in run["train"].get("train", {})})
    networks = sorted({network_words(run["train"]["network"]) for run in runs if "network" in run["train"]})
    last = sorted({run["evaluate"]["last"] for run in runs if "last" in run["evaluate"]})
    mean = "; balanced: the mean recall of the classes, a median too" if "median_balanced_accuracy" in names else ""
    return (
        f"{asked(facts)}. {length(runs)}. {' or '.join(map(str, sizes))} labeled {say.image}s a step; "
        f"{' or '.join(networks)}. Top-1: the share of {say.some(facts.test, 'test ' + say.image)} whose {say.fine} is "
        f"named, the median of the last {' or '.join(map(str, last))} evaluations; against the prior: after the share "
        f"of each class among the labels has been taken out of the logits{mean}. The other columns: the last "
        f"evaluation. {groups(len(facts.labels))}"
    )


def labels_table(own: pd.DataFrame, summary: pd.DataFrame, facts: TaskFacts) -> Table:
    """How good each method's pseudo-labels are, beside the classes that it was not told."""
    there = set(summary["metric"])
    names = [name for name in LABELS if f"final_{name}" in there]
    tops = {name: None if name == "used" else best(own, f"final_{name}", "few") for name in names}
    rows = []
    for title in rising(summary, facts.name):
        mine = having(summary, "title", title).set_index("metric")
        for kind in KINDS:
            if not any(f"{kind}_{name}" in mine.index for name in names):
                continue
            shown = [name for name in names if f"{kind}_{name}" in mine.index and (kind == "final" or name not in USED)]
            marks = {name: mark(tops[name], title) for name in shown if kind == "final"}
            cells = [
                cell(mine.loc[f"{kind}_{name}"], marks.get(name, "")) if name in shown else Cell() for name in names
            ]
            height = mine["mean"].get(f"{kind}_used_accuracy") if kind == "final" else None
            n = int(max(having(summary, "title", title)["n"]))
            called_so, inner = (title, "few") if kind == "final" else (f"{kind} labels", "inner")
            rows.append(Row(called_so, inner, cells, n, height))
    note = (
        "Of the last epoch, before each step's update. Used: those that pass the threshold, right: the share of them "
        "that name the true class; all others count over all unlabeled images. Recall: of a class's images those that "
        "get its label; precision: of the images with a label those of its class; means over classes. Linear and "
        "semantic labels are what DASO blends; it trains on the blend alone."
    )
    title = f"{called(facts, own['dataset'].iloc[0])}: pseudo-labels"
    return Table(f"{facts.name}_labels", title, note, [LABELS[name] for name in names], rows, "", head="Labels of")


def differences_table(own: pd.DataFrame, summary: pd.DataFrame, facts: TaskFacts) -> Table:
    """Each method minus FixMatch."""
    names = [name for name in GAPS if len(by_seed(own, FIXMATCH, None, name))]
    rows = []
    for title in rising(summary, facts.name) if names else []:
        pairs = {name: (by_seed(own, title, None, name), by_seed(own, FIXMATCH, None, name)) for name in names}
        if title == FIXMATCH or not len(pairs[names[0]][0]):
            continue
        gaps = {name: paired(*pair) for name, pair in pairs.items() if len(pair[0])}
        cells = [gap_cell(gaps[name]) if name in gaps else Cell() for name in names]
        rows.append(Row(f"{title} − {FIXMATCH}", "few", cells, gaps[names[0]].n, None))
    note = (
        "Paired by seed: the same labels, first weights and order of images. With the 95 % interval (Student's t); "
        "bold where it excludes zero."
    )
    title = f"{called(facts, own['dataset'].iloc[0])}: beside {FIXMATCH}, seed by seed"
    return Table(f"{facts.name}_differences", title, note, [GAPS[name] for name in names], rows, "", head="Difference")


def gap_cell(gap: Any) -> Cell:
    """A difference with its interval, or that seeds do not separate it."""
    found = difference_cell(gap)
    lines = [found.interval, "" if gap.separated else f"not separated at n = {gap.n}"]
    return Cell(found.text, mark=found.mark, interval="".join(f"\n{line}" for line in lines if line))
