"""What single settings change: figures of merit against each of them, the others held."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, Style, shown, themed


def setting_curves(
    runs: pd.DataFrame, panels: Mapping[str, str], base: Mapping[str, float], looks: Mapping[str, Style],
    mode: Mode = LIGHT,
) -> Figure:  # fmt: skip
    """A panel a setting; small points are seeds, marks their means with one standard deviation.

    The values of a setting stand at even distances, whatever their size.

    Args:
        runs: columns setting, at (its value), line (the figure of merit), seed, value; NaN is left out.
        panels: setting -> what stands below its panel.
        base: setting -> the value that the other panels were run at: a dotted line.
        looks: line -> its look, lines in the order of the legend.
    """
    with themed(mode):
        figure = Figure(figsize=(6.5, 3.1), layout="constrained")
        axes = figure.subplots(1, max(len(panels), 1), sharey=True, squeeze=False)[0]
        for panel, (setting, below) in zip(axes, panels.items(), strict=False):
            own = runs.loc[runs["setting"] == setting].dropna()
            ticks = sorted(set(own["at"]))
            for line, look in looks.items():
                draw_setting(panel, own.loc[own["line"] == line], ticks, line, look)
            if base.get(setting) in ticks:
                panel.axvline(ticks.index(base[setting]), color=mode.pale, dashes=(1, 2), linewidth=0.9, zorder=1)
            panel.set_xticks(range(len(ticks)), [f"{value:g}" for value in ticks])
            panel.set(xlabel=shown(below), xlim=(-0.4, max(len(ticks) - 0.6, 0.4)))
            panel.grid(axis="y", linewidth=0.6)
            panel.margins(y=0.08)
        axes[0].set(ylabel="top-1 accuracy")
        handles, labels = axes[0].get_legend_handles_labels()
        if handles:
            figure.legend(handles, labels, loc="outside upper left", ncols=len(handles), frameon=False, handlelength=3)
        return figure


def draw_setting(panel: Axes, rows: pd.DataFrame, ticks: list[float], line: str, look: Style) -> None:
    """One figure of merit over the values of a setting."""
    places = rows["at"].map(ticks.index)
    panel.plot(places + 0.1, rows["value"], ".", color=look.color, markersize=4, alpha=0.55, zorder=2)
    table = rows.assign(place=places).groupby("place")["value"].agg(mean="mean", sd="std").reset_index()
    panel.errorbar(
        table["place"], table["mean"], yerr=table["sd"].fillna(0), color=look.color, marker=look.marker,
        dashes=look.dashes or (None, None), markersize=5.5, linewidth=1.6, elinewidth=1, capsize=2.5,
        label=shown(line), zorder=3,
    )  # fmt: skip
