"""How many labeled and unlabeled images each class of a task has."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, fine_colors, shown, themed

NAMED = 24  # classes at most whose names and numbers are written; more have their ranks alone


def distribution_bars(counts: pd.DataFrame, mode: Mode = LIGHT) -> Figure:
    """Two bars a class, full for labeled and hollow for unlabeled images, from head to tail; counts on a log axis.

    Args:
        counts: columns class_name, rank, labeled, unlabeled (`labels.distribution.distribution`); of several seeds the
            mean is drawn. Images of unknown class (rank -1) have no bar: the legend says how many they are.
    """
    means = counts.groupby("rank").agg({"class_name": "first", "labeled": "mean", "unlabeled": "mean"})
    classes, unknown = means.loc[means.index >= 0], means["unlabeled"].get(-1, 0)
    named = len(classes) <= NAMED
    told = f", of unknown class: {unknown:,.0f}" if unknown else ""
    (color,) = fine_colors(1)
    hollow = {"facecolor": "none", "edgecolor": mode.ink, "linewidth": 1 if named else 0.4}
    with themed(mode):
        figure = Figure(figsize=(6.5, 3.4), layout="constrained")
        panel = figure.subplots()
        draw_bars(panel, classes["labeled"], -0.2, named, facecolor=color, linewidth=0, label="labeled")
        if unknown and not classes["unlabeled"].any():  # a 0 above each class would be wrong
            panel.bar([], [], label=f"unlabeled{told}", **hollow)
        else:
            draw_bars(panel, classes["unlabeled"], 0.2, named, label=f"unlabeled{told}", **hollow)
        most = max(classes[["labeled", "unlabeled"]].max(axis=None), 1) if len(classes) else 1
        panel.set(yscale="log", ylim=(0.7, 3 * most), xlim=(-0.6, max(len(classes), 1) - 0.4), ylabel="images")
        panel.yaxis.set_major_formatter("{x:,.0f}")
        if named:
            names = [shown(name) for name in classes["class_name"]]
            panel.set_xticks(range(len(classes)), names, rotation=35, ha="right", rotation_mode="anchor")
            panel.tick_params(axis="x", length=0)
        else:
            panel.set_xlabel("class, by rank (0: head)")
        panel.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, borderpad=0)
        return figure


def draw_bars(panel: Axes, values: pd.Series, shift: float, numbers: bool, **look: object) -> None:
    """One kind of images, a bar a class, its number above it."""
    bars = panel.bar(values.index + shift, values, width=0.38, zorder=2, **look)  # type: ignore[arg-type]
    if numbers:
        panel.bar_label(bars, [f"{value:,.0f}" for value in values], padding=1.5, fontsize=6.5)
