"""Classes that are proposed inside coarse ones: their most central and their most doubtful images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, shown, themed
from gristmill.figures.tiles import bare, judge, put

STEP, GAP = 1.09, 0.55  # from tile to tile; between central and doubtful ones; in tiles
TOP, CLASS, WORDS = 0.5, 0.6, 0.5  # heights of the head line, of a coarse class's name, of the words above a row


@dataclass(frozen=True)
class Proposed:
    """A row: one proposed class.

    Attributes:
        name: of the class.
        truth: what it is known to hold, in words.
        central: images, H x W x C uint8 each, nearest to the class's mean first.
        doubtful: images, the most doubtful first.
        strange: of both in that order, whether an image is known to be of another class than most.
    """

    name: str
    truth: str
    central: Sequence[np.ndarray]
    doubtful: Sequence[np.ndarray]
    strange: Sequence[bool]


def proposals_sheet(classes: Mapping[str, Sequence[Proposed]], mode: Mode = LIGHT) -> Figure:
    """A row a proposed class: left its most central images, right its most doubtful ones, each with a question mark.

    Args:
        classes: coarse class -> some of those proposed inside it.
    """
    rows = [row for group in classes.values() for row in group]
    central, doubtful = (max(1, *(len(getattr(row, part)) for row in rows)) for part in ("central", "doubtful"))
    start = STEP * central + GAP
    width = start + STEP * (doubtful - 1) + 1
    height = TOP + CLASS * len(classes) + len(rows) * (1 + WORDS)
    with themed(mode):
        figure = Figure(figsize=(4.5, 4.5 * height / width))
        panel = figure.add_axes((0.005, 0.005, 0.99, 0.99))
        y = TOP
        panel.text(0, y - 0.15, "most central", fontsize=7.5, color=mode.pale)
        panel.text(start, y - 0.15, "most doubtful", fontsize=7.5, color=mode.pale)
        for name, group in classes.items():
            panel.text(0, y + 0.5, shown(name), fontsize=9, color=mode.ink, weight="bold")
            y += CLASS
            for row in group:
                panel.text(0, y + 0.38, shown(row.name), fontsize=7.5, color=mode.pale)
                panel.text(width, y + 0.38, shown(row.truth), fontsize=7.5, color=mode.ink, ha="right")
                draw_row(panel, row, start, y + WORDS, mode)
                y += 1 + WORDS
        bare(panel, width, height)
        return figure


def draw_row(panel: Axes, row: Proposed, start: float, y: float, mode: Mode) -> None:
    """The tiles of one class."""
    places = [STEP * i for i in range(len(row.central))] + [start + STEP * i for i in range(len(row.doubtful))]
    for place, (x, image) in enumerate(zip(places, [*row.central, *row.doubtful], strict=True)):
        put(panel, image, x, y, mode)
        if row.strange[place]:
            judge(panel, False, x, y, mode)
        if place >= len(row.central):
            doubt(panel, x, y, mode)


def doubt(panel: Axes, x: float, y: float, mode: Mode) -> None:
    """A question mark in a tile's upper right corner."""
    corner = x + 0.86, y + 0.14
    panel.plot(*corner, "o", color=mode.ink, markersize=7, markeredgecolor=mode.paper, zorder=4, clip_on=False)
    panel.plot(*corner, marker="$?$", color=mode.paper, markersize=3.6, markeredgewidth=0.3, zorder=5)
