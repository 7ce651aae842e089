"""Accuracy against what it costs, and against a setting."""

from collections.abc import Mapping

import numpy as np
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


def setting_curves(
    curves: Mapping[str, pd.DataFrame], names: Mapping[str, str], column: str, name: str, title: str, mode: Mode = LIGHT
) -> Figure:
    """A panel a setting, its values at even distances; small points are seeds, the line joins their means.

    Args:
        curves: setting -> columns value, seed and the figure of merit.
        names: setting -> what stands below its panel.
        column, name: the figure of merit, and what it is called.
        title: of the method, for its look.
    """
    look = style(title, mode, "views")
    with themed(mode):
        figure = Figure(figsize=(6.5, 2.7), layout="constrained")
        axes = figure.subplots(1, len(curves), sharey=True, squeeze=False)[0]
        for panel, (setting, runs) in zip(axes, curves.items(), strict=True):
            values = sorted(set(runs["value"]))
            heights = [runs.loc[runs["value"] == value, column].dropna().to_numpy(float) for value in values]
            for place, own in enumerate(heights):
                panel.plot(np.full(len(own), place), own, ".", color=look.color, markersize=5, alpha=0.6, zorder=2)
            there = [place for place, own in enumerate(heights) if len(own)]
            means = [heights[place].mean() for place in there]
            panel.plot(there, means, color=look.color, marker=look.marker, linewidth=1.6, markersize=6, zorder=3)
            panel.set_xticks(range(len(values)), [f"{value:g}" for value in values])
            panel.set(xlabel=shown(names[setting]))
            panel.set_xlim(-0.4, len(values) - 0.6)
            panel.grid(axis="y", linewidth=0.6)
        top = max(float(runs[column].max()) for runs in curves.values())
        axes[0].set(ylabel=name, ylim=(0, 1.12 * top or 1))
        return figure
