"""Small images in rows, and what is drawn around them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from gristmill.figures.theme import Mode

LARGE = 100  # pixels; such an image is reduced in a tile
HIT, MISS = "#0a8f6a", "#d55e00"


def painted(image: np.ndarray, mode: Mode) -> np.ndarray:
    """An image as colors: H x W x 3 uint8.

    Args:
        image: H x W x C uint8. One channel goes from the mode's paper (0) to its ink (255): drawings look drawn.
    """
    if image.shape[2] == 3:
        return image
    share = image[..., :1] / 255
    low, high = (np.array(to_rgb(color)) for color in ("#ffffff" if mode.name == "light" else "#000000", mode.ink))
    return ((low * (1 - share) + high * share) * 255).round().astype(np.uint8)


def put(panel: Axes, image: np.ndarray, x: float, y: float, mode: Mode, smooth: bool = True) -> None:
    """An image in the unit square whose upper left corner is (x, y); y grows downwards. Its aspect is kept.

    Args:
        smooth: else its pixels are seen.
    """
    kind = "antialiased" if max(image.shape[:2]) > LARGE else "bilinear" if smooth else "nearest"
    height, width = (side / max(image.shape[:2]) for side in image.shape[:2])
    left, top = x + (1 - width) / 2, y + (1 - height) / 2
    where = {"extent": (left, left + width, top + height, top), "aspect": "auto", "zorder": 1}
    panel.imshow(painted(image, mode), interpolation=kind, **where)
    panel.add_patch(Rectangle((x, y), 1, 1, fill=False, edgecolor=mode.grid, linewidth=0.6, zorder=2))


def judge(panel: Axes, hit: bool, x: float, y: float, mode: Mode) -> None:
    """Frame a tile: solid with a tick for a hit, dashed with a cross for a miss."""
    color = HIT if hit else MISS
    line = {"linewidth": 1.5, "linestyle": "-"} if hit else {"linewidth": 1.1, "linestyle": (0, (2, 1.5))}
    panel.add_patch(Rectangle((x, y), 1, 1, fill=False, edgecolor=color, zorder=3, **line))
    corner = x + 0.86, y + 0.86
    panel.plot(*corner, "o", color=color, markersize=7, markeredgecolor=mode.paper, zorder=4, clip_on=False)
    if hit:
        tick = np.array([[-0.09, 0.01], [-0.02, 0.09], [0.1, -0.09]]) + corner
        panel.plot(*tick.T, color="white", linewidth=1.1, zorder=5)
    else:
        panel.plot(*corner, "x", color="white", markersize=3.8, markeredgewidth=1.1, zorder=5)


def bare(panel: Axes, width: float, height: float) -> None:
    """No axes; y grows downwards."""
    panel.set(xlim=(-0.08, width + 0.08), ylim=(height + 0.08, -0.08))
    panel.set_axis_off()
