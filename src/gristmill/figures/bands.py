"""A rate over a training, with what seeds differ by: methods beside what is built on them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gristmill.figures.theme import LIGHT, Mode, Style, shown, themed


def course_bands(values: pd.DataFrame, looks: Mapping[str, Style], ylabel: str, mode: Mode = LIGHT) -> Figure:
    """A panel a group of lines; a line is the mean over seeds, the band around it one standard deviation.

    Args:
        values: columns panel, line, seed, epoch, value in 0..1; NaN is left out. Panels and lines come in the order of
            the rows. A line of one seed has no band.
        looks: line -> its look.
        ylabel: what the values are.
    """
    panels = list(dict.fromkeys(values["panel"])) or [""]
    with themed(mode):
        figure = Figure(figsize=(6.5, 3.1), layout="constrained")
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for panel, name in zip(axes, panels, strict=True):
            own = values.loc[values["panel"] == name]
            for line in dict.fromkeys(own["line"]):
                draw_band(panel, own.loc[own["line"] == line].dropna(), str(line), looks[str(line)])
            last = own["epoch"].max() if len(own) else 1
            panel.set(title=shown(str(name)), xlabel="epoch", xlim=(0, 1.03 * max(last, 1)))
            panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            panel.grid(axis="y", linewidth=0.6)
            if panel.lines:
                panel.legend(loc="lower right", frameon=False, fontsize=9, handlelength=3)
        axes[0].set(ylabel=shown(ylabel))
        axes[0].set_ylim(bottom=0)
        return figure


def draw_band(panel: Axes, rows: pd.DataFrame, line: str, look: Style) -> None:
    """One method: mean and deviation of its seeds at each epoch that was looked at."""
    table = rows.groupby("epoch")["value"].agg(mean="mean", sd="std").reset_index()
    epoch, mean, spread = (table[name].to_numpy(float) for name in ("epoch", "mean", "sd"))
    panel.plot(
        epoch, mean, color=look.color, dashes=look.dashes or (None, None), linewidth=1.6, marker=look.marker,
        markersize=4.5, label=shown(line), zorder=3,
    )  # fmt: skip
    if np.isfinite(spread).any():
        panel.fill_between(epoch, mean - spread, mean + spread, color=look.color, alpha=0.2, linewidth=0, zorder=2)
