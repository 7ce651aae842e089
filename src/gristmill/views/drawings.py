"""The views of drawings: one small affine map of each image, read bilinearly, zero outside.

No mirror image: a mirrored character is another character. Not PIL's arithmetic; floats are rounded at the end.
"""

from dataclasses import dataclass
from math import log, radians

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.nn.functional import grid_sample

from gristmill.views.crop import ATTEMPTS, boxes_from_uniforms
from gristmill.views.operation import Operation, Parameters, Size, as_bytes

FINE = 2**16  # steps of a side that a box is drawn in
RATIO = (3 / 4, 4 / 3)


@dataclass(frozen=True)
class RandomAffine(Operation):
    """A random scale, aspect, rotation, shear and shift of each image, made at size x size pixels.

    A point o of the result, in [-1, 1] x [-1, 1], reads the image at R(angle) [[1, shear], [0, 1]] diag(sx, sy) o + t
    with sx = sqrt(area aspect), sy = sqrt(area / aspect), t = U(-1, 1) (max(0, 1 - s) + shift) for each axis.
    Drawn: area, log aspect, angle, shear, shift x, shift y, each for the whole batch.
    """

    size: int
    area: tuple[float, float] = (0.8, 1.25)
    aspect: float = 1.15  # the greatest; the smallest is its inverse
    angle: float = 10.0  # degrees, either way
    shear: float = 0.1
    shift: float = 0.1  # of half a side

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        area = rng.uniform(*self.area, n)
        log_aspect = rng.uniform(-log(self.aspect), log(self.aspect), n)
        angle = rng.uniform(-radians(self.angle), radians(self.angle), n)
        shear = rng.uniform(-self.shear, self.shear, n)
        shift_x, shift_y = rng.uniform(-1, 1, n), rng.uniform(-1, 1, n)
        area, log_aspect, angle, shear, shift_x, shift_y = map(
            torch.from_numpy, (area, log_aspect, angle, shear, shift_x, shift_y)
        )
        scale_x, scale_y = (area * log_aspect.exp()).sqrt(), (area / log_aspect.exp()).sqrt()
        move_x = shift_x * ((1 - scale_x).clamp(min=0) + self.shift)
        move_y = shift_y * ((1 - scale_y).clamp(min=0) + self.shift)
        cos, sin = angle.cos(), angle.sin()
        matrix = [
            [cos * scale_x, (cos * shear - sin) * scale_y, move_x],
            [sin * scale_x, (sin * shear + cos) * scale_y, move_y],
        ]
        return {"matrix": torch.stack([torch.stack(row, 1) for row in matrix], 1).float()}  # N x 2 x 3

    def apply(self, images: Tensor, matrix: Tensor) -> Tensor:
        return read(images, matrix, self.size)

    def size_after(self, size: Size) -> Size:
        return self.size, self.size


def read(images: Tensor, matrix: Tensor, size: int) -> Tensor:
    """Each image at matrix (x, y, 1), for the pixel centers of a result of size x size in [-1, 1] x [-1, 1].

    Args:
        images: N x C x H x W uint8.
        matrix: N x 2 x 3 float32 on the CPU.
    """
    # The grid is made element by element: a matrix product may round differently for another batch size.
    line = (2 * torch.arange(size, device=images.device) + 1).float() / size - 1
    x, y = line, line[:, None]
    rows = matrix.to(images.device, non_blocking=True)[..., None, None].unbind(1)
    grid = torch.stack([a * x + b * y + c for a, b, c in (row.unbind(1) for row in rows)], 3)
    return as_bytes(grid_sample(images.float(), grid, "bilinear", "zeros", align_corners=False).round_())


@dataclass(frozen=True)
class TurnedCrop(Operation):
    """A random rotation, scale, shear and shift of each image, and a random box of the result, made at size x size.

    A point o of the result, in [-1, 1] x [-1, 1], reads the image at s R(angle) [[1, shear], [0, 1]] (b + h o) + t:
    b is the box's middle, h are its half sides. The shares of the box are drawn as those of `ResizedCrop`.
    Drawn: angle, log scale, shear, shift x, shift y, each for the whole batch; then, where there is a box, the 4
    uniforms of ten attempts at it.
    """

    size: int
    shift: float  # of half a side, either way
    area: tuple[float, float] | None = None  # of the box; None: all of it
    angle: float = 0.26  # radians, either way
    scale: float = 1.2  # the greatest; the smallest is its inverse
    shear: float = 0.2

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        angle = rng.uniform(-self.angle, self.angle, n)
        scale = np.exp(rng.uniform(-log(self.scale), log(self.scale), n))
        shear = rng.uniform(-self.shear, self.shear, n)
        shift = rng.uniform(-self.shift, self.shift, (2, n))
        box = np.tile([0.0, 0.0, 1.0, 1.0], (n, 1))  # top, left, height, width
        if self.area is not None:
            uniforms = torch.from_numpy(rng.random((n, ATTEMPTS, 4)))
            box = boxes_from_uniforms(uniforms, (FINE, FINE), self.area, RATIO).numpy() / FINE
        top, left, height, width = box.T
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        rows = ((cos, cos * shear - sin), (sin, sin * shear + cos))
        x, y = 2 * left + width - 1, 2 * top + height - 1  # the box's middle
        matrix = [[a * width, b * height, a * x + b * y + t] for (a, b), t in zip(rows, shift, strict=True)]
        return {"matrix": torch.from_numpy(np.moveaxis(np.array(matrix), 2, 0)).float()}  # N x 2 x 3

    def apply(self, images: Tensor, matrix: Tensor) -> Tensor:
        return read(images, matrix, self.size)

    def size_after(self, size: Size) -> Size:
        return self.size, self.size
