"""Single seeds as points: methods under several tails of unlabeled images, and what an ablation changes."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, shown, style, themed


def methods_by_tail(runs: pd.DataFrame, free: pd.DataFrame, panels: Mapping[str, str], mode: Mode = LIGHT) -> Figure:
    """A panel a figure of merit, a place a tail; small points are seeds, the large one their mean.

    Args:
        runs: columns name, tail, seed and the figures of merit, tails in order.
        free: the same of methods that read no unlabeled image: a line across, a band of one standard deviation.
        panels: column -> what stands above its panel.
    """
    tails, names = list(dict.fromkeys(runs["tail"])), list(dict.fromkeys(runs["name"]))
    offsets = np.linspace(-0.24, 0.24, len(names)) if len(names) > 1 else np.zeros(1)
    with themed(mode):
        figure = Figure(figsize=(6.5, 3.1), layout="constrained")
        axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for panel, (column, above) in zip(axes, panels.items(), strict=True):
            for name, own in free.groupby("name", sort=False):
                look, values = style(str(name), mode), own[column].dropna().to_numpy(float)
                if len(values):
                    spread = values.std(ddof=1) if len(values) > 1 else 0.0
                    panel.axhspan(
                        values.mean() - spread, values.mean() + spread, color=look.color, alpha=0.13, linewidth=0
                    )
                    panel.axhline(values.mean(), color=look.color, dashes=look.dashes or (None, None), linewidth=1.3)
            for name, offset in zip(names, offsets, strict=True):
                for place, tail in enumerate(tails):
                    values = runs.loc[(runs["name"] == name) & (runs["tail"] == tail), column].dropna().to_numpy(float)
                    draw_seeds(panel, place + offset, values, name, mode)
            panel.set(title=shown(above), xlim=(-0.5, len(tails) - 0.5))
            panel.set_xticks(range(len(tails)), [shown(tail) for tail in tails])
            panel.grid(axis="y", linewidth=0.6)
            panel.margins(y=0.12)
        for name in dict.fromkeys(free["name"]):
            look = style(name, mode)
            panel.plot([], [], color=look.color, dashes=look.dashes or (None, None), label=shown(name))
        for name in names:
            look = style(name, mode)
            panel.plot([], [], look.marker, color=look.color, markersize=6, label=shown(name))
        handles, labels = panel.get_legend_handles_labels()
        if handles:
            figure.legend(handles, labels, loc="outside lower center", ncols=len(handles), frameon=False)
        return figure


def draw_seeds(panel: Axes, x: float, values: np.ndarray, name: str, mode: Mode) -> None:
    """Seeds beside their mean, which has a whisker of one standard deviation."""
    if not len(values):
        return
    look = style(name, mode)
    panel.plot(np.full(len(values), x + 0.06), values, ".", color=look.color, markersize=4.5, alpha=0.6, zorder=2)
    spread = values.std(ddof=1) if len(values) > 1 else 0.0
    panel.errorbar([x], [values.mean()], yerr=[spread], fmt=look.marker, color=look.color, markersize=6, elinewidth=1,
                   capsize=2.5, zorder=3)  # fmt: skip


def ablation_seeds(runs: pd.DataFrame, base: str, panels: Mapping[str, str], mode: Mode = LIGHT) -> Figure:
    """A line a title, a panel a figure of merit; points are seeds, the stroke is their mean.

    Args:
        runs: columns title, name (of the method, for its look), seed and the figures of merit, titles from top to
            bottom.
        base: the title whose mean is drawn through all lines.
        panels: column -> what stands above its panel.
    """
    titles = list(dict.fromkeys(runs["title"]))
    with themed(mode):
        figure = Figure(figsize=(6.5, 0.95 + 0.27 * len(titles)), layout="constrained")
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for panel, (column, above) in zip(axes, panels.items(), strict=True):
            middle = runs.loc[runs["title"] == base, column].dropna()
            if len(middle):
                panel.axvline(float(middle.mean()), color=mode.pale, dashes=(2, 2), linewidth=1, zorder=1)
            for place, title in enumerate(titles):
                rows = runs.loc[runs["title"] == title]
                look, own = style(str(rows["name"].iloc[0]), mode), rows[column].dropna().to_numpy(float)
                panel.plot(
                    own, np.full(len(own), place), look.marker, color=look.color, markersize=5, alpha=0.65, zorder=2
                )
                if len(own):
                    panel.plot([own.mean()] * 2, [place - 0.3, place + 0.3], color=look.color, linewidth=2, zorder=3)
            panel.set(title=shown(above))
            panel.set_yticks(range(len(titles)), [shown(title) for title in titles])
            panel.set_ylim(len(titles) - 0.4, -0.6)
            panel.tick_params(axis="y", length=0)
            panel.grid(axis="x", linewidth=0.6)
            panel.margins(x=0.08)
        return figure
