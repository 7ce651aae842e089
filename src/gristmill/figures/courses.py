"""How rates change over a training, of several methods."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from gristmill.figures.theme import LIGHT, Mode, Style, shown, themed

MARKED = 24  # steps at most that have a mark each


def courses(values: pd.DataFrame, looks: Mapping[str, Style], mode: Mode = LIGHT) -> Figure:
    """One panel a rate, a line a method: the mean over seeds, with a thin line a seed.

    Args:
        values: columns rate, line, seed, step, value in 0..1; NaN is left out. Panels and lines come in the order of
            the rows.
        looks: line -> its look.
    """
    panels, lines = list(dict.fromkeys(values["rate"])) or [""], list(dict.fromkeys(values["line"]))
    with themed(mode):
        figure = Figure(figsize=(6.5, 2.9), layout="constrained")
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        last = max(values["step"].max(), 1) if len(values) else 1
        for panel, rate in zip(axes, panels, strict=True):
            for line in lines:
                own, look = values.loc[(values["rate"] == rate) & (values["line"] == line)].dropna(), looks[line]
                for _, rows in own.groupby("seed"):
                    panel.plot(rows["step"], rows["value"], color=look.color, linewidth=0.6, alpha=0.5)
                means = own.groupby("step")["value"].mean()
                panel.plot(
                    means.index, means, color=look.color, dashes=look.dashes or (None, None), linewidth=1.7,
                    marker=look.marker, markersize=4.5, markevery=max(1, -(-len(means) // MARKED)),
                )  # fmt: skip
            panel.set(title=shown(rate), xlabel="step", xlim=(0, 1.03 * last), ylim=(0, 1.03))
            panel.xaxis.set_major_locator(MaxNLocator(4, integer=True))
            panel.grid(axis="y", linewidth=0.6)
        marks = [
            Line2D([], [], color=look.color, marker=look.marker, dashes=look.dashes or (None, None),
                   label=shown(line), linewidth=1.7, markersize=4.5)
            for line, look in ((line, looks[line]) for line in lines)
        ]  # fmt: skip
        if marks:
            figure.legend(handles=marks, loc="outside upper left", ncols=5, frameon=False, handlelength=3)
        return figure
