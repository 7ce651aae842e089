"""What a network finds when it is shown an image."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from gristmill.figures.theme import LIGHT, Mode, shown, themed
from gristmill.figures.tiles import bare, judge, put

STEP, HEAD = 1.09, 0.5  # from tile to tile; of the line of words above a row; in tiles
FIRST = 1.4  # where the nearest neighbor stands; the query stands at 0


def one_of_each(coarse: np.ndarray, fine: np.ndarray, most: int = 8, seed: int = 0) -> np.ndarray:
    """Places of queries: one image a coarse class, drawn at random with a fixed seed, whatever any method does.

    Args:
        coarse, fine: N class numbers each. Of more than `most` coarse classes some are taken, evenly spread by number.
            Where there are fewer, further images follow until there are `most`, of fine classes that were not drawn
            yet.
    """
    order = np.random.default_rng(seed).permutation(len(coarse))
    first = {int(c): i for i, c in reversed([(i, coarse[i]) for i in order])}  # coarse class -> its first in the order
    classes = sorted(first)
    spread = np.unique(np.linspace(0, max(len(classes) - 1, 0), min(most, len(classes))).round().astype(int))
    chosen = [first[classes[place]] for place in spread]
    for i in order:
        if len(chosen) >= most:
            break
        if fine[i] not in fine[chosen]:
            chosen.append(int(i))
    return np.array(chosen, np.int64)


def retrieval_gallery(
    images: Sequence[np.ndarray] | np.ndarray,
    queries: np.ndarray,
    nearest: np.ndarray,
    fine: np.ndarray,
    names: Sequence[str],
    title: str = "",
    mode: Mode = LIGHT,
) -> Figure:
    """A row a query: the image, then its nearest neighbors, nearest first; each a hit or a miss.

    Args:
        images: N of H x W x C uint8.
        queries: Q places in `images`.
        nearest: Q x k places in `images`.
        fine: N class numbers: a hit has the query's.
        names: Q words above the rows.
    """
    count, k = nearest.shape
    width, height = FIRST + STEP * (k - 1) + 1, count * (1 + HEAD)
    with themed(mode):
        head = 0.26 if title else 0.02  # inches
        figure = Figure(figsize=(4.5, head + 4.5 * height / width))
        panel = figure.add_axes((0.005, 0.005, 0.99, 1 - head / figure.get_figheight()))
        figure.text(0.012, 1 - 0.2 / figure.get_figheight(), shown(title), fontsize=10)
        for row, query in enumerate(queries):
            y = row * (1 + HEAD) + HEAD
            hits = fine[nearest[row]] == fine[query]
            there = int((fine == fine[query]).sum()) - 1
            panel.text(0, y - 0.1, shown(names[row]), fontsize=7.5, color=mode.pale)
            found = f"{hits.sum()} of {min(there, k)}"
            panel.text(width, y - 0.1, found, fontsize=7.5, color=mode.ink, ha="right")
            put(panel, images[query], 0, y, mode)
            for place, other in enumerate(nearest[row]):
                put(panel, images[other], FIRST + STEP * place, y, mode)
                judge(panel, bool(hits[place]), FIRST + STEP * place, y, mode)
        bare(panel, width, height)
        return figure
