"""Which classes a classifier takes for which, of several methods side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, shown, themed

NAMED = 24  # classes at most whose names are written
NUMBERED = 12  # classes at most whose cells hold numbers
FULL = {"light": "#0b4a91", "dark": "#8ec5ff"}  # the color of a share of 1; 0 is the paper's


def confusion_matrices(matrices: Mapping[str, np.ndarray], names: Sequence[str], mode: Mode = LIGHT) -> Figure:
    """A row a true class, a column what it is taken for; two matrices beside each other at most.

    Args:
        matrices: title -> K x K, rows that sum to 1; a row of NaN where a class has no images.
        names: K.
    """
    columns = min(2, len(matrices)) or 1
    rows = -(-len(matrices) // columns) or 1
    with themed(mode):
        side = 2.75 if columns == 2 else 4.2
        figure = Figure(figsize=(6.5, rows * (side + 0.2) + 0.85), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for panel in axes.ravel()[len(matrices) :]:
            panel.set_axis_off()
        image = None
        for panel, (title, matrix) in zip(axes.ravel(), matrices.items(), strict=False):
            image = panel.imshow(matrix, cmap=shades(mode), vmin=0, vmax=1, aspect="equal", interpolation="nearest")
            panel.set_title(shown(title))
            panel.tick_params(length=0, labelsize=7)
            write_numbers(panel, matrix, mode)
        lower = [axes[-1 if number < len(matrices) - columns * (rows - 1) else -2, number] for number in range(columns)]
        for panel in lower:
            panel.tick_params(labelbottom=True)
        name_classes(axes[0, 0], names)
        for panel in lower:
            for label in panel.get_xticklabels():
                label.set(rotation=45, ha="right", rotation_mode="anchor")
        figure.supxlabel("taken for", fontsize=10, color=mode.ink)
        figure.supylabel("true class", fontsize=10, color=mode.ink)
        if image is not None and len(names) > NUMBERED:
            figure.colorbar(image, ax=axes, shrink=0.6, label="share of the true class's images")
        return figure


def name_classes(panel: Axes, names: Sequence[str]) -> None:
    """Names on both axes, which the panels share; ranks where there are many."""
    if len(names) <= NAMED:
        called = [shown(name) for name in names]
        panel.set_xticks(range(len(names)), called)
        panel.set_yticks(range(len(names)), called)
    else:
        panel.set(xlabel="", ylabel="rank (0: head)")


def write_numbers(panel: Axes, matrix: np.ndarray, mode: Mode) -> None:
    """Percent in each cell that is not empty, in a color that is read on it."""
    if len(matrix) > NUMBERED:
        return
    for (row, column), value in np.ndenumerate(matrix):
        if value > 0.005:  # half of one rounds to 0
            color = mode.paper if value > 0.5 else mode.ink
            panel.text(column, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=6, color=color)


def shades(mode: Mode) -> LinearSegmentedColormap:
    """From paper to the color of a full cell; what is NaN is gray."""
    return LinearSegmentedColormap.from_list("shares", [mode.paper, FULL[mode.name]], bad=mode.grid)
