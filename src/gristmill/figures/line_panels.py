"""Accuracy along an axis of few places, a panel a question: many methods, seeds as a whisker."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, NullLocator

from gristmill.figures.theme import LIGHT, Mode, Style, shown, themed


@dataclass(frozen=True)
class Across:
    """The axis that lines go along.

    Attributes:
        doubling: one step to the right doubles the value (logarithm to base 2).
        small: many small panels: thinner lines, no whiskers.
    """

    words: str
    doubling: bool = False
    small: bool = False


def line_panels(
    values: pd.DataFrame, looks: Mapping[str, Style], across: Across, ylabel: str, columns: int, mode: Mode = LIGHT
) -> Figure:
    """A panel a group of lines; marks are means over seeds with one standard deviation.

    The values at hand are the ticks. Rates start at 0.

    Args:
        values: columns panel, line, seed, at, value in 0..1; NaN is left out. Panels come in the order of the rows.
        looks: line -> its look, lines in the order of the legend.
        columns: panels side by side.
    """
    values = values.dropna(subset=["at", "value"])
    panels = list(dict.fromkeys(values["panel"])) or [""]
    columns = min(columns, len(panels))
    rows = ceil(len(panels) / columns)
    ticks = sorted(set(values["at"]))
    with themed(mode):
        figure = Figure(figsize=(6.5, 0.75 + (1.3 if across.small else 2.7) * rows), layout="constrained")
        axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for panel, name in zip(axes.flat, panels, strict=False):
            own = values.loc[values["panel"] == name]
            for line, look in looks.items():
                draw_means(panel, own.loc[own["line"] == line], line, look, across.small)
            panel.set_title(shown(str(name)), fontsize=8.5 if across.small else 10)
            panel.grid(axis="y", linewidth=0.6)
        for panel in axes.flat[max(len(panels) - columns, 0) : len(panels)]:
            panel.tick_params(labelbottom=True)  # nothing stands below
        for panel in axes.flat[len(panels) :]:
            panel.set_axis_off()
        set_ticks(axes[0, 0], ticks, across)
        axes[0, 0].set_ylim(bottom=0)
        figure.supxlabel(shown(across.words), fontsize=10, color=mode.ink)
        figure.supylabel(shown(ylabel), fontsize=10, color=mode.ink)
        handles, labels = axes[0, 0].get_legend_handles_labels()
        if handles:
            figure.legend(handles, labels, loc="outside upper left", ncols=min(4, len(handles)), frameon=False,
                          handlelength=3.2, columnspacing=1.4)  # fmt: skip
        return figure


def set_ticks(panel: Axes, ticks: list[float], across: Across) -> None:
    """Ticks where there are values; panels that share the axis follow."""
    if across.doubling and ticks:
        panel.set_xscale("log", base=2)
        panel.set_xlim(ticks[0] / 1.2, ticks[-1] * 1.2)
    panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.xaxis.set_minor_locator(NullLocator())
    panel.xaxis.set_minor_formatter(NullFormatter())
    if across.small:
        panel.tick_params(labelsize=8)


def draw_means(panel: Axes, rows: pd.DataFrame, line: str, look: Style, small: bool) -> None:
    """One line; a line without values has its place in the legend."""
    table = rows.groupby("at")["value"].agg(mean="mean", sd="std").reset_index()
    panel.errorbar(
        table["at"], table["mean"], yerr=None if small or not len(table) else table["sd"].fillna(0), color=look.color,
        marker=look.marker, dashes=look.dashes or (None, None), markersize=2.8 if small else 5,
        linewidth=1.0 if small else 1.5, elinewidth=1, capsize=2, label=shown(line), zorder=3,
    )  # fmt: skip
