"""One image under every corruption, from weak to strong."""

from collections.abc import Mapping, Sequence
from math import ceil

import numpy as np
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, shown, themed
from gristmill.figures.tiles import bare, put

HEAD, GAP = 0.34, 0.45  # above a row for its name, between blocks; in tiles


def corruption_sheet(
    image: np.ndarray, corrupted: Mapping[str, Sequence[np.ndarray] | np.ndarray], mode: Mode = LIGHT, blocks: int = 3
) -> Figure:
    """A row a corruption, rows in blocks side by side, severity rising to the right; the image itself comes first.

    Args:
        image: H x W x C uint8, one channel or three.
        corrupted: name -> images by rising severity, of the same shape; a name may have fewer than others.
        blocks: at most so many rows side by side.
    """
    rows = {"as it is": [image], **{name.replace("_", " "): list(images) for name, images in corrupted.items()}}
    blocks = min(blocks, len(rows))
    down, across = ceil(len(rows) / blocks), max(len(row) for row in rows.values())
    width, height = blocks * across + (blocks - 1) * GAP, down * (1 + HEAD)
    with themed(mode):
        figure = Figure(figsize=(6.5, 6.5 * height / width))
        panel = figure.add_axes((0.005, 0.005, 0.99, 0.99))
        for number, (name, row) in enumerate(rows.items()):
            left, top = number // down * (across + GAP), number % down * (1 + HEAD) + HEAD
            panel.text(left, top - 0.08, shown(name), fontsize=7, color=mode.ink if number == 0 else mode.pale)
            for place, tile in enumerate(row):
                put(panel, tile, left + place, top, mode, smooth=False)
        bare(panel, width, height)
        return figure
