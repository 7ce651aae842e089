"""Whether outputs keep their distance: the spread over a training."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullFormatter

from gristmill.figures.theme import LIGHT, Mode, shown, styles, themed

LOWEST = 1e-3  # smaller spreads are drawn here: below the second level they are as good as zero


def spread_curves(
    histories: Mapping[str, pd.DataFrame], levels: tuple[float, float], mode: Mode = LIGHT, family: str = "views"
) -> Figure:
    """A line a seed, on a log axis; 1 is even.

    Args:
        histories: title -> columns seed, epoch, spread; NaN is left out.
        levels: from the first on a spread is healthy, below the second the outputs have collapsed.
        family: of the methods, for the looks of those without one of their own.
    """
    looks = styles(histories, mode, family)
    with themed(mode):
        figure = Figure(figsize=(6.5, 3.25), layout="constrained")
        panel = figure.subplots()
        last = max((int(epoch) for history in histories.values() for epoch in history["epoch"]), default=1)
        for title, history in histories.items():
            look = looks[title]
            for _, rows in history.dropna(subset=["spread"]).groupby("seed"):
                panel.plot(
                    rows["epoch"], rows["spread"].clip(lower=LOWEST), color=look.color,
                    dashes=look.dashes or (None, None), linewidth=1.4, marker=look.marker, markersize=4.5,
                    markevery=max(1, -(-len(rows) // 12)), clip_on=False, zorder=3,
                )  # fmt: skip
        for level, words in zip(levels, ("healthy\nabove", "collapsed\nbelow"), strict=True):
            panel.axhline(level, color=mode.pale, linewidth=0.9, dashes=(2, 2))
            above = level == levels[0]
            panel.annotate(
                words, (1, level), (4, 0), xycoords=panel.get_yaxis_transform(), textcoords="offset points", ha="left",
                va="bottom" if above else "top", fontsize=9, color=mode.pale, annotation_clip=False,
            )  # fmt: skip
        panel.set(title="Spread of the outputs (1 is even)", xlabel="epoch", yscale="log", ylim=(LOWEST, 2))
        panel.set_xlim(0, 1.02 * last)
        panel.set_yticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
        panel.yaxis.set_minor_formatter(NullFormatter())
        panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        marks = [
            Line2D([], [], color=look.color, marker=look.marker, dashes=look.dashes or (None, None), label=shown(title),
                   linewidth=1.4, markersize=4.5)
            for title, look in looks.items()
        ]  # fmt: skip
        if marks:
            figure.legend(handles=marks, loc="outside upper left", ncols=4, frameon=False, handlelength=3)
        return figure
