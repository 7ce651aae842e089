"""Affine maps of images as PIL's transform does them.

A matrix (a, b, c, d, e, f) says where a pixel of the result is read: x' = a x + b y + c, y' = d x + e y + f at pixel
centers (column + .5, row + .5).
"""

from math import cos, radians, sin

import numpy as np
import torch
from torch import Tensor

from gristmill.views.operation import Size, change_rows
from gristmill.views.sampling import Fill, sample_bicubic, sample_bilinear, sample_nearest

ONE = 65536  # of the 16.16 fixed-point numbers


def affine(images: Tensor, matrix: Tensor, resample: str = "nearest", fill: Fill = 0) -> Tensor:
    """Map each image by its own matrix (PIL's transform with AFFINE, exact).

    Args:
        images: N x C x H x W uint8.
        matrix: N x 6 float64 on the CPU.
        resample: nearest, bilinear or bicubic.
        fill: color of points outside the image.

    Returns:
        N x C x H x W uint8.
    """
    if resample == "nearest":
        return _affine_nearest(images, matrix, fill)
    height, width = images.shape[2:]
    x = torch.arange(width, device=images.device).double() + 0.5
    y = torch.arange(height, device=images.device).double()[:, None] + 0.5
    a, b, c, d, e, f = _beside(matrix, images)
    points = (a * x + b * y) + c, (d * x + e * y) + f  # N x H x W each
    if resample == "bilinear":
        return sample_bilinear(images, *points, fill)
    return sample_bicubic(images, *points, fill, _stays_whole(matrix[:, :3]), _stays_whole(matrix[:, [4, 3, 5]]))


def _affine_nearest(images: Tensor, matrix: Tensor, fill: Fill) -> Tensor:
    """PIL walks pure scalings and translations in float64 steps, all else in fixed-point numbers."""
    straight = (matrix.numpy()[:, [1, 3]] == 0).all(1)
    if not straight.any():
        return affine_fixed_point(images, matrix, fill)
    if not straight.all():
        images = images.clone()
        for rows in (straight, ~straight):
            own = torch.from_numpy(rows)
            change_rows(images, own, lambda some, matrix: _affine_nearest(some, matrix, fill), matrix)
        return images
    height, width = images.shape[2:]
    column = _steps(matrix[:, 0], matrix[:, 2], width).to(images.device, non_blocking=True)
    row = _steps(matrix[:, 4], matrix[:, 5], height).to(images.device, non_blocking=True)
    return sample_nearest(images, column[:, None, :], row[:, :, None], fill)


def affine_fixed_point(images: Tensor, matrix: Tensor, fill: Fill = 0) -> Tensor:
    """`affine` with the nearest pixel, always in 16.16 fixed-point numbers."""
    height, width = images.shape[2:]
    a, b, c, d, e, f = matrix.unbind(1)
    corner = torch.stack([a, b, c + a / 2 + b / 2, d, e, f + d / 2 + e / 2], 1)  # shift of the first center
    corner = (corner * ONE + 0.5).floor()
    farthest = (corner.abs().view(-1, 2, 3) * torch.tensor([width, height, 1])).sum(2)
    number = torch.int32 if (farthest < 2**31).all() else torch.int64
    a, b, c, d, e, f = _beside(corner.to(number), images)
    x = torch.arange(width, dtype=number, device=images.device)
    y = torch.arange(height, dtype=number, device=images.device)[:, None]
    return sample_nearest(images, (c + b * y + a * x) >> 16, (f + e * y + d * x) >> 16, fill)


def _steps(scale: Tensor, shift: Tensor, count: int) -> Tensor:
    """Source column of each column (or row of each row), -1 where before the first: N x count int64."""
    steps = np.repeat(scale.numpy()[:, None], count, axis=1)
    steps[:, 0] = (shift + scale / 2).numpy()
    points = np.add.accumulate(steps, axis=1)  # PIL adds the scale again and again
    return torch.from_numpy(np.where(points < 0, -1, points).astype(np.int64))


def _stays_whole(row: Tensor) -> bool:
    """Whether x' (from own factor, other factor, shift) lies a whole number from x in every image."""
    own, other, shift = row.numpy().T
    return bool(((own == 1) & (other == 0) & (shift % 1 == 0)).all())


def _beside(matrix: Tensor, images: Tensor) -> tuple[Tensor, ...]:
    return matrix.to(images.device, non_blocking=True)[:, :, None, None].unbind(1)


def shear_x(amount: Tensor) -> Tensor:
    """N x 6 matrices: x' = x + amount y; the first row stays."""
    return _matrix(b=amount)


def shear_y(amount: Tensor) -> Tensor:
    """N x 6 matrices: y' = y + amount x; the first column stays."""
    return _matrix(d=amount)


def translate_x(pixels: Tensor) -> Tensor:
    """N x 6 matrices that move the content left by so many pixels."""
    return _matrix(c=pixels)


def translate_y(pixels: Tensor) -> Tensor:
    """N x 6 matrices that move the content up by so many pixels."""
    return _matrix(f=pixels)


def rotate(degrees: Tensor, size: Size) -> Tensor:
    """N x 6 matrices that turn the content counter-clockwise about the center of images of that size (PIL's)."""
    height, width = size
    middle_x, middle_y = width / 2, height / 2
    angles, which = np.unique(degrees.numpy(), return_inverse=True)  # few angles, many images
    matrices = []
    for angle in angles.tolist():
        turn = -radians(angle % 360)
        a, b, d = round(cos(turn), 15), round(sin(turn), 15), round(-sin(turn), 15)
        c = a * -middle_x + b * -middle_y + middle_x
        f = d * -middle_x + a * -middle_y + middle_y
        matrices.append([a, b, c, d, a, f])
    return torch.from_numpy(np.reshape(matrices, (-1, 6))[which])


def _matrix(**entries: Tensor) -> Tensor:
    n = len(next(iter(entries.values())))
    matrix = np.tile([1.0, 0, 0, 0, 1, 0], (n, 1))
    for name, values in entries.items():
        matrix[:, "abcdef".index(name)] = values.numpy()
    return torch.from_numpy(matrix)
