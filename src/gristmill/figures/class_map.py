"""Maps of images in several networks' eyes, colored by class."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gristmill.figures.embedding import FEW, MARKS
from gristmill.figures.theme import LIGHT, Mode, fine_colors, shown, themed


def class_maps(
    points: Mapping[str, np.ndarray], classes: np.ndarray, names: Sequence[str], mode: Mode = LIGHT
) -> Figure:
    """Maps side by side, without axes: distances on them mean nothing but near and far.

    Each class has a color and a mark. With more than FEW classes colors come again, with another mark; only up to
    twelve are named.

    Args:
        points: title -> N x 2.
        classes: N class numbers, -1 where nobody knows: drawn gray.
        names: K.
    """
    count = len(names)
    colors = [mode.grid if label < 0 else fine_colors(FEW)[label % FEW] for label in range(-1, count)]
    size = 24 if (classes < 0).any() else 9  # few among many gray ones must be found
    marks = ["."] + [MARKS[(label + label // FEW) % len(MARKS)] for label in range(count)]
    with themed(mode):
        figure = Figure(figsize=(3.25 * max(len(points), 1), 4.0), layout="constrained")
        axes = figure.subplots(1, max(len(points), 1), squeeze=False)[0]
        for panel, (title, places) in zip(axes, points.items(), strict=False):
            for label in np.unique(classes):
                own = classes == label
                panel.scatter(
                    places[own, 0], places[own, 1], s=9 if label < 0 else size, color=colors[label + 1],
                    marker=marks[label + 1], linewidths=0.15, edgecolors=mode.paper,
                )  # fmt: skip
            panel.set_title(shown(title))
            panel.set_aspect("equal", "datalim")
        for panel in axes:
            panel.set_axis_off()
        if 0 < count <= len(MARKS):
            shown_marks = [
                Line2D([], [], color=colors[k + 1], marker=marks[k + 1], linestyle="", markersize=5, label=shown(name))
                for k, name in enumerate(names)
            ]
            figure.legend(
                handles=shown_marks, loc="outside lower left", ncols=5, fontsize=7.5, frameon=False,
                handletextpad=0, columnspacing=1,
            )  # fmt: skip
        return figure
