"""Tables of fine classes that were found inside coarse ones."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gristmill.report.draw_proposals import number_words
from gristmill.report.results import TaskFacts, coarse_tasks, comparable, having
from gristmill.report.sentences import listed, per_hundred, seeds
from gristmill.report.separation import best
from gristmill.report.tables import Table, method_rows
from gristmill.report.words import dataset_name, words

COLUMNS = {"discover_accuracy": "accuracy", "discover_ari": "ARI", "discover_nmi": "NMI"}
HEADLINE = "discover_accuracy"
BESIDE, FLOOR = ("MaskCon", "SupCE"), "raw pixels"  # named in the sentence beside the highest


def found_tables(
    results: pd.DataFrame,
    summary: pd.DataFrame,
    tasks: Mapping[str, TaskFacts],
    runs: Sequence[dict[str, Any]],
    states: Mapping[str, str],
) -> list[Table]:
    """A table for each task with coarse labels in which fine classes were sought; rows as in the tables of results.

    Args:
        results: a row a seed (`results.name_rows`).
        summary: of the same results (`results.summarize`).
        runs: what params.yaml says of each experiment.
        states: experiment -> what is wrong with its results.
    """
    tables = []
    for task in coarse_tasks(summary):
        own, rows = comparable(results, task, tasks), having(comparable(summary, task, tasks), "metric", *COLUMNS)
        if len(rows):
            note = f"{asked(task, runs)} {highest(own, rows, task)}".strip()
            title = f"Fine classes found: {dataset_name(rows['dataset'].iloc[0])}, inside {words(task).grouping}"
            counts = seeds(having(rows, "metric", HEADLINE)["n"])
            tops = {name: best(own, name) for name in COLUMNS}
            found = method_rows(dict.fromkeys(rows["title"]), rows, tops, HEADLINE, states)
            tables.append(Table(task, title, note, list(COLUMNS.values()), found, counts))
    return tables


def asked(task: str, runs: Sequence[dict[str, Any]]) -> str:
    """What was done to get these figures."""
    say = words(task)
    settings = [run["evaluate"]["discover"]["number"] for run in runs if run["task"] == task]
    numbers = " or ".join(dict.fromkeys(number_words(number, say) for number in settings))
    return (
        f"The test {say.image}s of each {say.coarse} were cut into {numbers}, by k-means of the features. Accuracy: "
        f"the share that is right when each class is given one {say.fine}, none twice, as well as can be. ARI, "
        f"adjusted Rand index, and NMI, normalized mutual information: by {say.coarse}, averaged over {say.image}s."
    )


def highest(own: pd.DataFrame, summary: pd.DataFrame, task: str) -> str:
    """Whose classes agree best, beside those of raw pixels and of a classifier of the coarse labels."""
    top, say = best(own, HEADLINE), words(task)
    if top is None:
        return ""
    rows = having(summary, "metric", HEADLINE)
    means = dict(zip(rows["title"], rows["mean"], strict=True))
    others = [f"{name} {per_hundred(means[name])}" for name in BESIDE if name in means and name != top.title]
    beside = f", {listed(others)}" if others else ""
    below = f"; {FLOOR}: {per_hundred(means[FLOOR])}" if FLOOR in means else ""
    sure = seeds(rows["n"]) if top.sure else f"not separated at n = {top.n}"
    return (
        f"Of the methods with coarse labels {top.title} {'leads' if top.sure else 'comes out highest'}: "
        f"{per_hundred(means[top.title])} in 100 {say.image}s right{beside}{below} ({sure})."
    )
