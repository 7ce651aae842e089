"""Resampling of images and of crops as PIL does it: two passes of fixed-point weights, each rounded to 8 bits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size, Sizes
from gristmill.views.words import pack, unpack

BITS = 22  # of the fixed-point weights


def resize(images: Tensor, out: Size, interpolation: str = "bilinear") -> Tensor:
    """Resize whole images to (height, width), each side as wanted (PIL's resize, horizontal pass first, exact).

    Args:
        images: N x C x H x W uint8.
        interpolation: bilinear or bicubic.

    Returns:
        N x C x height x width uint8.
    """
    height, width = images.shape[2:]
    if (height, width) == out:
        return images
    whole = torch.tensor([[0, 0, height, width]]).expand(len(images), 4)
    return resized_crop(images, whole, out, interpolation=interpolation)


def resized_crop(
    images: Tensor, box: Tensor, out: Size, flip: Tensor | None = None, interpolation: str = "bilinear"
) -> Tensor:
    """Cut a box out of each image, resize it, then mirror it where wanted (PIL, horizontal pass first, exact).

    Args:
        images: N x C x H x W uint8.
        box: N x 4 int64: top, left, height, width; inside the image.
        out: height and width of the result.
        flip: N bool, or None.
        interpolation: bilinear or bicubic.

    Returns:
        N x C x height x width uint8.
    """
    if len(images) == 0:
        return images.new_empty(0, images.shape[1], *out)
    top, left, height, width = box.numpy().T
    across = _taps(left, width, out[1], interpolation, None if flip is None else flip.numpy())
    return _resized(images, across, _taps(top, height, out[0], interpolation))


def window(
    images: Tensor, sides: Tensor, resized: Tensor, corner: Tensor, out: Size, interpolation: str = "bilinear"
) -> Tensor:
    """Resize each image, then cut a box out of it (PIL, horizontal pass first, exact); nothing else is made.

    Args:
        images: N x C x H x W uint8.
        sides: N x 2 int64, height and width of each image, whose upper left corner lies in that of its place.
        resized: N x 2 int64, its height and width after resizing.
        corner: N x 2 int64, top and left of the box; inside the resized image.
        out: height and width of the box.
        interpolation: bilinear or bicubic.

    Returns:
        N x C x height x width uint8.
    """
    if len(images) == 0:
        return images.new_empty(0, images.shape[1], *out)
    lines = torch.stack([sides, resized, corner], 2).numpy()  # N x 2 x 3
    taps = []
    for axis in (0, 1):
        kinds, row = np.unique(lines[:, axis], axis=0, return_inverse=True)
        length, whole, skip = kinds.T
        taps.append([each[:, row.ravel()] for each in line_taps(length, out[axis], interpolation, whole, skip)])
    return _resized(images, taps[1], taps[0])


Taps = Sequence[np.ndarray]  # index and weight, see `line_taps`


def _resized(images: Tensor, across: Taps, down: Taps) -> Tensor:
    columns = _resample(pack(images).transpose(1, 2), *across)  # N x out width x H
    return unpack(_resample(columns.transpose(1, 2), *down), images.shape[1])


def _taps(
    start: np.ndarray, length: np.ndarray, out: int, interpolation: str, flip: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Which pixels of a line make each pixel of the result, and with which weights.

    Args:
        start, length: N whole numbers, the part of the line that is stretched over `out` pixels.
        flip: N bool, whether the result is mirrored.

    Returns:
        index and weight, both K x N x out, see `line_taps`.
    """
    lengths, row = np.unique(length, return_inverse=True)  # few lengths, many images
    index, weight = line_taps(lengths, out, interpolation)
    if flip is not None:
        index, weight = (np.concatenate([each, each[..., ::-1]], 1) for each in (index, weight))
        row = row + len(lengths) * flip
    return index[:, row] + start[:, None], weight[:, row]


def line_taps(
    length: np.ndarray, out: int, interpolation: str, whole: np.ndarray | None = None, skip: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels and weights for lines of given lengths (U whole numbers) that are stretched over `out` pixels.

    Args:
        whole: U; where given, over so many pixels, of which `out` are made.
        skip: U; where given, so many pixels come before them.

    Returns:
        index K x U x out and weight K x U x out, whole numbers that sum to about 2^22; K is the greatest number of
        pixels that any result needs, further ones have weight 0.
    """
    kernel, reach = KERNELS[interpolation]
    span = length[:, None].astype(np.float64)  # U x 1
    scale = span / (out if whole is None else whole[:, None])
    stretch = np.maximum(scale, 1)
    place = np.arange(out) + 0.5
    center = (place if skip is None else place + skip[:, None]) * scale  # U x out
    first = np.floor(np.maximum(center - reach * stretch + 0.5, 0))
    end = np.minimum(np.floor(center + reach * stretch + 0.5), span)
    position = first + np.arange(int((end - first).max()))[:, None, None]  # K x U x out
    weight = kernel(np.abs((position - center + 0.5) / stretch))
    weight = np.where(position < end, weight, 0)
    weight = weight / weight.sum(0) * 2**BITS
    index = np.minimum(position, span - 1).astype(np.int64)
    return index, np.trunc(weight + np.copysign(0.5, weight)).astype(np.int32)  # halves are rounded away from 0


def _resample(words: Tensor, index: np.ndarray, weight: np.ndarray) -> Tensor:
    """N x L x M pixels to N x out x M: weighted sums of whole lines, which is why L comes before M."""
    n, length, width = words.shape
    words = words.reshape(n * length, width)
    index = index + length * np.arange(n)[:, None]
    bits, number = BITS, torch.int32
    if weight.min() >= 0 and not (weight & 0x7FFF).any():
        # All weights are multiples of 2^15, as for enlarging to 32 or 64 pixels: the same sums fit into 16 bits.
        weight, bits, number = weight >> 15, BITS - 15, torch.int16

    def part(k: int) -> Tensor:
        line = torch.from_numpy(index[k].ravel()).to(words.device, non_blocking=True)
        share = torch.from_numpy(weight[k].reshape(-1, 1)).to(words.device, number, non_blocking=True)
        return words.index_select(0, line).view(torch.uint8).to(number).mul_(share)

    total = part(0).add_(1 << (bits - 1))
    for k in range(1, len(index)):
        total.add_(part(k))
    total.bitwise_right_shift_(bits)
    if number == torch.int32:  # negative weights, or sums a little above 2^22
        total.clamp_(0, 255)
    return total.to(torch.uint8).view(torch.int32).view(n, -1, width)


def _triangle(distance: np.ndarray) -> np.ndarray:
    return np.maximum(1 - distance, 0)


def _cubic(distance: np.ndarray) -> np.ndarray:
    a = -0.5
    near = ((a + 2) * distance - (a + 3)) * distance * distance + 1
    far = (((distance - 5) * distance + 8) * distance - 4) * a
    return np.where(distance < 1, near, np.where(distance < 2, far, 0))


KERNELS = {"bilinear": (_triangle, 1), "bicubic": (_cubic, 2)}  # weight of a distance, reach in pixels


@dataclass(frozen=True)
class Resize(Operation):
    """Resize to size x size, both sides forced. Nothing is drawn; images of many sizes have a box each, the whole."""

    size: int
    many_sizes: ClassVar[bool] = True

    def draw(self, rng: Generator, n: int, size: Sizes) -> Parameters:
        height, width = size
        if np.ndim(height) == 0:
            return {}
        corner = np.zeros(n, np.int64)
        return {"box": torch.from_numpy(np.stack([corner, corner, height, width], 1))}  # N x 4

    def apply(self, images: Tensor, box: Tensor | None = None) -> Tensor:
        out = self.size, self.size
        return resize(images, out) if box is None else resized_crop(images, box, out)

    def size_after(self, size: Size) -> Size:
        return self.size, self.size
