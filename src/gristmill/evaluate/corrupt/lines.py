"""Filters that work along rows and columns, as matrices: each output pixel of a line is a weighted sum of its pixels.

Matrix products are done image by image, so an image gives the same bits in any batch.
"""

from functools import lru_cache
from math import ceil

import numpy as np

BORDERS = ("nearest", "reflect", "mirror")


def folded(index: np.ndarray, n: int, border: str) -> np.ndarray:
    """Places beyond a line of n pixels, brought back into 0 .. n - 1.

    Args:
        border: `nearest`, the last pixel goes on; `reflect`, with the edge repeated (b a | a b); `mirror`, without it
            (c b | a b c).
    """
    if border == "nearest" or n == 1:
        return index.clip(0, n - 1)
    period = 2 * n if border == "reflect" else 2 * n - 2
    index = index % period
    return np.minimum(index, period - border.count("reflect") - index)


def band(weights: np.ndarray, n: int, border: str) -> np.ndarray:
    """n x n: the matrix that correlates a line with an odd number of weights."""
    reach = len(weights) // 2
    matrix = np.zeros((n, n))
    row, tap = np.indices((n, len(weights)))
    np.add.at(matrix, (row, folded(row + tap - reach, n, border)), np.broadcast_to(weights, row.shape))
    return matrix


def bell(sigma: float, reach: int) -> np.ndarray:
    """2 reach + 1 weights of a Gaussian, their sum 1."""
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return weights / weights.sum()


@lru_cache(64)
def gaussian(n: int, sigma: float, border: str = "nearest", truncate: float = 4.0) -> np.ndarray:
    """n x n: the Gaussian filter of a line; the identity where sigma is so small that only its middle is left."""
    reach = int(truncate * sigma + 0.5)
    return band(bell(sigma, reach), n, border) if reach else np.eye(n)


@lru_cache(256)
def zoomed(n: int, factor: float) -> np.ndarray:
    """n x n: a line's middle part, ceil(n / factor) long, stretched linearly and cut to n pixels again."""
    part = ceil(n / factor)
    size = round(part * factor)
    place = np.arange(size) * ((part - 1) / (size - 1) if size > 1 else 0.0)
    low = np.minimum(place.astype(int), max(part - 2, 0))
    share = place - low
    matrix = np.zeros((size, n))
    first = (n - part) // 2
    matrix[np.arange(size), first + low] += 1 - share
    matrix[np.arange(size), first + np.minimum(low + 1, part - 1)] += share
    cut = (size - n) // 2
    return matrix[cut : cut + n]


def planes(x: np.ndarray) -> np.ndarray:
    """N x H x W x C to N x C x H x W."""
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2))


def along(x: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Every channel's columns by one matrix, H x H, and its rows by another, W x W; N x H x W x C."""
    return (down @ planes(x) @ across.T).transpose(0, 2, 3, 1)


def blurred(x: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of N x H x W x C, cut at 4 sigma; the border's pixels go on beyond it.

    The sums are taken in the order in which SciPy takes them: their bits are the same, and so is what is truncated.
    """
    reach = int(4 * sigma + 0.5)
    weights = bell(sigma, reach)[reach:].tolist()
    for axis in (1, 2) if reach else ():
        n = x.shape[axis]
        padded = x.take(folded(np.arange(-reach, n + reach), n, "nearest"), axis)

        def moved(by: int, padded: np.ndarray = padded, n: int = n, axis: int = axis, reach: int = reach) -> np.ndarray:
            return padded[(slice(None),) * axis + (slice(reach + by, reach + by + n),)]

        x = x * weights[0]
        for step in range(reach, 0, -1):
            x += (moved(-step) + moved(step)) * weights[step]
    return x


def correlated(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """N x H x W x C, correlated with an odd kernel, row after row of it; the border mirrors without its edge."""
    pixels, rows = planes(x), np.arange(x.shape[1])
    total = np.zeros_like(pixels)
    for offset, weights in enumerate(kernel, start=-(len(kernel) // 2)):
        if weights.any():
            total += pixels[:, :, folded(rows + offset, len(rows), "mirror")] @ band(weights, x.shape[2], "mirror").T
    return total.transpose(0, 2, 3, 1)
