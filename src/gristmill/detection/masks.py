"""Masks in COCO's forms as pixels."""

from typing import Any

import numpy as np

from gristmill.errors import UserError


def pixels(mask: Any, height: int, width: int) -> np.ndarray:
    """H x W bool.

    Args:
        mask: polygons, each a list x, y, x, y, ...; or a run-length code, a dict with `size` and `counts`, a list of
            numbers or COCO's text.

    Raises:
        UserError: a run-length code of another size.
    """
    if isinstance(mask, dict):
        return runs(mask, height, width)
    found = np.zeros((height, width), bool)
    for polygon in mask:
        found |= inside(polygon, height, width)
    return found


def inside(polygon: list[float], height: int, width: int) -> np.ndarray:
    """The pixels whose middle an odd number of sides lies left of."""
    x, y = np.asarray(polygon, float).reshape(-1, 2).T
    to_x, to_y = np.roll(x, -1), np.roll(y, -1)
    middles = np.arange(height) + 0.5
    side, row = np.nonzero((y[:, None] <= middles) != (to_y[:, None] <= middles))
    crossed = x[side] + (middles[row] - y[side]) / (to_y - y)[side] * (to_x - x)[side]
    first = np.ceil(crossed - 0.5).clip(0, width).astype(int)   # the first pixel whose middle lies right of the side
    turns = np.zeros((height, width + 1), int)
    np.add.at(turns, (row, first), 1)
    return turns[:, :width].cumsum(1) % 2 == 1


def runs(code: dict[str, Any], height: int, width: int) -> np.ndarray:
    """Counts of 0s and 1s in turn, column by column."""
    counts = code["counts"]
    counts = numbers(counts) if isinstance(counts, str | bytes) else counts
    if list(code["size"]) != [height, width] or sum(counts) != height * width:
        what = f"a mask of size {list(code['size'])} with {sum(counts)} pixels"
        raise UserError(f"{what}, but the image is {height} high and {width} wide; look at its annotation")
    values = np.arange(len(counts)) % 2 == 1
    return np.repeat(values, counts).reshape(width, height).T


def numbers(text: str | bytes) -> list[int]:
    """The counts in COCO's text: 5 bits a character from the lowest, from the third on the change to two before."""
    found: list[int] = []
    number = shift = 0
    for character in text.encode() if isinstance(text, str) else text:
        bits = character - 48
        number |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            number -= 1 << shift
        found.append(number + (found[-2] if len(found) > 2 else 0))
        number = shift = 0
    return found
