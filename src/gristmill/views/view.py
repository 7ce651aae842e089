"""A view: operations one after the other, then numbers that a network likes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.errors import UserError
from gristmill.views.operation import Operation, Parameters

PIXELS = 2**19  # of the result, that a CPU makes at a time: temporaries stay near the processor


def normalize(images: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """(x / 255 - mean) / std for each channel: N x C x H x W uint8 to float32."""
    if not len(mean) == len(std) == images.shape[1]:
        raise UserError(
            f"views.mean has {len(mean)} values, views.std {len(std)}, but the images have {images.shape[1]} channels;"
            " give one value a channel"
        )
    values = images.to(torch.float32, memory_format=torch.contiguous_format)
    for channel, m, s in zip(values.unbind(1), mean, std, strict=True):
        channel.mul_(1 / (255 * s)).sub_(m / s)
    return values


@dataclass(frozen=True)
class View:
    """A recipe's operations for one role. All randomness is in `draw`; `apply` repeats on any device.

    Attributes:
        stages: operations by name, in order.
        size: side of the square result, pixels.
        mean, std: one value a channel, of pixels in 0..1.
    """

    stages: Mapping[str, Operation]
    size: int
    mean: Sequence[float]
    std: Sequence[float]

    def draw(self, rng: Generator, n: int, height: int | np.ndarray, width: int | np.ndarray) -> Parameters:
        """Parameters of n views of images of that size, as "<stage>.<parameter>"; stage by stage from one generator.

        Images of many sizes have n heights and n widths; the view then begins with a stage that makes them alike.

        All are tensors on the CPU with first dimension n: several batches can be concatenated, and applied in one
        call, with the same bits.
        """
        parameters: Parameters = {}
        size: Any = (height, width)
        for name, operation in self.stages.items():
            if np.ndim(size[0]) and not operation.many_sizes:
                raise UserError(
                    f"views.recipe: its '{name}' needs images of one size, and these have many; "
                    "all recipes but drawings, strokes and fixmatch begin with a crop to one size"
                )
            drawn = operation.draw(rng, n, size)
            parameters.update({f"{name}.{key}": value for key, value in drawn.items()})
            size = operation.size_after(size)
        return parameters

    def render(self, images: Tensor, parameters: Parameters) -> Tensor:
        """N x C x H x W uint8 images to N x C x size x size uint8 views, before normalizing."""
        for name, operation in self.stages.items():
            own = {key.split(".", 1)[1]: each for key, each in parameters.items() if key.startswith(name + ".")}
            images = operation.apply(images, **own)
        return images

    def apply(self, images: Tensor, parameters: Parameters) -> Tensor:
        """N x C x H x W uint8 images, on any device, to N x C x size x size normalized float32 on the same device.

        Args:
            parameters: what `draw` gave, on the CPU, one row an image.
        """
        home = images.device
        if home.type == "mps":  # has no float64, which some operations need to be exact
            images = images.cpu()
        n = len(images)
        step = max(1, PIXELS // self.size**2) if images.device.type == "cpu" else max(1, n)
        views = []
        for start in range(0, max(n, 1), step):
            rows = slice(start, start + step)
            part = self.render(images[rows], {key: each[rows] for key, each in parameters.items()})
            views.append(normalize(part, self.mean, self.std))
        return (views[0] if len(views) == 1 else torch.cat(views)).to(home)
