"""The affine views of drawings against a plain loop, and its symmetries."""

from math import cos, floor, radians, sin

import numpy as np
import torch

from gristmill.views.crop import boxes_from_uniforms
from gristmill.views.drawings import FINE, RandomAffine, TurnedCrop
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


def test_turned_crops_follow_the_formula_and_the_order_of_drawing():
    n, area = 40, (0.2, 0.5)
    operation = TurnedCrop(16, shift=0.15, area=area)
    matrix = operation.draw(np.random.default_rng(5), n, (28, 28))["matrix"].double().numpy()
    rng = np.random.default_rng(5)
    angle = rng.uniform(-0.26, 0.26, n)
    scale = np.exp(rng.uniform(-np.log(1.2), np.log(1.2), n))
    shear, shift = rng.uniform(-0.2, 0.2, n), rng.uniform(-0.15, 0.15, (2, n))
    uniforms = torch.from_numpy(rng.random((n, 10, 4)))
    boxes = boxes_from_uniforms(uniforms, (FINE, FINE), area, (3 / 4, 4 / 3)).numpy() / FINE
    for i, (top, left, height, width) in enumerate(boxes):
        turn = np.array([[cos(angle[i]), -sin(angle[i])], [sin(angle[i]), cos(angle[i])]])
        linear = scale[i] * turn @ [[1, shear[i]], [0, 1]]
        for x, y in ((-1, -1), (1, -1), (0.3, 0.8)):  # a corner of the result reads a corner of the box
            inside = [2 * (left + (x + 1) / 2 * width) - 1, 2 * (top + (y + 1) / 2 * height) - 1]
            np.testing.assert_allclose(matrix[i] @ [x, y, 1], linear @ inside + shift[:, i], atol=1e-6)


def test_without_a_box_the_whole_drawing_is_turned_and_a_box_that_is_all_of_it_changes_nothing_else():
    n, size = 2000, (28, 28)
    whole = TurnedCrop(28, shift=0.15).draw(np.random.default_rng(1), n, size)["matrix"]
    box = TurnedCrop(28, shift=0.15, area=(0.999999, 1.0)).draw(np.random.default_rng(1), n, size)["matrix"]
    full = (box[:, :, :2] - whole[:, :, :2]).abs().amax((1, 2)) < 1e-4  # where no attempt fits, and thus the whole
    assert full.any()
    torch.testing.assert_close(box[full], whole[full], rtol=0, atol=1e-4)
    area = whole[:, :, :2].det()
    assert (area >= 1.2**-2 - 1e-5).all() and (area <= 1.2**2 + 1e-5).all()
    assert whole[:, :, 2].abs().max() <= 0.15
    assert not TurnedCrop(28, shift=0).draw(np.random.default_rng(1), n, size)["matrix"][:, :, 2].any()


def test_the_share_of_a_turned_crop_is_uniform():
    n = 20_000
    matrix = TurnedCrop(16, 0, area=(0.1, 0.5), scale=1.0 + 1e-9).draw(np.random.default_rng(2), n, (28, 28))["matrix"]
    share = np.sort(matrix[:, :, :2].double().det().numpy())
    places = (share - 0.1) / 0.4
    assert np.abs(places - (np.arange(n) + 0.5) / n).max() < 2.25 / n**0.5


def test_a_turned_crop_reads_pixels_where_its_matrix_says():
    images = pictures((28, 28), channels=1)[:4]
    for operation in (TurnedCrop(28, shift=0.15), TurnedCrop(16, shift=0, area=(0.15, 0.5))):
        parameters = operation.draw(np.random.default_rng(0), len(images), (28, 28))
        ours = operation.apply(images, **parameters)
        for image, matrix, result in zip(images, parameters["matrix"], ours, strict=True):
            exact = reference(image[0].double().numpy(), matrix.double().numpy(), operation.size)
            assert np.abs(result[0].numpy() - exact).max() < 0.51
