"""Images of many sizes in one file: a 1-D array of bytes that describes itself, opened memory-mapped.

First the pixels of all images, one after the other, H x W x C each; then the tail of little-endian int64: height and
width of each image, C, and N. The tail is last so that images can be written while their sizes become known.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from gristmill.errors import UserError

BUDGET = 64 << 20   # bytes of a canvas: more images are taken in several parts
NUMBER = np.dtype("<i8")


def tail(sizes: Sequence[tuple[int, int]], channels: int) -> bytes:
    """What stands after the pixels; sizes are N heights and widths."""
    return np.array([*np.asarray(sizes, NUMBER).ravel(), channels, len(sizes)], NUMBER).tobytes()


class Packed:
    """N images of different sizes, read from the array of bytes when they are asked for.

    Attributes:
        sizes: N x 2 int64, height and width.
        channels: 1 or 3.
        data: all bytes of the file's array, for its hash.
        filename: of a memory-mapped array.

    Raises:
        UserError: the bytes are no such file.
    """

    def __init__(self, content: np.ndarray):
        self.filename, self.data = getattr(content, "filename", None), content.data
        self.content = np.asarray(content)   # a plain array: its slices cost less than those of a memory map
        self.channels, count = self.numbers(0, 2).tolist() if len(content) >= 2 * NUMBER.itemsize else (0, 0)
        whole = 0 < count <= len(content) // (2 * NUMBER.itemsize) - 1
        self.sizes = self.numbers(2, 2 * count).reshape(-1, 2) if whole else np.empty((0, 2), np.int64)
        self.starts = np.concatenate([[0], np.cumsum(self.sizes.prod(1) * self.channels)])
        if not whole or self.starts[-1] + (2 * count + 2) * NUMBER.itemsize != len(content):
            place = self.filename or "packed images"
            raise UserError(f"{place}: damaged, or not images of many sizes; delete it and run dvc repro again")

    def numbers(self, after: int, count: int) -> np.ndarray:
        """`count` numbers of the tail, `after` so many that come behind them."""
        stop = len(self.content) - after * NUMBER.itemsize
        return np.frombuffer(self.content[stop - count * NUMBER.itemsize : stop].tobytes(), NUMBER).astype(np.int64)

    def __len__(self) -> int:
        return len(self.sizes)

    @overload
    def __getitem__(self, place: int) -> np.ndarray: ...
    @overload
    def __getitem__(self, place: np.ndarray) -> list[np.ndarray]: ...
    def __getitem__(self, place: int | np.ndarray) -> np.ndarray | list[np.ndarray]:
        """An image, H x W x C, or a list of some; their pixels are not read yet."""
        if np.ndim(place):
            return [self[int(each)] for each in np.asarray(place)]
        if not 0 <= place < len(self):
            raise IndexError(f"image {place} of {len(self)}")
        start, stop = self.starts[place : place + 2]
        return self.content[start:stop].reshape(*self.sizes[place], self.channels)


Images = np.ndarray | Packed   # M x H x W x C uint8, or M of different sizes


def open_images(path: Path) -> Images:
    """Prepared images, memory-mapped and read-only: nothing of them is read yet."""
    content = np.load(path, mmap_mode="r")
    return Packed(content) if content.ndim == 1 else content


def count_channels(images: Images) -> int:
    """C."""
    return images.channels if isinstance(images, Packed) else images.shape[3]


def sizes_of(images: Images, rows: np.ndarray) -> tuple[int | np.ndarray, int | np.ndarray]:
    """Height and width of some images: a number each where all are alike, else N numbers each."""
    if isinstance(images, Packed):
        height, width = images.sizes[rows].T
        return height, width
    return images.shape[1], images.shape[2]


def gather(images: Images, rows: np.ndarray) -> np.ndarray:
    """A copy of some images, N x H x W x C: each in the upper left corner, on zeros, where their sizes differ."""
    if not isinstance(images, Packed):
        return np.ascontiguousarray(images[rows])
    height, width = images.sizes[rows].max(0)
    canvas = np.zeros((len(rows), height, width, images.channels), np.uint8)
    for place, image in zip(canvas, images[rows], strict=True):
        place[: image.shape[0], : image.shape[1]] = image
    return canvas


def parts(images: Images, rows: np.ndarray) -> Iterator[slice]:
    """Slices of `rows` whose canvas has at most BUDGET bytes, or one image; all at once where all are alike."""
    if not isinstance(images, Packed):
        yield slice(0, len(rows))
        return
    first, largest = 0, np.zeros(2, np.int64)
    for place, size in enumerate(images.sizes[rows]):
        grown = np.maximum(largest, size)
        if place > first and (place - first + 1) * grown.prod() * images.channels > BUDGET:
            yield slice(first, place)
            first, grown = place, size
        largest = grown
    yield slice(first, len(rows))
