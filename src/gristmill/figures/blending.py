"""What balances pseudo-labels by class over a training: the share that each class is given, and the weight of that."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gristmill.figures.confusion import NAMED, shades
from gristmill.figures.theme import LIGHT, Mode, shown, themed


def blending(
    steps: np.ndarray,
    shares: np.ndarray,
    weights: np.ndarray,
    true: np.ndarray,
    names: Sequence[str],
    start: float | None = None,
    mode: Mode = LIGHT,
) -> Figure:
    """Left each class's share of the pseudo-labels, beside it the true one; right the blend weight. A row a class.

    Args:
        steps: E, of the evaluations.
        shares: E x K, m-hat; NaN where there is none.
        weights: E x K, upsilon; NaN before blending, drawn gray.
        true: K, shares of the classes among the unlabeled images; NaN where nobody knows.
        names: K, head first.
        start: the step at which blending starts; None where it does not.
    """
    edges = np.r_[2 * steps[:1] - steps[1:2] if len(steps) > 1 else steps[:1] - 1, steps]  # a column ends at its step
    high = float(np.nanmax(np.r_[shares.ravel(), true, 1e-3])) if np.isfinite(np.r_[shares.ravel(), true]).any() else 1
    with themed(mode):
        figure = Figure(figsize=(6.5, 1.1 + 0.24 * min(len(names), NAMED)), layout="constrained")
        left, beside, right = figure.subplots(1, 3, width_ratios=(5, 0.7, 5), sharey=True)
        rows = np.arange(len(names) + 1) - 0.5
        colors = {"cmap": shades(mode), "vmin": 0, "linewidth": 0, "rasterized": True}
        drawn = left.pcolormesh(edges, rows, shares.T, vmax=high, **colors)
        beside.pcolormesh([0, 1], rows, true[:, None], vmax=high, **colors)
        figure.colorbar(drawn, ax=[left, beside], aspect=25, pad=0.03)
        figure.colorbar(right.pcolormesh(edges, rows, weights.T, vmax=1, **colors), ax=right, aspect=25, pad=0.03)
        left.set(title="Share of pseudo-labels, m-hat", xlabel="step", ylim=(len(names) - 0.5, -0.5))
        beside.set_xticks([0.5], ["true"])
        right.set(title="Blend weight, upsilon", xlabel="step")
        for panel in (left, beside, right):
            panel.tick_params(axis="y", length=0)
            if start is not None and panel is not beside:
                mark_start(panel, start, mode)
        if len(names) <= NAMED:
            left.set_yticks(range(len(names)), [shown(name) for name in names])
        else:
            left.set_ylabel("class, by rank (0: head)")
        return figure


def mark_start(panel: Axes, start: float, mode: Mode) -> None:
    """Where blending starts."""
    panel.axvline(start, color=mode.ink, linewidth=1.2, linestyle="--")
