"""The vote of neighbors says what a plain loop in float64 says."""

from math import exp, log

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gristmill.evaluate import knn
from gristmill.evaluate.accuracy import best, place, top
from gristmill.evaluate.knn import votes
from tests.evaluate import reference


def scored(*args, **more) -> torch.Tensor:
    return torch.cat([score for _, score in votes(*args, **more)])


def plain(features, gallery, labels, classes, k, temperature) -> np.ndarray:
    """N x C: one image, one neighbor at a time. Of equally near ones the lower class is nearer, so sort by class."""
    order = np.argsort(labels, kind="stable")
    cosines = reference.cosines(features, gallery[order])
    scores = np.full((len(features), classes), -np.inf)
    for query, ranking in enumerate(reference.ranking(features, gallery[order])):
        for j in ranking[:k]:
            own = labels[order[j]]
            scores[query, own] = log(exp(cosines[query, j] / temperature) + exp(scores[query, own]))
    return scores


@st.composite
def galleries(draw):
    """Whole numbers make ties by the dozen."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n, m, d, classes = (draw(st.integers(1, most)) for most in (9, 30, 5, 7))
    whole = draw(st.booleans())
    features, gallery = (
        rng.integers(-2, 3, (size, d)).astype(float) if whole else rng.standard_normal((size, d)) for size in (n, m)
    )
    return features, gallery, rng.integers(0, classes, m), classes


@given(galleries(), st.integers(1, 40), st.sampled_from([0.07, 0.1, 1.0]), st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_scores_are_those_of_a_plain_loop_whatever_the_block(case, k, temperature, rows):
    features, gallery, labels, classes = case
    found = scored(*map(torch.from_numpy, (features, gallery, labels)), classes, k, temperature, rows=rows)
    wanted = plain(features, gallery, labels, classes, k, temperature)
    np.testing.assert_allclose(found.numpy(), wanted, rtol=1e-9, atol=1e-9)


@given(galleries(), st.integers(1, 40), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_the_gallery_does_not_matter_even_with_ties(case, k, random):
    features, gallery, labels, classes = case
    order = random.sample(range(len(labels)), len(labels))
    query = torch.from_numpy(features)
    one = scored(query, torch.from_numpy(gallery), torch.from_numpy(labels), classes, k, 0.07)
    other = scored(query, torch.from_numpy(gallery[order]), torch.from_numpy(labels[order]), classes, k, 0.07)
    np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-9, atol=1e-9)
    assert best(one).equal(best(other))


def test_of_tied_classes_the_lower_one_is_ahead_and_classes_without_a_vote_come_last_in_order():
    gallery = torch.eye(3, dtype=torch.float64)
    query = gallery[1:].sum(0, keepdim=True)  # as near to classes 4 and 2, at a right angle to class 5
    scores = scored(query, gallery, torch.tensor([5, 4, 2]), 8, 2, 0.07)
    assert scores.isfinite().nonzero()[:, 1].tolist() == [2, 4]
    assert best(scores).tolist() == [2]
    places = place(scores.expand(8, -1), torch.arange(8))
    assert places.tolist() == [2, 3, 0, 4, 1, 5, 6, 7]  # a permutation: 2, 4, then 0, 1, 3, 5, 6, 7
    assert top(places, 5) == 5 / 8


def test_a_gallery_smaller_than_k_votes_as_a_whole():
    rng = torch.Generator().manual_seed(0)
    query, gallery, labels = torch.randn(5, 4, generator=rng), torch.randn(6, 4, generator=rng), torch.arange(6) % 3
    assert scored(query, gallery, labels, 3, 200, 0.1).equal(scored(query, gallery, labels, 3, 6, 0.1))


@pytest.mark.parametrize("temperature", [1e-3, 1e-6])
def test_a_small_temperature_neither_overflows_nor_changes_who_is_first(temperature):
    rng = torch.Generator().manual_seed(0)
    query, gallery, labels = torch.randn(50, 8, generator=rng), torch.randn(90, 8, generator=rng), torch.arange(90) % 9
    scores = scored(query, gallery, labels, 9, 20, temperature)
    assert not scores.isnan().any() and not scores.isposinf().any()
    assert best(scores).equal(best(scored(query, gallery, labels, 9, 1, 0.07)))


def test_a_zero_vector_gets_the_lower_classes_and_no_nan():
    scores = scored(torch.zeros(1, 4), torch.eye(4), torch.tensor([3, 2, 1, 0]), 4, 2, 0.07)
    assert scores.exp()[0].tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_scores_are_of_float64_whatever_holds_the_features(dtype):
    rng = torch.Generator().manual_seed(0)
    query, gallery = (torch.randn(n, 33, generator=rng).to(dtype) for n in (20, 300))
    found = scored(query, gallery, torch.arange(300) % 7, 7, 20, 0.07)
    exact = scored(query.double(), gallery.double(), torch.arange(300) % 7, 7, 20, 0.07)
    assert found.dtype == torch.float64
    np.testing.assert_allclose(found, exact, rtol=1e-12)


@pytest.mark.parametrize("classes", [10, 700])
def test_memory_is_bounded_in_images_gallery_and_classes(classes, monkeypatch):
    monkeypatch.setattr(knn, "BLOCK", 1000)
    query, gallery = torch.randn(40, 4), torch.randn(150, 4)
    blocks = list(votes(query, gallery, torch.arange(150) % 10, classes, 20, 0.07))
    assert sum(len(score) for _, score in blocks) == 40
    assert max(len(score) * max(150, classes) for _, score in blocks) <= 1000


def test_impossible_settings_are_refused():
    for k, temperature in [(0, 0.07), (5, 0.0)]:
        with pytest.raises(ValueError, match="k of at least 1 and a temperature above 0"):
            list(votes(torch.eye(2), torch.eye(2), torch.arange(2), 2, k, temperature))
