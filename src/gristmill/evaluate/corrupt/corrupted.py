"""Corrupted images, alike in whatever batch they are."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from gristmill.corruptions import CORRUPTIONS, SEVERITIES, TABLES, VALIDATION, Numbers
from gristmill.errors import UserError
from gristmill.evaluate.corrupt import blur, color, digital, noise, weather
from gristmill.evaluate.corrupt.blur import stored
from gristmill.evaluate.corrupt.noise import Draws

BLOCK = 64 << 20   # bytes of a block of images in float64; some rules hold several copies of it


class Rule(NamedTuple):
    """A corruption.

    Attributes:
        apply: N x H x W x C float64 from 0 to 1, what was drawn (stacked, N x ...), the numbers of the severity; gives
            N x H x W x C, which may lie outside 0 to 1.
        draw: a generator, one image H x W x C, the numbers; None where nothing is random.
    """

    apply: Callable[..., np.ndarray]
    draw: Callable[..., Draws] | None = None


RULES: dict[str, Rule] = {
    "gaussian_noise": Rule(noise.gaussian_noise, noise.draw_normal),
    "shot_noise": Rule(noise.shot_noise, noise.draw_photons),
    "impulse_noise": Rule(noise.impulse_noise, noise.draw_impulses),
    "defocus_blur": Rule(blur.defocus_blur),
    "glass_blur": Rule(blur.glass_blur, blur.draw_moves),
    "motion_blur": Rule(blur.motion_blur, blur.draw_angle),
    "zoom_blur": Rule(blur.zoom_blur),
    "snow": Rule(weather.snow, weather.draw_snow),
    "frost": Rule(weather.frost, weather.draw_frost),
    "fog": Rule(weather.fog, weather.draw_fog),
    "brightness": Rule(color.brightness),
    "contrast": Rule(digital.contrast),
    "elastic_transform": Rule(digital.elastic_transform, digital.draw_bends),
    "pixelate": Rule(digital.pixelate),
    "jpeg_compression": Rule(digital.jpeg_compression),
    "speckle_noise": Rule(noise.speckle_noise, noise.draw_normal),
    "gaussian_blur": Rule(blur.gaussian_blur),
    "spatter": Rule(noise.spatter, noise.draw_spatter),
    "saturate": Rule(color.saturate),
}


def corrupted(
    images: np.ndarray, name: str, severity: int, table: str, seed: int, rows: Sequence[int] | np.ndarray
) -> np.ndarray:
    """Images, corrupted.

    Args:
        images: N x H x W x C uint8, C 1 or 3.
        name: one of CORRUPTIONS or VALIDATION.
        severity: 1 to 5.
        table: one of TABLES: the numbers that the severity stands for; `photographs_1` goes by the shorter side.
        seed: not negative.
        rows: N numbers, not negative: which image of its set each is. What is drawn for an image depends on seed,
            name, severity and this number alone.

    Returns:
        uint8 of the same shape, new; values are truncated.

    Raises:
        UserError: no such corruption, severity or table.
        ValueError: images or rows that do not fit.
    """
    numbers = find(name, severity, table, images)
    places = np.asarray(rows)
    if places.shape != images.shape[:1] or (places.size and (places.dtype.kind not in "iu" or places.min() < 0)):
        raise ValueError(f"rows: a whole number from 0 for each of the {len(images)} images is needed")
    result = np.empty(images.shape, np.uint8)
    for block in blocks(images.shape):
        x = images[block] / 255
        result[block] = stored(RULES[name].apply(x, *drawn(x, name, severity, numbers, seed, places[block]), *numbers))
    return result


def find(name: str, severity: int, table: str, images: np.ndarray) -> Numbers:
    """The numbers of a severity, where all of it is known and the images are such that can be corrupted."""
    if name not in RULES:
        raise UserError(f"no such corruption '{name}'; known are {', '.join((*CORRUPTIONS, *VALIDATION))}")
    if table not in TABLES:
        raise UserError(f"no such table of corruptions '{table}'; known are {', '.join(TABLES)}")
    if severity not in SEVERITIES:
        raise UserError(f"{name}: no such severity {severity}; known are 1 to {SEVERITIES[-1]}")
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] not in (1, 3):
        raise ValueError(f"images must be N x H x W x (1 or 3) uint8, not {images.shape} {images.dtype}")
    return TABLES[table].at(min(images.shape[1:3])).numbers(name, severity)


def drawn(x: np.ndarray, name: str, severity: int, numbers: Numbers, seed: int, rows: np.ndarray) -> Draws:
    """What is random about some images, stacked: each has a generator of its own, made from its number."""
    draw = RULES[name].draw
    if draw is None:
        return ()
    own = generators(seed, name, severity, rows)
    each = [draw(generator, image, *numbers) for image, generator in zip(x, own, strict=True)]
    return tuple(np.stack(values) for values in zip(*each, strict=True))


def generators(seed: int, name: str, severity: int, rows: np.ndarray) -> Iterator[np.random.Generator]:
    """A generator for each image; Philox counts up from its counter, so neighbors share nothing."""
    word = int.from_bytes(blake2b(f"corrupted/{name}/{severity}".encode(), digest_size=8).digest(), "little")
    key = np.array([seed, word], np.uint64)
    for row in rows.tolist():
        yield np.random.Generator(np.random.Philox(key=key, counter=np.array([0, 0, 0, row], np.uint64)))


def blocks(shape: tuple[int, ...]) -> Iterator[slice]:
    """So many images at a time that memory is bounded; the result does not depend on it."""
    size = max(1, BLOCK // max(1, int(np.prod(shape[1:])) * 8))
    return (slice(start, start + size) for start in range(0, shape[0], size))
