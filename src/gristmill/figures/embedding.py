"""A map of the test images: near on paper what the network holds to be alike."""

from collections.abc import Mapping

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from gristmill.figures.theme import LIGHT, Mode, fine_colors, shown, themed

MARKS = ("o", "s", "^", "D", "v", "P", "X", "p", "<", ">", "h", "*")
FEW = 10  # fine classes that have a color each


def embedding_map(
    points: np.ndarray,
    fine: np.ndarray,
    coarse: np.ndarray,
    names: Mapping[int, str] | None = None,
    title: str = "",
    mode: Mode = LIGHT,
) -> Figure:
    """The map, without axes: distances on it mean nothing but near and far.

    The mark says the coarse class. Up to FEW fine classes have a color each; with more, the color is the coarse
    class's, lighter or darker by fine class. Lines join images of one fine class that lie near each other: where a
    network tells fine classes apart, knots appear.

    Args:
        points: N x 2.
        fine, coarse: N class numbers each; coarse -1 where there is none.
        names: of coarse classes, for the legend; not more than there are marks.
    """
    groups, hue = np.unique(coarse, return_inverse=True)
    many, colors = len(np.unique(fine)) > FEW, class_colors(fine, coarse)
    with themed(mode):
        figure = Figure(figsize=(4.5, 5.0), layout="constrained")
        panel = figure.subplots()
        if many:
            first, second = joined(points, fine)
            ends = np.stack([points[first], points[second]], 1)  # P x 2 x 2
            panel.add_collection(LineCollection(list(ends), colors=mode.ink, linewidths=0.7, alpha=0.6, zorder=1))
        marks, size = [], 12 * float(np.clip(1500 / max(len(points), 1), 1, 3))
        for group, label in enumerate(groups):
            own, mark = hue == group, MARKS[group % len(MARKS)]
            panel.scatter(
                points[own, 0], points[own, 1], s=size, c=colors[own], marker=mark,
                linewidths=0.25, edgecolors=mode.paper, zorder=2,
            )  # fmt: skip
            color = fine_colors(len(groups))[group] if many else mode.pale
            called = shown((names or {}).get(int(label), str(label)))
            marks.append(Line2D([], [], color=color, marker=mark, linestyle="", markersize=5, label=called))
        if 1 < len(marks) <= len(MARKS):
            figure.legend(
                handles=marks, loc="outside lower left", ncols=3, fontsize=7.5, frameon=False,
                handletextpad=0, columnspacing=1, borderaxespad=0,
            )  # fmt: skip
        if title:
            panel.set_title(shown(title))
        panel.set_aspect("equal", "datalim")
        panel.set_axis_off()
        return figure


def class_colors(fine: np.ndarray, coarse: np.ndarray) -> np.ndarray:
    """The color of each image, N x 3: of its fine class, or, of more than FEW, a shade of its coarse class's.

    Args:
        fine, coarse: N class numbers each.
    """
    (groups, hue), (classes, place) = (np.unique(labels, return_inverse=True) for labels in (coarse, fine))
    if len(classes) <= FEW:
        return np.array(fine_colors(len(classes))).reshape(-1, 3)[place]
    return shaded(np.array(fine_colors(len(groups)))[hue], place)


def joined(points: np.ndarray, fine: np.ndarray, reach: float = 0.03) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of one fine class that are nearer on the map than `reach` times its width: two arrays of places."""
    limit = reach * max(np.ptp(points, axis=0).max(), 1e-12)
    pairs = []
    for label in np.unique(fine):
        own = np.flatnonzero(fine == label)
        near = np.linalg.norm(points[own, None] - points[None, own], axis=2) < limit
        pairs.append(own[np.argwhere(np.triu(near, 1))].reshape(-1, 2))
    first, second = np.concatenate(pairs).T if pairs else np.empty((2, 0), np.int64)
    return first, second


def shaded(colors: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Colors, N x 3, made lighter or darker by class: neighbors in number differ most."""
    amount = (place * 0.618) % 1 - 0.5  # N, spread evenly by the golden ratio
    white, black = np.clip(amount, 0, 1)[:, None], np.clip(-amount, 0, 1)[:, None]
    return np.clip(colors + (1 - colors) * white * 0.9 - colors * black * 0.9, 0, 1)
