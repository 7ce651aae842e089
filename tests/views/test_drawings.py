"""The affine view of drawings against a plain loop, and its symmetries."""

from math import cos, floor, radians, sin

import numpy as np
import torch

from gristmill.views.drawings import RandomAffine
from tests.views.pictures import pictures


def reference(image: np.ndarray, matrix: np.ndarray, size: int) -> np.ndarray:
    """H x W floats read at matrix (x, y, 1), pixel centers of [-1, 1]; bilinear, zero outside."""
    height, width = image.shape
    result = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            x, y = matrix @ [(2 * j + 1) / size - 1, (2 * i + 1) / size - 1, 1]
            column, row = ((x + 1) * width - 1) / 2, ((y + 1) * height - 1) / 2
            for r in (floor(row), floor(row) + 1):
                for c in (floor(column), floor(column) + 1):
                    if 0 <= r < height and 0 <= c < width:
                        result[i, j] += image[r, c] * (1 - abs(row - r)) * (1 - abs(column - c))
    return result


def test_pixels_are_read_where_the_matrix_says():
    images = pictures((28, 28), channels=1)[:6]
    for size in (28, 20):
        operation = RandomAffine(size)
        parameters = operation.draw(np.random.default_rng(0), len(images), (28, 28))
        ours = operation.apply(images, **parameters)
        for image, matrix, result in zip(images, parameters["matrix"], ours, strict=True):
            exact = reference(image[0].double().numpy(), matrix.double().numpy(), size)
            assert np.abs(result[0].numpy() - exact).max() < 0.51


def test_the_identity_changes_nothing():
    images = pictures((28, 28), channels=1)
    identity = torch.tensor([[1.0, 0, 0], [0, 1, 0]]).expand(len(images), 2, 3)
    assert torch.equal(RandomAffine(28).apply(images, matrix=identity), images)


def test_matrices_follow_the_formula_and_the_order_of_drawing():
    n = 50
    matrix = RandomAffine(28).draw(np.random.default_rng(5), n, (28, 28))["matrix"].double().numpy()
    rng = np.random.default_rng(5)
    area = rng.uniform(0.8, 1.25, n)
    aspect = np.exp(rng.uniform(-np.log(1.15), np.log(1.15), n))
    angle = rng.uniform(-radians(10), radians(10), n)
    shear = rng.uniform(-0.1, 0.1, n)
    u, v = rng.uniform(-1, 1, n), rng.uniform(-1, 1, n)
    for i in range(n):
        turn = np.array([[cos(angle[i]), -sin(angle[i])], [sin(angle[i]), cos(angle[i])]])
        scale = np.sqrt([area[i] * aspect[i], area[i] / aspect[i]])
        linear = turn @ [[1, shear[i]], [0, 1]] @ np.diag(scale)
        shift = np.array([u[i], v[i]]) * (np.maximum(0, 1 - scale) + 0.1)
        np.testing.assert_allclose(matrix[i], np.column_stack([linear, shift]), atol=1e-6)


def test_parameters_stay_in_their_ranges():
    matrix = RandomAffine(28).draw(np.random.default_rng(0), 20_000, (28, 28))["matrix"].double()
    area = matrix[:, :, :2].det()
    assert 0.8 - 1e-5 < area.min() < 0.803
    assert 1.247 < area.max() < 1.25 + 1e-5
    assert abs(area.mean() - 1.025) < 4 * 0.13 / 20_000**0.5
    assert matrix[:, :, 2].abs().max() < 0.1 + 1 - (0.8 / 1.15) ** 0.5
