"""Accuracy against what it costs, and against a setting."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from gristmill.figures.theme import LIGHT, Mode, shown, style, themed


def by_seconds(runs: pd.DataFrame, column: str, name: str, mode: Mode = LIGHT) -> Figure:
    """A panel a comparison; a mark is a training's mean over seeds, joined to longer ones of the same line.

    Args:
        runs: columns panel, line (whose marks are joined), look (title for the theme), label, seed, seconds and the
            figure of merit.
        column: the figure of merit.
        name: what it is called.
    """
    with themed(mode):
        figure = Figure(figsize=(6.5, 3.1), layout="constrained")
        names = list(dict.fromkeys(runs["panel"]))
        axes = figure.subplots(1, len(names), sharey=True, squeeze=False)[0]
        for panel, title in zip(axes, names, strict=True):
            own = runs.loc[runs["panel"] == title]
            for _, line in own.groupby("line", sort=False):
                draw_marks(panel, line, column, mode)
            panel.set(title=shown(title), xscale="log")
            seconds = own.groupby("label")["seconds"].mean()
            panel.set_xlim(0.6 * seconds.min(), 1.9 * seconds.max())
            ticks = [tick for power in range(6) for tick in (10**power, 2 * 10**power, 5 * 10**power)]
            inside = [tick for tick in ticks if 0.6 * seconds.min() <= tick <= 1.9 * seconds.max()]
            panel.set_xticks(inside, [f"{tick:,}" for tick in inside])
            panel.xaxis.set_minor_formatter(NullFormatter())
            panel.minorticks_off()
            panel.grid(axis="y", linewidth=0.6)
            panel.margins(y=0.18)
        axes[0].set_ylabel(name)
        figure.supxlabel("processor seconds of a training", fontsize=10)
        return figure


def draw_marks(panel: Axes, line: pd.DataFrame, column: str, mode: Mode) -> None:
    """One line's trainings, named."""
    means = line.groupby("label", sort=False).agg(
        seconds=("seconds", "mean"), mean=(column, "mean"), sd=(column, "std"), look=("look", "first")
    )
    means = means.sort_values("seconds")
    if len(means) > 1:
        look = style(str(means["look"].iloc[0]), mode, "views")
        panel.plot(means["seconds"], means["mean"], color=look.color, linewidth=1, alpha=0.6, zorder=2)
    for label, row in means.iterrows():
        look = style(str(row["look"]), mode, "views")
        spread = None if np.isnan(row["sd"]) else [row["sd"]]
        panel.errorbar([row["seconds"]], [row["mean"]], yerr=spread, fmt=look.marker, color=look.color, markersize=6.5,
                       elinewidth=1, capsize=2.5, zorder=3)  # fmt: skip
        panel.annotate(shown(str(label)), (row["seconds"], row["mean"]), (0, 9), textcoords="offset points",
                       ha="center", va="bottom", fontsize=8, color=mode.ink)  # fmt: skip


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
            panel.set(xlabel=shown(names[setting]), ylim=(0, None))
            panel.set_xlim(-0.4, len(values) - 0.6)
            panel.grid(axis="y", linewidth=0.6)
        axes[0].set_ylabel(name)
        return figure
