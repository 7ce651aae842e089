"""Published figures of methods of two views beside those of the same experiments here, as tables of the page."""

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

import pandas as pd

from gristmill.report.choice import two_views
from gristmill.report.published_two_views import NONE, Published, beside, known, published
from gristmill.report.results import having
from gristmill.report.sentences import seeds
from gristmill.report.tables import Cell, Row, Table


def published_view_tables(
    results: pd.DataFrame, runs: Sequence[Mapping[str, Any]], histories: Mapping[str, pd.DataFrame]
) -> list[Table]:
    """A table for each data set of the papers on which one of their experiments was run; none where none was.

    Args:
        results: a row a seed (`results.name_rows`).
        runs: what params.yaml says of each experiment.
        histories: experiment -> its history.
    """
    rows: dict[str, list[Row]] = {}
    for run in runs:
        about = known(run) if two_views(run["method"]) else None
        own = having(results, "experiment", run["experiment"])
        if about is not None and len(own):
            rows.setdefault(about[1], []).extend(run_rows(run, own, histories.get(run["experiment"])))
    return [table(dataset, found) for dataset, found in rows.items() if found]


def run_rows(run: Mapping[str, Any], own: pd.DataFrame, history: pd.DataFrame | None) -> list[Row]:
    """A row for each figure of a run's settings: what was reached in the end, then points of the course.

    Args:
        own: the run's results, a row a seed.
        history: of all seeds.
    """
    figures, found, title = published(), [], str(own["title"].iloc[0])
    for measured in (name for name in dict.fromkeys(figures["measured"]) if name in own):
        found.append(row(title, measured, pd.Series(own[measured]), beside(run, run["of_task"], measured)))
    for measured, epoch in figures.dropna(subset=["at_epoch"])[["measured", "at_epoch"]].itertuples(index=False):
        if history is not None and measured in history:
            point = pd.Series(having(history, "epoch", epoch)[measured])
            figure = beside(run, run["of_task"], measured, epoch)
            found.append(row(f"{title}, epoch {epoch:g}", measured, point, figure))
    return [one for one in found if one is not None]


def row(title: str, measured: str, values: pd.Series, figure: Published | None) -> Row | None:
    """One figure and ours; None where either is missing.

    Args:
        measured: a metric, as in metrics.json.
        values: 0 to 1, a seed each.
    """
    ours = [100 * float(value) for value in values.dropna()]
    if figure is None or not ours:
        return None
    value, mean = figure.value, fmean(ours)
    there = figure.verified and not figure.unlike
    cells = [
        Cell(measured),
        Cell((f"{value:.1f}" if value == round(value, 1) else f"{value:.2f}") if figure.verified else "–"),
        Cell(f"{mean:.1f}", f"{stdev(ours):.2f}" if len(ours) > 1 else ""),
        Cell(f"{mean - value:+.1f}".replace("-", "−") if there else "–"),
        Cell(figure.source if figure.verified else NONE),
    ]
    state = f"not comparable: {'; '.join(figure.unlike)}" if figure.unlike else ""
    return Row(title, "published", cells, len(ours), None, state)


def table(dataset: str, rows: list[Row]) -> Table:
    """One table."""
    note = (
        "Accuracy of the test images in percent. The published linear classifiers are trained on a new random crop of "
        "every image and epoch, ours on features of the images as they are; both report their best epoch by the test "
        "images, which is too good."
    )
    if any(one.state for one in rows):
        note += " Where images, length or settings are not the paper’s, the row says so and has no difference."
    title, counts = f"{dataset}: published figures and ours", seeds(one.n for one in rows)
    columns = ["Evaluation", "Published", "Here", "Difference", "From"]
    return Table(f"{dataset}_views", title, note, columns, rows, counts)
