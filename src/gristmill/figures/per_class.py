"""A rate of every class, from head to tail, of several methods or kinds of labels."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gristmill.figures.theme import LIGHT, Mode, Style, shown, themed


def class_rates(
    rates: pd.DataFrame,
    names: Sequence[str],
    looks: Mapping[str, Style],
    parts: Mapping[str, int] | None = None,
    mode: Mode = LIGHT,
) -> Figure:
    """One panel a rate, a column a class, a mark a line: its mean over seeds; pale points are the seeds.

    Args:
        rates: columns rate, line, place (of the class in `names`), seed, value in 0..1; NaN is left out. Panels and
            lines come in the order of the rows.
        names: of the columns, head first.
        looks: line -> its look.
        parts: name -> how many columns it has, from the left: head, middle, tail.
    """
    panels = list(dict.fromkeys(rates["rate"])) or [""]
    lines = list(dict.fromkeys(rates["line"]))
    with themed(mode):
        figure = Figure(figsize=(6.5, 0.9 + 1.85 * len(panels)), layout="constrained")
        axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
        for panel, rate in zip(axes, panels, strict=True):
            own = rates.loc[(rates["rate"] == rate) & rates["value"].notna()]
            for number, line in enumerate(lines):
                shift = 0.8 * ((number + 0.5) / len(lines) - 0.5)
                draw_line(panel, own.loc[own["line"] == line], shift, looks[line])
            panel.set(ylabel=shown(rate), ylim=(-0.04, 1.04), xlim=(-0.55, len(names) - 0.45))
            panel.set_yticks([0, 0.5, 1], ["0", ".5", "1"])
            panel.grid(axis="y", linewidth=0.6)
            panel.tick_params(axis="x", length=0)
            for between in range(1, len(names)):
                panel.axvline(between - 0.5, color=mode.grid, linewidth=0.5, zorder=0)
        name_parts(list(axes), parts or {}, mode)
        axes[-1].set_xticks(range(len(names)), [shown(name) for name in names])
        if sum(map(len, names)) > 40:
            for label in axes[-1].get_xticklabels():
                label.set(rotation=30, ha="right", rotation_mode="anchor")
        marks = [
            Line2D([], [], color=looks[line].color, marker=looks[line].marker, linestyle="", label=shown(line))
            for line in lines
        ]
        if marks:
            figure.legend(
                handles=marks, loc="outside upper left", ncols=5, frameon=False, handletextpad=0.2, columnspacing=1.2
            )
        return figure


def draw_line(panel: Axes, rows: pd.DataFrame, shift: float, look: Style) -> None:
    """The seeds of one line, and their mean above them."""
    panel.plot(rows["place"] + shift, rows["value"], ".", color=look.color, alpha=0.45, markersize=4, zorder=2)
    means = rows.groupby("place", as_index=False).agg({"value": "mean"})
    panel.plot(means["place"] + shift, means["value"], look.marker, color=look.color, markersize=5.5, zorder=3)


def name_parts(axes: Sequence[Axes], parts: Mapping[str, int], mode: Mode) -> None:
    """Where head, middle and tail end, and their names above the first panel."""
    start = 0
    for name, count in parts.items():
        place, start = start, start + count
        axes[0].annotate(
            name, (place - 0.45, 1), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points",
            fontsize=9, color=mode.pale,
        )  # fmt: skip
        for panel in axes:
            if place:
                panel.axvline(place - 0.5, color=mode.pale, linewidth=0.9, zorder=1)
