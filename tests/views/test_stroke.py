"""Strokes against a plain loop, and at the edges."""

import numpy as np
import pytest
import torch

from gristmill.views.stroke import Stroke, stroke
from tests.views.pictures import pictures


def reference(image: np.ndarray, u: float) -> np.ndarray:
    """H x W floats: x + u (max - x), or x - |u| (x - min), over each pixel's neighborhood within the image."""
    result = np.empty(image.shape)
    for i, j in np.ndindex(*image.shape):
        near = image[max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2]
        x = image[i, j]
        result[i, j] = x + u * (near.max() - x) if u > 0 else x - abs(u) * (x - near.min())
    return result


@pytest.mark.parametrize("size", [(12, 12), (9, 15), (3, 3), (2, 2), (1, 5), (5, 1), (1, 1)], ids=str)
@pytest.mark.parametrize("channels", [1, 3])
def test_strokes_are_those_of_a_plain_loop_also_where_an_image_is_smaller_than_a_neighborhood(size, channels):
    images = pictures((16, 16), channels)[:, :, : size[0], : size[1]]
    amount = torch.from_numpy(np.random.default_rng(0).uniform(-0.6, 0.6, len(images)))
    ours = stroke(images, amount)
    assert ours.dtype == torch.uint8 and ours.shape == images.shape
    for image, u, result in zip(images, amount.tolist(), ours, strict=True):
        for channel in range(channels):
            exact = reference(image[channel].double().numpy(), u)
            assert np.abs(result[channel].numpy() - exact).max() <= 0.5 + 1e-4


def test_nothing_is_no_change_and_everything_is_the_largest_or_smallest_neighbor():
    images = pictures((10, 10))
    n = len(images)
    assert torch.equal(stroke(images, torch.zeros(n)), images)
    larger = torch.nn.functional.max_pool2d(images.float(), 3, 1, 1).byte()
    assert torch.equal(stroke(images, torch.ones(n)), larger)
    smaller = -torch.nn.functional.max_pool2d(-images.float(), 3, 1, 1)
    assert torch.equal(stroke(images, -torch.ones(n)), smaller.byte())


def test_thicker_only_brightens_thinner_only_darkens_and_a_constant_image_stays():
    images = pictures((10, 10))
    up, down = stroke(images, torch.full((14,), 0.4)), stroke(images, torch.full((14,), -0.4))
    assert (up >= images).all() and (down <= images).all()
    assert (up > images).any() and (down < images).any()
    constant = torch.tensor([0, 93, 255], dtype=torch.uint8)[:, None, None, None].expand(3, 1, 7, 7)
    for u in (-0.6, 0.6):
        assert torch.equal(stroke(constant, torch.full((3,), u)), constant)


def test_amounts_are_uniform_and_drawn_for_each_image():
    amount = Stroke(0.6).draw(np.random.default_rng(0), 100_000, (28, 28))["amount"].numpy()
    counts = np.histogram(amount, 12, (-0.6, 0.6))[0]
    assert counts.sum() == 100_000
    assert np.abs(counts / 100_000 - 1 / 12).max() < 4 * (1 / 12 / 100_000) ** 0.5
