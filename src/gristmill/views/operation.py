"""What an operation on a batch of images is, and how it treats rows and number types."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, Concatenate, ParamSpec

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

Parameters = dict[str, Tensor]
Size = tuple[int, int]
Sizes = tuple[int | np.ndarray, int | np.ndarray]  # height and width of all images, or N of each
P = ParamSpec("P")


class Operation(ABC):
    """A random operation in two halves: `draw` makes all random numbers, `apply` has no randomness.

    The parameters are tensors on the CPU with N as first dimension, and stay there: `apply` may look at them
    without waiting for the device that holds the images, and sends what is needed there. Probabilities are
    resolved when drawing (`apply`: N bool); what is drawn for an image that is not touched is drawn all the same,
    so that every batch of N consumes as much of the generator. Parameters of several batches can be concatenated.

    Attributes:
        many_sizes: whether `draw` also takes N heights and N widths; each image then stands in the upper left corner
            of its place in the batch, and `apply` reads nothing beyond it.
    """

    many_sizes: ClassVar[bool] = False

    def draw(self, rng: Generator, n: int, size: Any) -> Parameters:
        """Parameters for n images of size (height, width): `Size`, or `Sizes` where they are of many sizes."""
        return {}

    @abstractmethod
    def apply(self, images: Tensor, **parameters: Tensor) -> Tensor:
        """N x C x H x W uint8 in, the same out (perhaps of another size); image i depends on row i alone."""

    def size_after(self, size: Size) -> Size:
        """Height and width of what `apply` returns for images of that size."""
        return size


def per_image(parameter: Tensor, images: Tensor) -> Tensor:
    """A parameter of N numbers as N x 1 x 1 x 1 beside the images: on their device, in their number type."""
    return parameter.to(images.device, images.dtype, non_blocking=True)[:, None, None, None]


def change_rows(images: Tensor, rows: Tensor, function: Callable[..., Tensor], *parameters: Tensor) -> Tensor:
    """Replace, in place, the images of some rows by function(those images, *their parameters).

    Args:
        images: N x C x H x W; the function must keep shape and type.
        rows: N bool on the CPU.
        parameters: N x ... on the CPU.

    Returns:
        `images` itself.
    """
    chosen = torch.from_numpy(np.flatnonzero(rows.numpy()))
    if len(chosen):
        there = chosen.to(images.device, non_blocking=True)
        own = [parameter.index_select(0, chosen) for parameter in parameters]
        images.index_copy_(0, there, function(images.index_select(0, there), *own))
    return images


def as_bytes(values: Tensor) -> Tensor:
    """Whole numbers 0..255 in floating point as uint8 (through int16: five times faster than directly)."""
    return values.to(torch.int16).to(torch.uint8)


def on_whole_numbers(
    function: Callable[Concatenate[Tensor, P], Tensor],
) -> Callable[Concatenate[Tensor, P], Tensor]:
    """Let a function of whole numbers 0..255 in float32 take and return uint8 images as well.

    float32 holds every intermediate of the color arithmetic exactly and is far faster on a CPU than uint8; a chain
    of such functions converts once.
    """

    @wraps(function)
    def convert(images: Tensor, *args: P.args, **kwargs: P.kwargs) -> Tensor:
        if images.dtype != torch.uint8:
            return function(images, *args, **kwargs)
        return as_bytes(function(images.float(), *args, **kwargs))

    return convert
