"""Accuracy against what it costs."""


import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, shown, style, themed


def by_seconds(runs: pd.DataFrame, column: str, name: str, mode: Mode = LIGHT) -> Figure:
    """A panel a comparison; a mark is a training's mean over seeds, joined to longer ones of the same method.

    Args:
        runs: columns panel, name (of the method), look (title for the theme), epochs, seed, seconds and the figure of
            merit.
        column: the figure of merit.
        name: what it is called.
    """
    with themed(mode):
        figure = Figure(figsize=(6.5, 3.1), layout="constrained")
        panels = list(dict.fromkeys(runs["panel"]))
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for panel, title in zip(axes, panels, strict=True):
            own = runs.loc[runs["panel"] == title]
            for place, (label, line) in enumerate(own.groupby("name", sort=False)):
                draw_marks(panel, line, column, str(label), place % 2 == 0, mode)
            low, high = 0.6 * own["seconds"].min(), 1.7 * own["seconds"].max()
            panel.set(title=shown(title), xscale="log", xlim=(low, high))
            ticks = [step * 10**power for power in range(-2, 7) for step in (1, 2, 5)]
            inside = [tick for tick in ticks if low <= tick <= high]
            panel.set_xticks(inside, [f"{tick:,g}" for tick in inside])
            panel.minorticks_off()
            panel.grid(axis="y", linewidth=0.6)
            panel.margins(y=0.16)
            panel.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), frameon=False, fontsize=8.5)
        axes[0].set_ylabel(name)
        figure.supxlabel("processor seconds of a training", fontsize=10)
        return figure


def draw_marks(panel: Axes, line: pd.DataFrame, column: str, label: str, above: bool, mode: Mode) -> None:
    """One method's trainings, each with its epochs."""
    look = style(str(line["look"].iloc[0]), mode, "views")
    means = line.groupby("epochs").agg(seconds=("seconds", "mean"), mean=(column, "mean"), sd=(column, "std"))
    means = means.sort_values("seconds")
    panel.errorbar(means["seconds"], means["mean"], yerr=means["sd"].fillna(0), marker=look.marker, color=look.color,
                   linewidth=1, markersize=6.5, elinewidth=1, capsize=2.5, zorder=3, label=shown(label))  # fmt: skip
    for epochs, row in means.iterrows():
        panel.annotate(f"{epochs:g}", (row["seconds"], row["mean"]), (0, 8 if above else -8), ha="center",
                       va="bottom" if above else "top", textcoords="offset points", fontsize=8.5,
                       color=mode.ink)  # fmt: skip
