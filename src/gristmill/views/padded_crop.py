"""The crop of an image that was widened by the mirror image of its border: content moves by a few pixels."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size
from gristmill.views.words import pack, unpack


def reflect_pad_crop(images: Tensor, offset: Tensor, pad: int, flip: Tensor | None = None) -> Tensor:
    """Mirror each image where wanted, widen it by `pad` reflected pixels and cut the old size out of it.

    Args:
        images: N x C x H x W uint8.
        offset: N x 2 int64, row and column at which the cut begins, 0..2 pad.
        pad: pixels on each side, fewer than the image has; the outermost pixel is not repeated.
        flip: N bool, or None.

    Returns:
        N x C x H x W uint8, those of torchvision's flip, pad and crop of PIL images.
    """
    n, channels, height, width = images.shape
    shift = offset.numpy().astype(np.int32) - pad
    rows = _reflect(_count(height) + shift[:, :1], height)  # N x H: where each row is read
    columns = _reflect(_count(width) + shift[:, 1:], width)  # N x W
    if flip is not None:
        columns = np.where(flip.numpy()[:, None], width - 1 - columns, columns)
    rows = (rows + height * _count(n)[:, None]) * width  # all images are one line of pixels
    down, across = (torch.from_numpy(each).to(images.device, non_blocking=True) for each in (rows, columns))
    index = down[:, :, None] + across[:, None, :]
    words = pack(images).flatten().index_select(0, index.flatten())
    return unpack(words.view(n, height, width), channels)


def _reflect(place: np.ndarray, length: int) -> np.ndarray:
    """Places beyond an end of a line, mirrored at its outermost pixel."""
    return length - 1 - np.abs(length - 1 - np.abs(place))


def _count(length: int) -> np.ndarray:
    return np.arange(length, dtype=np.int32)


@dataclass(frozen=True)
class PaddedCrop(Operation):
    """The crop of the semi-supervised methods; padded by an eighth of the shorter side, but at most 4 pixels.

    That is 4 for images of 32 pixels and of 96, as in DASO's released code, and 3 for those of 28. Mirrored with
    probability `flip`. Drawn: the flip, then the offset.
    """

    flip: float = 0.5
    most: int = 4

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        flip = rng.random(n) < self.flip
        offset = rng.integers(0, 2 * self.pad(size), (n, 2), endpoint=True)
        return {"flip": torch.from_numpy(flip), "offset": torch.from_numpy(offset)}  # N, N x 2

    def apply(self, images: Tensor, flip: Tensor, offset: Tensor) -> Tensor:
        height, width = images.shape[2:]
        return reflect_pad_crop(images, offset, self.pad((height, width)), flip)

    def pad(self, size: Size) -> int:
        """Pixels on each side of images of that size."""
        return min(self.most, min(size) // 8)
