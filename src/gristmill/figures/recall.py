"""Recall@K of every method, and what another grouping of the same classes changes."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, shown, style, themed


def recall_bars(summary: pd.DataFrame, ks: Sequence[int] = (1, 2, 5, 10), mode: Mode = LIGHT) -> Figure:
    """One panel a K, one row a method.

    A method with several seeds is a bar to the mean with its standard deviation; one with a single seed is a point on
    a thin line, since nothing is known of its spread.

    Args:
        summary: columns title, metric (`recall_<k>`), n, mean, sd (NaN where n is 1); methods from top to bottom as
            they come. What is missing or NaN is left out.
        ks: at most so many panels; those that the summary lacks are left out.
    """
    present = [k for k in ks if f"recall_{k}" in set(summary["metric"])] or list(ks)[:1]
    titles = list(dict.fromkeys(summary["title"]))
    with themed(mode):
        figure = Figure(figsize=(6.5, 0.75 + 0.27 * len(titles)), layout="constrained")
        panels = figure.subplots(1, len(present), sharey=True, squeeze=False)[0]
        for panel, k in zip(panels, present, strict=True):
            values = summary.loc[summary["metric"] == f"recall_{k}"].set_index("title")
            for place, title in enumerate(titles):
                if title in values.index:
                    draw_value(panel, place, title, values.loc[title], mode)
            panel.set(title=f"Recall@{k}", xlim=(0, 1.3), ylim=(len(titles) - 0.4, -0.6))
            panel.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
            panel.set_yticks(range(len(titles)), [shown(title) for title in titles])
            panel.tick_params(axis="y", length=0)
            panel.spines["left"].set_color(mode.grid)
        return figure


def draw_value(panel: Axes, place: int, title: str, row: Any, mode: Mode) -> None:
    """One method's value in a panel, and the number behind it."""
    if pd.isna(row["mean"]):
        return
    look, end = style(title, mode), row["mean"]
    if row["n"] > 1:
        spread = 0 if pd.isna(row["sd"]) else row["sd"]
        panel.barh(place, row["mean"], height=0.58, color=look.color, linewidth=0, zorder=2)
        panel.errorbar(row["mean"], place, xerr=spread, color=mode.ink, capsize=2.5, linewidth=1, zorder=3)
        end += spread
    else:
        panel.plot([0, row["mean"]], [place, place], color=look.color, linewidth=0.8, zorder=2)
        panel.plot(row["mean"], place, look.marker, color=look.color, markersize=6, zorder=3)
    panel.text(end + 0.075, place, f"{row['mean']:.2f}", va="center", fontsize=9, color=mode.ink)


def groupings_compared(
    summary: pd.DataFrame, names: Mapping[str, str], metric: str = "recall_1", mode: Mode = LIGHT
) -> Figure:
    """What each method reaches with one grouping of the classes and with another: two marks on a line.

    Args:
        summary: columns title, task, metric, n, mean, sd; methods from top to bottom as they come.
        names: task -> how the figure calls its grouping; full marks for the first, hollow ones for the second.
    """
    rows = summary.loc[(summary["metric"] == metric) & summary["task"].isin(list(names))]
    titles = list(dict.fromkeys(rows["title"]))
    table = rows.pivot_table(index="title", columns="task", values="mean").reindex(columns=list(names))
    spread = rows.pivot_table(index="title", columns="task", values="sd", dropna=False).reindex_like(table)
    with themed(mode):
        figure = Figure(figsize=(6.5, 1.05 + 0.42 * len(titles)), layout="constrained")
        panel = figure.subplots()
        for place, title in enumerate(titles):
            if title not in table.index:
                continue
            look, values = style(title, mode), table.loc[title]
            panel.plot(values, [place] * len(values), color=look.color, linewidth=2, zorder=2, alpha=0.5)
            for number, task in enumerate(names):
                face = look.color if number == 0 else mode.paper
                panel.errorbar(
                    values[task], place, xerr=spread.loc[title, task], fmt=look.marker, color=look.color, zorder=3,
                    markersize=9, markerfacecolor=face, markeredgewidth=1.6, capsize=3,
                )  # fmt: skip
                side = -1 if values[task] < values.drop(task).max() else 1
                whisker = 0 if pd.isna(spread.loc[title, task]) else spread.loc[title, task]
                panel.annotate(
                    f"{values[task]:.3f}", (values[task] + side * whisker, place), (side * 10, 0),
                    textcoords="offset points",
                    va="center", ha="right" if side < 0 else "left", fontsize=9,
                )  # fmt: skip
        for number, task in enumerate(names):
            face = mode.pale if number == 0 else mode.paper
            panel.plot([], [], "o", color=mode.pale, markerfacecolor=face, label=names[task])
        panel.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(names), frameon=False, borderpad=0)
        top = 1 if not len(table) or pd.isna(table.max(axis=None)) else min(1, 1.35 * table.max(axis=None))
        panel.set(xlim=(0, top), ylim=(len(titles) - 0.5, -0.5), xlabel=f"Recall@{metric.split('_')[-1]}")
        panel.set_yticks(range(len(titles)), [shown(title) for title in titles])
        panel.tick_params(axis="y", length=0)
        return figure

