"""The table of methods that compare two views: floors, no labels, all labels."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gristmill.evaluate.rank import COLLAPSED, HEALTHY
from gristmill.report.results import TWO_VIEWS, having
from gristmill.report.sentences import listed, seeds
from gristmill.report.separation import best
from gristmill.report.tables import Cell, Row, Table, method_rows, missing_rows, network_words
from gristmill.report.two_views import (
    ALL_LABELS,
    NO_LABELS,
    ViewRuns,
    metric_name,
    metric_words,
    spread_words,
    view_experiments,
)
from gristmill.report.two_views_sentences import sentence
from gristmill.report.words import words

MORE = ("spread", "outputs", "labels read")  # columns behind the figures


def view_tables(views: Sequence[ViewRuns], runs: Sequence[Mapping[str, Any]], states: Mapping[str, str]) -> list[Table]:
    """A table for each set of test images.

    Args:
        views: as `two_views.view_runs` gives them.
        runs: what params.yaml says of each experiment.
        states: experiment -> what is wrong with its results.
    """
    return [view_table(own, view_experiments(runs, own), states) for own in views]


def view_table(own: ViewRuns, runs: Sequence[Mapping[str, Any]], states: Mapping[str, str]) -> Table:
    """Floors first, then methods without labels and with all, each by the rising first figure."""
    names, summary = own.metrics, own.summary()
    rows: list[Row] = []
    for kind in ("floor", *TWO_VIEWS):
        tops = {name: None if kind == "floor" else best(own.own, name, kind) for name in names}
        there = having(summary, "kind", kind)
        titles = [title for title in own.rising(kind) if title in set(there["title"])]
        rows += [with_more(own, row) for row in method_rows(titles, there, tops, own.headline, states)]
    rows += missing_rows(runs, own.own, len(names) + len(MORE), states)
    columns = [*(metric_name(name, names) for name in names), *MORE]
    counts = seeds(row.n for row in rows if row.n) if any(row.n for row in rows) else ""
    return Table(f"{own.task}_views", own.title, view_note(own, runs), columns, rows, counts)


def with_more(own: ViewRuns, row: Row) -> Row:
    """A row with its spread, what that says, and the labels that were read."""
    found = own.spreads(row.title)
    values = np.array(list(found.values()), dtype=float)
    finite = values[np.isfinite(values)]
    deviation = f"{finite.std(ddof=1):.3f}" if len(finite) > 1 else ""
    spread = Cell(f"{finite.mean():.3f}", deviation) if len(finite) else Cell("no number") if len(values) else Cell()
    cells = [spread, Cell(spread_words(found) or "–"), Cell(labels_read(own, row))]
    return replace(row, cells=[*row.cells, *cells])


def labels_read(own: ViewRuns, row: Row) -> str:
    """`none`, `all`; `all alphabets` where these are not what is asked for."""
    if row.kind in ("floor", NO_LABELS):
        return "none"
    (task,) = dict.fromkeys(having(own.own, "title", row.title)["task"])
    return "all" if own.tasks[task].upper else f"all {words(task).grouping}"


def view_note(own: ViewRuns, runs: Sequence[Mapping[str, Any]]) -> str:
    """What was asked and how, what the spread is, and what the trainings took."""
    say, facts = own.words, own.facts
    figures = "; ".join(metric_words(name, own) for name in own.metrics)
    read = f" Labels read: none, or all: the {say.fine} of every training {say.image}."
    asked = (
        f"The encoder’s features are asked for the {say.fine}, one of {facts.fine:,}, of "
        f"{say.some(facts.test, 'test ' + say.image)}. {figures}."
    )
    spread = (
        f" Spread: how far apart the outputs for a batch lie at the end, 1 is even; from {HEALTHY:g} on healthy, below "
        f"{COLLAPSED:g} collapsed, every {say.image} gets nearly the same vector."
    )
    bare = [title for title in own.histories if title not in own.rising("floor") and not own.spreads(title)]
    spread += f" {listed(bare)} compare{'s' * (len(bare) == 1)} no outputs, so there is none." if bare else ""
    kinds = {kind for kind in (NO_LABELS, ALL_LABELS) if len(own.rising(kind))}
    return asked + (read if ALL_LABELS in kinds else "") + spread + f" {length(own, runs)}".rstrip()


def length(own: ViewRuns, runs: Sequence[Mapping[str, Any]]) -> str:
    """`Trained for 12 epochs (312 steps of 128 drawings), MoCo 24 (624); a residual network of ...`."""
    trained = [run for run in runs if "epochs" in run["train"].get("train", {})]
    if not trained:
        return ""
    names = dict(zip(own.own["experiment"], own.own["title"], strict=True))
    groups: dict[tuple[int, int, int, int], list[str]] = {}
    for run in trained:
        title, loop = names.get(run["experiment"], run["title"]), run["train"]["train"]
        key = loop["epochs"], own.steps(title), loop["batch"], run.get("recipe_epochs") or 0
        groups.setdefault(key, [])
        groups[key] += [] if title in groups[key] else [title]
    parts = []
    for (epochs, steps, batch, recipe), titles in groups.items():
        limited = f" of {recipe}" if recipe > epochs else ""
        size = f" of {own.words.some(batch, own.words.image)}"
        took = f" ({steps:,} step{'' if steps == 1 else 's'}{size})" if steps else f" (steps{size})"
        text = f"{epochs}{limited} epoch{'' if epochs == 1 and not limited else 's'}{took}"
        parts.append(text if len(groups) == 1 else f"{listed(titles)}, {text}")
    networks = sorted({network_words(run["train"]["network"]) for run in trained})
    images = own.words.some(own.facts.train, own.words.image)
    if own.facts.whole > own.facts.train:
        images = f"{own.facts.train:,} of {own.words.some(own.facts.whole, own.words.image)}"
    how = f"for {parts[0]}" if len(parts) == 1 else f"for: {'; '.join(parts)}"
    return f"Trained on {images} {how}. {sentence(' or '.join(networks))}."
