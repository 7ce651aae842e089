"""The random resized crop: which box is cut out."""

from dataclasses import dataclass
from math import log

import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size
from gristmill.views.resize import resized_crop

ATTEMPTS = 10


def boxes_from_uniforms(uniforms: Tensor, size: Size, scale: tuple[float, float], ratio: tuple[float, float]) -> Tensor:
    """Boxes whose area is uniform in `scale` (of the image's) and whose log aspect is uniform in `ratio`.

    Args:
        uniforms: N x attempts x 4 float64 in [0, 1): area, aspect, top, left of each attempt.
        size: height and width of the images.

    Returns:
        N x 4 int64: top, left, height, width. The first attempt that fits into the image counts; where none does,
        the largest centered box of an allowed aspect.
    """
    height, width = size
    u_area, u_ratio, u_top, u_left = uniforms.unbind(2)  # N x attempts
    area = height * width * (scale[0] + (scale[1] - scale[0]) * u_area)
    aspect = (log(ratio[0]) + (log(ratio[1]) - log(ratio[0])) * u_ratio).exp()
    w, h = (area * aspect).sqrt().round(), (area / aspect).sqrt().round()
    top = torch.minimum((u_top * (height - h + 1)).floor(), height - h)
    left = torch.minimum((u_left * (width - w + 1)).floor(), width - w)
    fits = (w > 0) & (w <= width) & (h > 0) & (h <= height)
    first = fits.byte().argmax(1)[:, None, None].expand(-1, 1, 4)
    box = torch.stack([top, left, h, w], 2).gather(1, first).squeeze(1).long()
    return torch.where(fits.any(1, keepdim=True), box, torch.tensor(_central_box(size, ratio)))


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

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        uniforms = torch.from_numpy(rng.random((n, ATTEMPTS, 4)))
        box = boxes_from_uniforms(uniforms, size, self.scale, self.ratio)  # N x 4
        return {"box": box, "flip": torch.from_numpy(rng.random(n) < self.flip)}  # N

    def apply(self, images: Tensor, box: Tensor, flip: Tensor) -> Tensor:
        return resized_crop(images, box, (self.size, self.size), flip, self.interpolation)

    def size_after(self, size: Size) -> Size:
        return self.size, self.size
