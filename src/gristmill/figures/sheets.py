"""What goes in: the views that the network sees, and the classes that it is told."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, shown, themed
from gristmill.figures.tiles import bare, put


def views_sheet(
    images: Sequence[np.ndarray] | np.ndarray,
    views: Mapping[str, np.ndarray],
    labels: Sequence[str] = (),
    mode: Mode = LIGHT,
) -> Figure:
    """A column an image: as it lies on disk, then each view of it.

    Args:
        images: N of H x W x C uint8.
        views: name -> N x size x size x C uint8 (see `restored`).
        labels: N words above the columns, what the learner is told; none: no words.
    """
    rows = {"image": images, **views}
    return sheet({name: list(row) for name, row in rows.items()}, labels, mode, smooth=False)


def groupings_sheet(classes: Mapping[str, Sequence[np.ndarray]], mode: Mode = LIGHT) -> Figure:
    """A row a class: images that the learner is told to be alike.

    Args:
        classes: name -> images, H x W x C uint8 each.
    """
    return sheet({name: list(row) for name, row in classes.items()}, (), mode)


def sheet(rows: Mapping[str, Sequence[np.ndarray]], labels: Sequence[str], mode: Mode, smooth: bool = True) -> Figure:
    """Rows of tiles, their names above them."""
    head, top = 0.42, 0.5 if labels else 0.0
    width, height = max(len(row) for row in rows.values()), len(rows) * (1 + head) + top
    with themed(mode):
        figure = Figure(figsize=(4.5, 4.5 * height / width))
        panel = figure.add_axes((0.005, 0.005, 0.99, 0.99))
        for x, label in enumerate(labels):
            panel.text(x + 0.5, 0.36, shown(label), fontsize=7.5, color=mode.ink, ha="center")
        for number, (name, row) in enumerate(rows.items()):
            y = number * (1 + head) + head + top
            panel.text(0, y - 0.1, shown(name), fontsize=8, color=mode.pale)
            for x, image in enumerate(row):
                put(panel, image, x, y, mode, smooth)
        bare(panel, width, height)
        return figure


def restored(views: np.ndarray, mean: Sequence[float], std: Sequence[float]) -> np.ndarray:
    """Normalized views as images again: N x C x H x W float to N x H x W x C uint8."""
    values = views * np.reshape(std, (1, -1, 1, 1)) + np.reshape(mean, (1, -1, 1, 1))
    return (values * 255).round().clip(0, 255).astype(np.uint8).transpose(0, 2, 3, 1)
