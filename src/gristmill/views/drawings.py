"""The view of drawings: one small affine map of each image, read bilinearly, zero outside.

No mirror image: a mirrored character is another character. Not PIL's arithmetic; floats are rounded at the end.
"""

from dataclasses import dataclass
from math import log, radians

import torch
from numpy.random import Generator
from torch import Tensor
from torch.nn.functional import grid_sample

from gristmill.views.operation import Operation, Parameters, Size, as_bytes


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
        # The grid is made element by element: a matrix product may round differently for another batch size.
        line = (2 * torch.arange(self.size, device=images.device) + 1).float() / self.size - 1
        x, y = line, line[:, None]
        rows = matrix.to(images.device, non_blocking=True)[..., None, None].unbind(1)
        grid = torch.stack([a * x + b * y + c for a, b, c in (row.unbind(1) for row in rows)], 3)
        return as_bytes(grid_sample(images.float(), grid, "bilinear", "zeros", align_corners=False).round_())

    def size_after(self, size: Size) -> Size:
        return self.size, self.size
