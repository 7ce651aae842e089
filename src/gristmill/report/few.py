"""Few labels: what is asked of a task, and how its runs are trained, in words; who stands in which row."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gristmill.evaluate.classification import group_sizes
from gristmill.report.results import TaskFacts, having
from gristmill.report.words import dataset_name

SUPERVISED = "Supervised"  # titles: sees no unlabeled image;
FIXMATCH = "FixMatch"  # what others are compared with;
DASO = "DASO"  # has labels of two kinds, blended
KINDS = ("final", "linear", "semantic")  # of pseudo-labels; those that are used, and what they are blended from
GROUPS = ("head", "mid", "tail")  # of classes
PAPER_STEPS = 250_000


def rising(summary: pd.DataFrame, task: str) -> list[str]:
    """The titles of a task's methods: without unlabeled images first, then by rising top-1 accuracy."""
    rows = having(having(summary, "task", task), "kind", "few")
    return sorted(dict.fromkeys(rows["title"]), key=lambda title: title != SUPERVISED)


def called(facts: TaskFacts, dataset: str) -> str:
    """`Fashion-MNIST, unlabeled images reversed`."""
    return f"{dataset_name(dataset)}, {imbalance(facts.unlabeled) or 'few labels'}"


def asked(facts: TaskFacts) -> str:
    """`100 to 5 labels a class (unlabeled images reversed: 30 to 600)`."""
    if not facts.labeled:
        return f"{facts.train:,} labels"
    how = imbalance(facts.unlabeled)
    return f"{span(facts.labeled)} labels a class" + (f" ({how}: {span(facts.unlabeled)})" if how else "")


def imbalance(counts: Sequence[int]) -> str:
    """How many unlabeled images there are from the head to the tail."""
    if not any(counts):
        return ""
    first, last = counts[0], counts[-1]
    return f"unlabeled images {'alike' if first > last else 'reversed' if first < last else 'even'}"


def span(counts: Sequence[int]) -> str:
    """`100 to 5`."""
    return f"{counts[0]:,}" if counts[0] == counts[-1] else f"{counts[0]:,} to {counts[-1]:,}"


def length(runs: Sequence[Mapping[str, Any]]) -> str:
    """`600 steps; the paper trains 250,000`; a limit is said too."""
    trained = [run for run in runs if "epoch_steps" in run["train"].get("train", {})]
    if not trained:
        return ""
    steps = {run["train"]["train"]["epochs"] * run["train"]["train"]["epoch_steps"] for run in trained}
    whole = max(run["train"]["train"]["epoch_steps"] * (run.get("recipe_epochs") or 0) for run in trained)
    said = " or ".join(f"{number:,}" for number in sorted(steps))
    limited = f" of {whole:,}" if whole > max(steps) else ""
    return f"{said}{limited} steps" + (f"; the paper trains {PAPER_STEPS:,}" if max(steps) != PAPER_STEPS else "")


def groups(classes: int) -> str:
    """`Head, mid and tail: the 3 classes with most labels, the 4 between, the 3 with fewest.`"""
    head, mid, tail = group_sizes(classes).values()
    return f"Head, mid and tail: the {head} classes with most labels, the {mid} between, the {tail} with fewest."
