"""What a detector finds in an image, beside what is there."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gristmill.figures.theme import DASHES, LIGHT, Mode, fine_colors, shown, themed
from gristmill.figures.tiles import bare, painted

WIDTH, HEAD, GAP = 6.4, 0.1, 0.04   # inches; in images: of the words above a row, between images
BRIGHT, ROOM = 0.6, 0.03             # of a color that black words are read on; in images, of a box's words


class Boxes(Protocol):
    """K x 4 corners x0, y0, x1, y1 in pixels, and K places in the list of classes."""

    @property
    def boxes(self) -> np.ndarray: ...
    @property
    def labels(self) -> np.ndarray: ...


class Scored(Boxes, Protocol):
    """Boxes with K scores."""

    @property
    def scores(self) -> np.ndarray: ...


def detections_sheet(
    images: Sequence[np.ndarray],
    truth: Sequence[Boxes],
    found: Sequence[Scored],
    classes: Sequence[str],
    names: Sequence[str] = (),
    least: float = 0.5,
    mode: Mode = LIGHT,
) -> Figure:
    """A row an image: left with its true boxes, right with those that are found, each with class and score.

    A class has one color and one kind of line.

    Args:
        images: N of H x W x C uint8.
        truth, found: N each.
        names: N words above the rows; none: no words.
        least: lower scores are not drawn; a score that is no number neither.
    """
    with themed(mode):
        tall = [image.shape[0] / max(image.shape[:2]) for image in images]
        width, height = 2 + GAP, sum(tall) + HEAD * max(len(images), 1)
        figure = Figure(figsize=(WIDTH, WIDTH * height / width))
        panel = figure.add_axes((0.005, 0.005, 0.99, 0.99))
        y = 0.0
        for number, (image, true, seen) in enumerate(zip(images, truth, found, strict=True)):
            drawn = np.flatnonzero(seen.scores >= least)
            words = f"{names[number]}: " if names else ""
            _say(panel, f"{words}truth, {_boxes(len(true.boxes))}", 0, y, mode)
            _say(panel, f"found, {_boxes(len(drawn))} with a score of {least:g} or more", 1 + GAP, y, mode)
            _put(panel, image, 0, y + HEAD, mode)
            _put(panel, image, 1 + GAP, y + HEAD, mode)
            _mark(panel, image, true.boxes, true.labels, [classes[int(k)] for k in true.labels], 0, y + HEAD)
            sure = zip(seen.labels[drawn], seen.scores[drawn], strict=True)
            said = [f"{classes[int(k)]} {score:.2f}" for k, score in sure]
            _mark(panel, image, seen.boxes[drawn], seen.labels[drawn], said, 1 + GAP, y + HEAD)
            y += HEAD + tall[number]
        bare(panel, width, height)
        panel.set(xlim=(0, width), ylim=(height, 0))
        return figure


def _boxes(count: int) -> str:
    return f"{count} box{'' if count == 1 else 'es'}"


def _say(panel: Axes, words: str, x: float, y: float, mode: Mode) -> None:
    panel.text(x, y + 0.75 * HEAD, shown(words), fontsize=7.5, color=mode.pale)


def _left(image: np.ndarray, x: float) -> float:
    """Where an image begins that stands in the middle of a column of width 1."""
    return x + (1 - image.shape[1] / max(image.shape[:2])) / 2


def _put(panel: Axes, image: np.ndarray, x: float, y: float, mode: Mode) -> None:
    high, wide = (side / max(image.shape[:2]) for side in image.shape[:2])
    left = _left(image, x)
    panel.imshow(painted(image, mode), extent=(left, left + wide, y + high, y), aspect="auto", zorder=1,
                 interpolation="antialiased")  # fmt: skip


def _mark(
    panel: Axes, image: np.ndarray, boxes: np.ndarray, labels: np.ndarray, words: Sequence[str], x: float, y: float
) -> None:
    """Boxes with words above them, or in their upper left corner where no room is; cut where the image ends."""
    scale, left = 1 / max(image.shape[:2]), _left(image, x)
    colors = fine_colors(int(labels.max()) + 1 if len(labels) else 0)
    corners = boxes.clip(0, np.tile(image.shape[1::-1], 2)) * scale
    for (x0, y0, x1, y1), label, word in zip(corners.tolist(), labels.tolist(), words, strict=True):
        color = colors[label]
        line = {"linewidth": 1.2, "linestyle": (0, DASHES[label % len(DASHES)] or None)}
        where = left + x0, y + y0
        panel.add_patch(Rectangle(where, x1 - x0, y1 - y0, fill=False, edgecolor=color, zorder=2, **line))
        ink = "black" if np.dot(to_rgb(color), (0.299, 0.587, 0.114)) > BRIGHT else "white"
        label_box = {"facecolor": color, "edgecolor": "none", "alpha": 0.85, "pad": 0.6}
        place = "bottom" if y0 > ROOM else "top"
        panel.text(*where, shown(word), fontsize=4.5, color=ink, va=place, bbox=label_box, zorder=3, clip_on=True)
