"""Noise: every pixel changes by itself."""

import numpy as np

from gristmill.evaluate.corrupt.color import gray
from gristmill.evaluate.corrupt.lines import blurred

Draws = tuple[np.ndarray, ...]
TURQUOISE = np.array([175, 238, 238]) / 255   # water
BROWN = np.array([63, 42, 20]) / 255          # mud


def draw_normal(rng: np.random.Generator, x: np.ndarray, deviation: float) -> Draws:
    """Normal numbers of the image's shape."""
    return (rng.normal(scale=deviation, size=x.shape),)


def gaussian_noise(x: np.ndarray, noise: np.ndarray, deviation: float) -> np.ndarray:
    """x + N(0, deviation)."""
    return x + noise


def speckle_noise(x: np.ndarray, noise: np.ndarray, deviation: float) -> np.ndarray:
    """x + x N(0, deviation)."""
    return x + x * noise


def draw_photons(rng: np.random.Generator, x: np.ndarray, photons: float) -> Draws:
    """How many photons were counted for each value."""
    return (rng.poisson(x * photons),)


def shot_noise(x: np.ndarray, counts: np.ndarray, photons: float) -> np.ndarray:
    """The counts, `photons` of them white."""
    return counts / photons


def draw_impulses(rng: np.random.Generator, x: np.ndarray, share: float) -> Draws:
    """Whether a value is hit, and whether it then becomes white."""
    return rng.random(x.shape) < share, rng.random(x.shape) < 0.5


def impulse_noise(x: np.ndarray, hit: np.ndarray, white: np.ndarray, share: float) -> np.ndarray:
    """Salt and pepper: some values, in every channel by itself, become 1 or 0."""
    return np.where(hit, white, x)


def draw_spatter(rng: np.random.Generator, x: np.ndarray, mean: float, deviation: float, *_: float) -> Draws:
    """How much liquid there is at every pixel, before it spreads; H x W x 1."""
    return (rng.normal(mean, deviation, (*x.shape[:2], 1)),)


def spatter(
    x: np.ndarray,
    liquid: np.ndarray,
    mean: float,
    deviation: float,
    sigma: float,
    threshold: float,
    strength: float,
    mud: float,
) -> np.ndarray:
    """Drops of water or mud on the lens. Approximate: the drops have soft edges, but no light and shade.

    The published rule shades a drop by OpenCV's edges and distances.
    """
    liquid = blurred(liquid, sigma)
    liquid = np.where(liquid < threshold, 0.0, liquid)
    if mud:
        cover = blurred((liquid > threshold).astype(x.dtype), sigma)
        cover = np.where(cover < 0.8, 0.0, cover)
        return x * (1 - cover) + _tint(BROWN, x) * cover
    most = liquid.max((1, 2, 3), keepdims=True)
    return x + _tint(TURQUOISE, x) * strength * liquid / np.where(most > 0, most, 1)


def _tint(color: np.ndarray, x: np.ndarray) -> np.ndarray:
    return color if x.shape[3] == 3 else gray(color)
