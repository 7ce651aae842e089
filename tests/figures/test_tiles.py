"""Tiles: unequal images stand in equal squares."""

import numpy as np
import pytest

from gristmill.figures.gallery import retrieval_gallery


def test_images_of_many_sizes_keep_their_aspect_inside_their_tile():
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (h, w, 3), np.uint8) for h, w in [(40, 20), (20, 40), (30, 30), (300, 120)]]
    figure = retrieval_gallery(images, np.array([0, 3]), np.array([[1, 2], [2, 0]]), np.array([0, 0, 1, 1]), ["a", "b"])
    placed = [image.get_extent() for image in figure.axes[0].images]
    assert len(placed) == 6
    for (left, right, bottom, top), image in zip(placed, [images[i] for i in (0, 1, 2, 3, 2, 0)], strict=True):
        assert max(right - left, bottom - top) == pytest.approx(1)
        assert (bottom - top) / (right - left) == pytest.approx(image.shape[0] / image.shape[1])
