"""The random resized crop: which box is cut out."""

from dataclasses import dataclass
from math import log
from typing import ClassVar

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size, Sizes
from gristmill.views.resize import resized_crop

ATTEMPTS = 10


def boxes_from_uniforms(
    uniforms: Tensor, size: Sizes, scale: tuple[float, float], ratio: tuple[float, float]
) -> Tensor:
    """Boxes whose area is uniform in `scale` (of the image's) and whose log aspect is uniform in `ratio`.

    Args:
        uniforms: N x attempts x 4 float64 in [0, 1): area, aspect, top, left of each attempt.
        size: height and width of the images, a number each or N numbers each.

    Returns:
        N x 4 int64: top, left, height, width. The first attempt that fits into the image counts; where none does,
        the largest centered box of an allowed aspect.
    """
    height, width = (np.reshape(side, (-1, 1)) for side in size)  # N or 1 x 1
    u_area, u_ratio, u_top, u_left = uniforms.numpy().transpose(2, 0, 1)  # N x attempts
    area = height * width * (scale[0] + (scale[1] - scale[0]) * u_area)
    aspect = np.exp(log(ratio[0]) + (log(ratio[1]) - log(ratio[0])) * u_ratio)
    w, h = np.sqrt(area * aspect).round(), np.sqrt(area / aspect).round()
    fits = (w > 0) & (w <= width) & (h > 0) & (h <= height)
    first = np.arange(len(fits)), fits.argmax(1)
    w, h, height, width = w[first], h[first], height[:, 0], width[:, 0]  # N; height and width perhaps 1
    top = np.minimum(np.floor(u_top[first] * (height - h + 1)), height - h)
    left = np.minimum(np.floor(u_left[first] * (width - w + 1)), width - w)
    box = np.stack([top, left, h, w], 1).astype(np.int64)
    for i in np.flatnonzero(~fits.any(1)):
        box[i] = _central_box((int(height[i % len(height)]), int(width[i % len(width)])), ratio)
    return torch.from_numpy(box)


def _central_box(size: Size, ratio: tuple[float, float]) -> tuple[int, int, int, int]:
    height, width = size
    h, w = height, width
    if width / height < ratio[0]:
        h = round(width / ratio[0])
    elif width / height > ratio[1]:
        w = round(height * ratio[1])
    return (height - h) // 2, (width - w) // 2, h, w


@dataclass(frozen=True)
class ResizedCrop(Operation):
    """A random box, resized to size x size (bilinear), mirrored with probability `flip`.

    Drawn: the 4 uniforms of ten attempts at a box, then the flip (also if its probability is 0).
    """

    size: int
    scale: tuple[float, float] = (0.2, 1.0)
    ratio: tuple[float, float] = (3 / 4, 4 / 3)
    flip: float = 0.0
    interpolation: str = "bilinear"
    many_sizes: ClassVar[bool] = True

    def draw(self, rng: Generator, n: int, size: Sizes) -> Parameters:
        uniforms = torch.from_numpy(rng.random((n, ATTEMPTS, 4)))
        box = boxes_from_uniforms(uniforms, size, self.scale, self.ratio)  # N x 4
        return {"box": box, "flip": torch.from_numpy(rng.random(n) < self.flip)}  # N

    def apply(self, images: Tensor, box: Tensor, flip: Tensor) -> Tensor:
        return resized_crop(images, box, (self.size, self.size), flip, self.interpolation)

    def size_after(self, size: Size) -> Size:
        return self.size, self.size
