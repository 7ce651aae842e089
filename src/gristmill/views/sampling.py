"""Reading images at given points: nearest, bilinear and bicubic, as PIL's transforms do it.

A point (x, y) lies in column floor(x), row floor(y); pixel centers have coordinates .5. Points outside the image get
the fill color. Bilinear and bicubic results are truncated, not rounded.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from gristmill.views.operation import as_bytes
from gristmill.views.words import pack, unpack

Fill = int | Sequence[int]  # one value for all channels, or one a channel


def sample_nearest(images: Tensor, column: Tensor, row: Tensor, fill: Fill) -> Tensor:
    """Pixels at whole-number coordinates.

    Args:
        images: N x C x H x W uint8, at most three channels.
        column, row: int32, or int64, of shapes that broadcast to N x H' x W'.

    Returns:
        N x C x H' x W' uint8.
    """
    n, channels, height, width = images.shape
    # Outside, a coordinate or what is left of it up to the border is negative. Bits are far faster than masks.
    outside = (column | (width - 1 - column)) | (row | (height - 1 - row))
    inside = outside.clamp_(-1, 0).bitwise_not_()  # all bits, or none
    first = height * width * torch.arange(n, dtype=column.dtype, device=column.device)[:, None, None]
    index = (row * width + column).bitwise_and_(inside).add_(first)
    words = pack(images).flatten().index_select(0, index.flatten()).view(index.shape)
    color = sum(each << (8 * place) for place, each in enumerate(_colors(images, fill)))
    return unpack(words.bitwise_xor_(color).bitwise_and_(inside.int()).bitwise_xor_(color), channels)


def sample_bilinear(images: Tensor, x: Tensor, y: Tensor, fill: Fill) -> Tensor:
    """Weighted mean of the four pixels round a point; x, y are N x H' x W' float64."""
    outside = _outside(images, x, y)
    (column, dx), (row, dy) = _split(x), _split(y)
    lines = []
    for k in (0, 1):
        left, right = (_clamped(images, row + k, column + j) for j in (0, 1))
        lines.append(left + (right - left) * dx)
    return _paint(as_bytes(lines[0] + (lines[1] - lines[0]) * dy), outside, fill)


def sample_bicubic(
    images: Tensor, x: Tensor, y: Tensor, fill: Fill, whole_x: bool = False, whole_y: bool = False
) -> Tensor:
    """Cubic interpolation (a = -1) of the 4 x 4 pixels round a point; x, y are N x H' x W' float64.

    whole_x, whole_y: all points are known to lie on the middle of a column (row), where the interpolation across
    columns (rows) returns the pixel itself: 4 pixels are read instead of 16.
    """
    outside = _outside(images, x, y)
    (column, dx), (row, dy) = _split(x), _split(y)

    def line(k: int) -> Tensor:
        if whole_x:
            return _clamped(images, row + k, column)
        return _cubic([_clamped(images, row + k, column + j) for j in (-1, 0, 1, 2)], dx)

    value = line(0) if whole_y else _cubic([line(k) for k in (-1, 0, 1, 2)], dy)
    return _paint(as_bytes(value.clamp_(0, 255)), outside, fill)


def _outside(images: Tensor, x: Tensor, y: Tensor) -> Tensor:
    height, width = images.shape[2:]
    return ((x < 0) | (x >= width)) | ((y < 0) | (y >= height))


def _split(coordinate: Tensor) -> tuple[Tensor, Tensor]:
    """Index of the last pixel whose center is not beyond the point, and how far beyond it the point lies."""
    shifted = coordinate - 0.5
    below = shifted.floor()
    return below.long(), (shifted - below)[:, None]


def _clamped(images: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """Pixels as float64, those beyond a border replaced by the border's."""
    height, width = images.shape[2:]
    return _pixels(images, row.clamp(0, height - 1) * width + column.clamp(0, width - 1)).double()


def _pixels(images: Tensor, index: Tensor) -> Tensor:
    n, channels = images.shape[:2]
    flat = index.flatten(1)[:, None].expand(n, channels, -1)
    return images.flatten(2).gather(2, flat).view(n, channels, *index.shape[1:])


def _paint(images: Tensor, where: Tensor, fill: Fill) -> Tensor:
    for channel, color in zip(images.unbind(1), _colors(images, fill), strict=True):
        channel.masked_fill_(where, color)
    return images


def _colors(images: Tensor, fill: Fill) -> Sequence[int]:
    """One a channel."""
    return [fill] * images.shape[1] if isinstance(fill, int) else fill


def _cubic(values: Sequence[Tensor], d: Tensor) -> Tensor:
    v1, v2, v3, v4 = values
    return v2 + d * ((v3 - v1) + d * ((2 * (v1 - v2) + v3 - v4) + d * (-v1 + v2 - v3 + v4)))
