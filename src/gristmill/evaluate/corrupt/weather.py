"""Weather: something lies in front of the image."""

from typing import Any

import numpy as np

from gristmill.evaluate.corrupt.blur import streaked
from gristmill.evaluate.corrupt.color import gray
from gristmill.evaluate.corrupt.lines import along, zoomed
from gristmill.evaluate.corrupt.noise import Draws

WIBBLE = 100.0
ICE = np.array([0.75, 0.87, 1.0])
ICE_DECAY = 1.6


def draw_wibbles(rng: np.random.Generator, side: int, decay: float) -> Draws:
    """What the plasma of `side` pixels, a power of two, draws: three squares at each of its steps."""
    found, step, wibble = [], side, WIBBLE
    while step >= 2:
        count = side // step
        found += [rng.uniform(-wibble, wibble, (count, count)) for _ in range(3)]
        step //= 2
        wibble /= decay
    return tuple(found)


def plasma(wibbles: Draws, decay: float) -> np.ndarray:
    """Clouds between 0 and 1: N x S x S, by halving squares (diamond-square), wrapped around.

    The published code multiplies what it draws by its range once more; so do we.

    Args:
        wibbles: of each step three arrays, N x m x m: the middles of the squares, of their upper and left edges.
    """
    side = 2 ** (len(wibbles) // 3)
    clouds = np.zeros((len(wibbles[0]), side, side))
    step, wibble = side, WIBBLE
    for place in range(0, len(wibbles), 3):
        middle, upper, left = (wibble * each for each in wibbles[place : place + 3])
        half = step // 2
        corner = clouds[:, ::step, ::step].copy()
        pair = corner + np.roll(corner, -1, 1)
        center = (pair + np.roll(pair, -1, 2)) / 4 + middle
        clouds[:, half::step, half::step] = center
        clouds[:, ::step, half::step] = (center + np.roll(center, 1, 1) + corner + np.roll(corner, -1, 2)) / 4 + upper
        clouds[:, half::step, ::step] = (center + np.roll(center, 1, 2) + corner + np.roll(corner, -1, 1)) / 4 + left
        step, wibble = half, wibble / decay
    clouds -= clouds.min((1, 2), keepdims=True)
    return clouds / clouds.max((1, 2), keepdims=True)


def power(*sides: int) -> int:
    """The smallest power of two, at least 2, that no side is longer than."""
    return max(2, 1 << (max(sides) - 1).bit_length())


def draw_fog(rng: np.random.Generator, x: np.ndarray, amount: float, decay: float) -> Draws:
    return draw_wibbles(rng, power(*x.shape[:2]), decay)


def fog(x: np.ndarray, *given: Any) -> np.ndarray:
    """x + amount clouds, scaled so that the brightest value stays what it was.

    Args:
        given: the wibbles of the clouds, then amount and decay.
    """
    *wibbles, amount, decay = given
    clouds = plasma(tuple(wibbles), decay)[:, : x.shape[1], : x.shape[2], None]
    most = x.max((1, 2, 3), keepdims=True)
    return (x + amount * clouds) * most / (most + amount)


def draw_frost(rng: np.random.Generator, x: np.ndarray, image: float, ice: float) -> Draws:
    return draw_wibbles(rng, power(*x.shape[:2]), ICE_DECAY)


def frost(x: np.ndarray, *given: Any) -> np.ndarray:
    """Part of the image, part of ice. Approximate: clouds with a cold tint stand for the photographs of frost.

    Args:
        given: the wibbles of the clouds, then the shares of image and ice.
    """
    *wibbles, image, ice = given
    clouds = plasma(tuple(wibbles), ICE_DECAY)[:, : x.shape[1], : x.shape[2], None]
    return image * x + ice * clouds * (ICE if x.shape[3] == 3 else gray(ICE))


def draw_snow(rng: np.random.Generator, x: np.ndarray, mean: float, deviation: float, *_: float) -> Draws:
    """The flakes, H x W x 1, and the degrees from which they fall."""
    return rng.normal(mean, deviation, (*x.shape[:2], 1)), rng.uniform(-135, -45, ())


def snow(
    x: np.ndarray,
    flakes: np.ndarray,
    angle: np.ndarray,
    mean: float,
    deviation: float,
    zoom: float,
    threshold: float,
    radius: float,
    sigma: float,
    share: float,
) -> np.ndarray:
    """A whitened image behind falling flakes. Approximate by the blur of the flakes, see `motion_blur`.

    Args:
        flakes: N x H x W x 1.
        angle: N, degrees.
    """
    layer = along(flakes, zoomed(x.shape[1], zoom), zoomed(x.shape[2], zoom))
    layer = np.where(layer < threshold, 0, layer).clip(0, 1)
    layer = streaked(layer, angle, radius, sigma)
    white = share * x + (1 - share) * np.maximum(x, 1.5 * gray(x) + 0.5)
    return white + layer + layer[:, ::-1, ::-1]
