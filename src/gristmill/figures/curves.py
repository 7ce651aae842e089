"""How a training went: loss and what it was watched by, by epoch."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gristmill.figures.theme import LIGHT, Mode, Style, shown, styles, themed

WATCHED = {"recall_1": "Recall@1", "top1": "top-1 accuracy"}  # the first that a history has is drawn


class Watch(NamedTuple):
    """What stands in the right panel: a column of the history, what it is called, what the axis says."""

    column: str
    title: str
    axis: str = ""


def training_curves(
    histories: Mapping[str, pd.DataFrame],
    mode: Mode = LIGHT,
    family: str = "coarse",
    watch: Watch | None = None,
) -> Figure:
    """Loss (left) and Recall@1, top-1 accuracy or another rate (right) by epoch; a line a seed.

    Losses of different methods are different functions: their heights do not compare.

    Args:
        histories: title -> columns seed, epoch, loss and one of `WATCHED`; NaN, or no column, where there is none.
            What was never trained (the floors) is a level in the right panel.
        family: of the methods, for the looks of those without one of their own.
        watch: what stands in the right panel; without it one of `WATCHED`.
    """
    looks, usual = styles(histories, mode, family), watched_by(histories)
    watched, name, axis = watch or Watch(usual, WATCHED[usual])
    with themed(mode):
        figure = Figure(figsize=(6.5, 3.25), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.55))
        last = max((int(max(history["epoch"])) for history in histories.values() if len(history)), default=0)
        ends = {}
        for title, history in histories.items():
            draw_curves(left, history, "loss", looks[title])
            if set(history["epoch"]) == {0}:
                draw_level(right, end_value(history, watched), last, looks[title])
            else:
                draw_curves(right, history, watched, looks[title], marked=True)
            ends[title] = end_value(history, watched)
        name_lines(right, ends, looks, last, mode)
        top = max([0.1, *(value for value in ends.values() if np.isfinite(value))])
        left.set(title="Loss", xlabel="epoch", xlim=(0, max(last, 1)))
        right.set(title=name, xlabel="epoch", ylabel=axis, xlim=(0, 1.6 * max(last, 1)), ylim=(0, min(1, 1.12 * top)))
        right.spines["bottom"].set_bounds(0, max(last, 1))
        left.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        right.set_xticks([tick for tick in left.get_xticks() if tick <= last])
        low, high = left.get_ylim()
        left.set_ylim(0 if low < 0.4 * high else low, high)
        return figure


def watched_by(histories: Mapping[str, pd.DataFrame]) -> str:
    """The column of `WATCHED` that is drawn."""
    return next((name for name in WATCHED if any(name in history for history in histories.values())), "recall_1")


def draw_curves(panel: Axes, history: pd.DataFrame, column: str, look: Style, marked: bool = False) -> None:
    """One line a seed; marks where a value was taken, if they are few."""
    if column not in history:
        return
    for _, rows in history.dropna(subset=[column]).groupby("seed"):
        panel.plot(
            rows["epoch"], rows[column], color=look.color, dashes=look.dashes or (None, None), linewidth=1.4,
            marker=look.marker if (marked and len(rows) <= 24) or len(rows) == 1 else "", markersize=4.5,
        )  # fmt: skip


def draw_level(panel: Axes, value: float, last: float, look: Style) -> None:
    """What was never trained."""
    panel.plot([0, last], [value, value], color=look.color, dashes=look.dashes or (None, None), linewidth=1.2)


def end_value(history: pd.DataFrame, column: str) -> float:
    """The last value of a column, averaged over seeds; NaN where there is none."""
    if column not in history:
        return float("nan")
    taken = history.dropna(subset=[column])
    last = dict(zip(taken["seed"], taken[column], strict=True))  # of a seed the last stays
    return float(np.mean(list(last.values()))) if last else float("nan")


def name_lines(panel: Axes, ends: Mapping[str, float], looks: Mapping[str, Style], last: float, mode: Mode) -> None:
    """Names behind the ends of lines, moved apart where they would lie on each other."""
    order = sorted((title for title in ends if np.isfinite(ends[title])), key=lambda title: ends[title])
    top = max([0.1, *(ends[title] for title in order)])
    places = apart([ends[title] / top for title in order], 1 / 13)
    for title, place in zip(order, places, strict=True):
        look, x = looks[title], max(last, 1)
        panel.plot([1.01 * x, 1.07 * x], [ends[title], place * top], color=mode.grid, linewidth=0.8)
        panel.plot([1.085 * x], [place * top], look.marker, color=look.color, markersize=4.5)
        panel.text(1.12 * x, place * top, shown(title), va="center", fontsize=9, color=mode.ink)


def apart(values: list[float], gap: float) -> list[float]:
    """Rising values moved as little as it takes to lie `gap` from each other, none below 0."""
    groups: list[list[float]] = []  # of neighbors that touch: their values
    for value in values:
        groups.append([value])
        while len(groups) > 1 and start(groups[-1], gap) < start(groups[-2], gap) + gap * len(groups[-2]):
            last = groups.pop()
            groups[-1] += last
    return [start(group, gap) + gap * place for group in groups for place in range(len(group))]


def start(group: list[float], gap: float) -> float:
    """Where the first of a group goes, so that the group lies around the mean of its values."""
    return max(0.0, sum(group) / len(group) - gap * (len(group) - 1) / 2)
