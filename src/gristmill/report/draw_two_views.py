"""Pictures of methods that compare two views: how they learn, and whether their outputs keep apart."""

from collections.abc import Mapping
from math import isfinite

import pandas as pd

from gristmill.evaluate.rank import COLLAPSED, HEALTHY
from gristmill.figures.curves import Watch, end_value, training_curves
from gristmill.figures.save import svg
from gristmill.figures.spread import LOWEST, spread_curves
from gristmill.report.pictures import Picture
from gristmill.report.results import TaskFacts, having
from gristmill.report.two_views import RECALL, ViewRuns, axis_words, metric_name, protocol_of, spread_words, view_runs


def draw_two_views(
    results: pd.DataFrame, tasks: Mapping[str, TaskFacts], histories: Mapping[str, pd.DataFrame]
) -> list[Picture]:
    """For each set of test images the trainings, and the spread of the outputs.

    Args:
        results: a row a seed (`results.name_rows`).
        histories: experiment -> its history.
    """
    views = view_runs(results, tasks, histories)
    pictures = [picture for own in views for picture in (curves_picture(own), spread_picture(own))]
    return [picture for picture in pictures if picture is not None]


def trained(own: ViewRuns) -> dict[str, pd.DataFrame]:
    """Title -> history of the methods, in the order of the table."""
    kinds = dict(zip(own.own["title"], own.own["kind"], strict=True))
    return {title: own.histories[title] for title in own.titles() if title in own.histories and kinds[title] != "floor"}


def watched(own: ViewRuns, lines: Mapping[str, pd.DataFrame]) -> str:
    """The figure that the trainings were watched by: the headline where histories have it."""
    there = [name for name in (own.headline, *own.metrics) if any(name in history for history in lines.values())]
    return there[0] if there else RECALL


def levels(own: ViewRuns, metric: str) -> dict[str, pd.DataFrame]:
    """What was not trained, as histories of one epoch: its final figures are all that there is to watch."""
    rows = having(own.own, "kind", "floor")
    if metric not in rows:
        return {}
    rows = rows.dropna(subset=[metric])
    return {
        title: pd.DataFrame({"seed": mine["seed"], "epoch": 0, metric: mine[metric]})
        for title in own.rising("floor")
        if len(mine := having(rows, "title", title))
    }


def curves_picture(own: ViewRuns) -> Picture | None:
    """Loss and kNN accuracy by epoch."""
    lines = trained(own)
    if not lines:
        return None
    metric, say = watched(own, lines), own.words
    floors = levels(own, metric)
    name, called = f"curves_{own.task}_views", metric_name(metric, own.metrics)
    ends = {title: end_value(history, metric) for title, history in (floors | lines).items()}
    data = pd.concat([table.assign(title=title) for title, table in (floors | lines).items()], ignore_index=True)
    columns = [column for column in ("title", "seed", "epoch", "loss", metric) if column in data]
    told = [
        f"{title} {'ends' if title in lines else 'lies'} at {value:.2f}"
        for title, value in ends.items()
        if isfinite(value)
    ]
    protocol = protocol_of(metric)
    level = " Level lines are what was not trained." * bool(floors)
    return Picture(
        name=name,
        section="figures",
        title=f"Training: {own.title}",
        caption=f"Left the loss, each method its own function: heights do not compare. Right {called} of the test "
        f"{say.image}s, at the marks; nothing was chosen by it.{level}",
        alt=f"{called} by epoch: " + (", ".join(told) or "nothing was measured"),
        settings=protocol.name if protocol else "",
        pair=f"{own.task}_views",
        family="views",
        data=data[columns].to_csv(index=False, float_format="%.6g"),
        files={
            f"{name}.svg": svg(
                training_curves(floors | lines, family="views", watch=Watch(metric, called, axis_words(metric)))
            ),
        },
    )


def spread_picture(own: ViewRuns) -> Picture | None:
    """The spread of the outputs by epoch."""
    lines = {title: table for title, table in trained(own).items() if "spread" in table}
    lines = {title: table for title, table in lines.items() if any(map(isfinite, table["spread"]))}
    if not lines:
        return None
    say, name = own.words, f"spread_{own.task}_views"
    data = pd.concat([table.assign(title=title) for title, table in lines.items()], ignore_index=True)
    small = bool((data["spread"] < LOWEST).any())
    return Picture(
        name=name,
        section="figures",
        title=f"Spread: {own.title}",
        caption=f"How far apart the outputs for the last batch of an epoch lie: the mean standard deviation of a "
        f"coordinate times √D, about 1 where they lie evenly. From {HEALTHY:g} on they differ well enough; below "
        f"{COLLAPSED:g} every {say.image} gets nearly the same vector. The axis is logarithmic and starts at "
        f"{LOWEST:g}{'; what is smaller is drawn there' * small}.",
        alt="Spread in the last epoch: "
        + ", ".join(f"{title} {end_value(table, 'spread'):.2g}, {spread_words(own.spreads(title))}"
                    for title, table in lines.items()),
        pair=f"{own.task}_views",
        family="views",
        data=data[["title", "seed", "epoch", "spread"]].to_csv(index=False, float_format="%.6g"),
        files={f"{name}.svg": svg(spread_curves(lines, (HEALTHY, COLLAPSED)))},
    )  # fmt: skip
