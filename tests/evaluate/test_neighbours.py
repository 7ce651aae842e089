"""Neighbours are those of a plain float64 ranking."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gristmill.evaluate.neighbours import hit_rates, neighbours
from tests.evaluate import reference
from tests.evaluate.test_recall import retrievals


@given(retrievals(), st.integers(1, 12), st.integers(1, 50))
@settings(max_examples=150, deadline=None)
def test_leave_one_out_whatever_the_block(case, k, rows):
    features, _ = case
    expected = [others[:k] for others in reference.ranking(features)]
    assert neighbours(features, k, rows=rows).tolist() == expected


@given(retrievals(), st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_of_another_gallery_nothing_is_left_out(case, k):
    features, _ = case
    queries, gallery = features[: len(features) // 2], features
    expected = [others[:k] for others in reference.ranking(queries, gallery)]
    assert neighbours(queries, k, gallery, rows=3).tolist() == (expected or np.empty((0, k)).tolist())


@pytest.mark.parametrize("noise", [0.0, 1e-8, 1e-4])
def test_collapsed_features(noise):
    rng = np.random.default_rng(1)
    features = (rng.standard_normal(16) + noise * rng.standard_normal((120, 16))).astype(np.float32)
    assert neighbours(features, 10).tolist() == [others[:10] for others in reference.ranking(features)]


def test_no_more_neighbours_than_there_are():
    assert neighbours(np.eye(3), 10).shape == (3, 2)
    assert neighbours(np.eye(3), 10, np.eye(3)[:2]).shape == (3, 2)
    assert neighbours(np.ones((1, 3)), 1).shape == (1, 0)
    assert neighbours(np.eye(3), 2).dtype == np.int64


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match="k: at least 1"):
        neighbours(np.eye(3), 0)
    with pytest.raises(ValueError, match="gallery: 2 values a row, but the features have 3"):
        neighbours(np.eye(3), 1, np.eye(2))
    with pytest.raises(ValueError, match="N x d"):
        neighbours(np.ones(3), 1)
    with pytest.raises(ValueError, match="only 1 neighbours are given"):
        hit_rates(neighbours(np.eye(3), 1), np.zeros(3, int), [1, 2])
    with pytest.raises(ValueError, match="gallery: 1 of 1 rows are not finite"):
        neighbours(np.eye(3), 1, np.full((1, 3), np.nan))
