"""How alike crops of one image are in several networks' eyes, by kind of pair."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gristmill.figures.theme import DASHES, LIGHT, Mode, fine_colors, shown, themed


def pair_histograms(shares: pd.DataFrame, columns: Sequence[Sequence[str]], mode: Mode = LIGHT) -> Figure:
    """A panel a network: an outline a kind of pair, its share of pairs in each bin; an upright line at its mean.

    Args:
        shares: columns title, pair, low, high (the bin), share in 0..1; empty bins may be missing, all are equally
            wide. Kinds of pairs come in the order of the rows.
        columns: titles that stand one above the other, first on top.
    """
    pairs, deep = list(dict.fromkeys(shares["pair"])), max(map(len, columns), default=1)
    ends = (shares["low"].min(), shares["high"].max()) if len(shares) else (-1.0, 1.0)
    with themed(mode):
        figure = Figure(figsize=(6.5, 0.9 + 1.6 * deep), layout="constrained")
        axes = figure.subplots(deep, max(len(columns), 1), sharex=True, sharey=True, squeeze=False)
        for place, titles in enumerate(columns):
            for row, title in enumerate(titles):
                draw_pairs(axes[row, place], shares.loc[shares["title"] == title], pairs)
                axes[row, place].set(title=shown(title), xlim=ends)
            for panel in axes[len(titles) :, place]:
                panel.set_axis_off()
            axes[max(len(titles) - 1, 0), place].set(xlabel="cosine of two crops' features")
        for panel in axes[:, 0]:
            panel.set(ylabel="share of pairs")
        axes[0, 0].set_ylim(bottom=0)
        handles, labels = axes[0, 0].get_legend_handles_labels()
        if handles:
            figure.legend(handles, labels, loc="outside upper left", ncols=len(handles), frameon=False, handlelength=3)
        return figure


def draw_pairs(panel: Axes, shares: pd.DataFrame, pairs: Sequence[str]) -> None:
    """One network."""
    for place, pair in enumerate(pairs):
        own, color = shares.loc[shares["pair"] == pair], fine_colors(len(pairs))[place]
        if not len(own):
            continue
        heights, edges = filled(own)
        dashes = DASHES[place % len(DASHES)]
        style = (0, dashes) if dashes else "-"
        panel.stairs(heights, edges, color=color, alpha=0.16, fill=True, zorder=2)
        panel.stairs(heights, edges, color=color, linewidth=1.5, linestyle=style, label=shown(pair), zorder=3)
        panel.axvline(mean_cosine(own), color=color, linewidth=0.9, linestyle=style, zorder=1)


def filled(shares: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Heights of B bins with the empty ones between them, and their B + 1 edges.

    Args:
        shares: columns low, high, share, of one network and kind of pair.
    """
    low, width = shares["low"].to_numpy(float), float((shares["high"] - shares["low"]).iloc[0])
    places = np.rint((low - low.min()) / width).astype(int)
    heights = np.bincount(places, shares["share"].to_numpy(float))
    return heights, low.min() + width * np.arange(len(heights) + 1)


def mean_cosine(shares: pd.DataFrame) -> float:
    """The mean of a histogram, each bin at its middle.

    Args:
        shares: columns low, high, share, of one network and kind of pair.
    """
    return float(np.average((shares["low"] + shares["high"]) / 2, weights=shares["share"]))
