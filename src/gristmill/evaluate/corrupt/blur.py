"""Blur: pixels take over from those around them.

Results of matrix products are rounded to float32, so that their last bits, which differ between processors, are gone
before anything is truncated.
"""

from functools import lru_cache

import numpy as np

from gristmill.evaluate.corrupt.lines import along, band, bell, blurred, correlated, zoomed
from gristmill.evaluate.corrupt.noise import Draws


def stored(x: np.ndarray) -> np.ndarray:
    """Values from 0 to 1 as uint8, by truncation."""
    return (x.clip(0, 1) * 255).astype(np.uint8)


def gaussian_blur(x: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian of sigma pixels."""
    return blurred(x, sigma)


def defocus_blur(x: np.ndarray, radius: float, alias: float) -> np.ndarray:
    """Each pixel becomes a disk with a soft edge."""
    return correlated(x, disk(radius, alias)).astype(np.float32)


@lru_cache(16)
def disk(radius: float, alias: float) -> np.ndarray:
    """A disk on whole pixels, its edge smoothed by a small Gaussian of sigma `alias`."""
    reach = int(max(8, radius))
    place = np.arange(-reach, reach + 1)
    inside = (place[:, None] ** 2 + place**2 <= radius**2).astype(float)
    soft = band(bell(alias, 1 if radius <= 8 else 2), len(place), "mirror")
    return soft @ (inside / inside.sum()) @ soft.T


def zoom_blur(x: np.ndarray, end: float, step: float) -> np.ndarray:
    """The mean of the image and of its middle at rising zooms."""
    factors = np.arange(1, end, step).tolist()   # as floating point gives them: some lists include their end
    total = x.copy()
    for factor in factors:
        total += along(x, zoomed(x.shape[1], factor), zoomed(x.shape[2], factor))
    return (total / (len(factors) + 1)).astype(np.float32)


def draw_moves(rng: np.random.Generator, x: np.ndarray, sigma: float, reach: float, rounds: float) -> Draws:
    """M x 2: where each pixel looks, across and down, in the order in which they are moved."""
    delta, (height, width, _) = int(reach), x.shape
    return (rng.integers(-delta, delta, (int(rounds) * len(_visited(height, width, delta)), 2)),)


def glass_blur(x: np.ndarray, moves: np.ndarray, sigma: float, reach: float, rounds: float) -> np.ndarray:
    """Blurred, then pixel after pixel from the lower right takes over a near one, then blurred again.

    Published as an exchange of two pixels; its code, which we follow, leaves the other one as it is.

    Args:
        moves: N x M x 2.
    """
    n, height, width, channels = x.shape
    places = _visited(height, width, int(reach))
    pixels = stored(blurred(x, sigma)).transpose(1, 2, 0, 3).reshape(height * width, n, channels).copy()
    targets = np.tile(places, int(rounds))
    sources = targets[:, None] + moves[..., 0].T + width * moves[..., 1].T   # M x N
    images = np.arange(n)
    for target, source in zip(targets.tolist(), sources, strict=True):       # a pixel may read what was just moved
        pixels[target] = pixels[source, images]
    moved = pixels.reshape(height, width, n, channels).transpose(2, 0, 1, 3)
    return blurred(moved / 255, sigma)


def _visited(height: int, width: int, reach: int) -> np.ndarray:
    """Places (row W + column) of the pixels that move, in order."""
    rows, columns = np.arange(height - reach, reach, -1), np.arange(width - reach, reach, -1)
    return (rows[:, None] * width + columns).ravel()


def draw_angle(rng: np.random.Generator, x: np.ndarray, radius: float, sigma: float) -> Draws:
    """Degrees."""
    return (rng.uniform(-45, 45, ()),)


def motion_blur(x: np.ndarray, angle: np.ndarray, radius: float, sigma: float) -> np.ndarray:
    """Blur along a line. Approximate: ImageMagick's motion blur as it is described, in exact arithmetic.

    Args:
        angle: N, degrees.
    """
    return streaked(x, angle, radius, sigma)


def streaked(x: np.ndarray, angle: np.ndarray, radius: float, sigma: float) -> np.ndarray:
    """The mean along a line that starts at each pixel, with the weights of half a Gaussian; the border goes on.

    Args:
        x: N x H x W x C.
        angle: N, degrees.
        radius: the line is 2 radius + 1 pixels long; its steps are rounded to whole pixels.
    """
    _, height, width, _ = x.shape
    steps = np.arange(2 * int(radius) + 1)
    weights = np.exp(-0.5 * (steps / sigma) ** 2)
    weights /= weights.sum()
    turn = np.deg2rad(angle)[:, None]
    down = np.ceil(steps * np.sin(turn) - 0.5).astype(int)     # N x T
    across = np.ceil(steps * np.cos(turn) - 0.5).astype(int)
    reach = len(steps)
    total = np.zeros_like(x)
    for image, sum_, rows, columns in zip(x, total, down.tolist(), across.tolist(), strict=True):
        padded = np.pad(image, ((reach, reach), (reach, reach), (0, 0)), "edge")
        for weight, row, column in zip(weights.tolist(), rows, columns, strict=True):
            top, left = reach + row, reach + column
            sum_ += weight * padded[top : top + height, left : left + width]
    return total
