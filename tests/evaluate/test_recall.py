"""Recall@K says what a plain float64 ranking says, and what `neighbours` says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gristmill.evaluate import screen
from gristmill.evaluate.neighbours import hit_rates, neighbours
from gristmill.evaluate.recall import recall_at_k
from tests.evaluate import reference

KS = [1, 2, 5, 10]


@st.composite
def retrievals(draw, kinds=("whole", "real", "near", "single")):
    """Features and labels: whole numbers make ties by the dozen, `near` makes ties that only float64 can break."""
    kind = draw(st.sampled_from(kinds))
    n, d = draw(st.integers(2, 40)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    features = rng.integers(-2, 3, (n, d)).astype(np.float64)
    if kind in ("real", "single"):
        features = rng.standard_normal((n, d))
    if kind == "near":
        features += rng.standard_normal((n, d)) * rng.choice([1e-8, 1e-7, 1e-4], (n, 1))  # no gap near TIE itself
    features *= 10.0 ** rng.integers(-3, 4, (n, 1))
    labels = rng.integers(0, draw(st.integers(1, n)), n)
    return features.astype(np.float32 if kind == "single" else np.float64), labels


@given(retrievals(), st.integers(1, 50))
@settings(max_examples=150, deadline=None)
def test_ranks_are_those_of_a_plain_float64_ranking_whatever_the_tile(case, tile):
    features, labels = case
    result = recall_at_k(features, labels, KS, tile=tile)
    assert result.rank.tolist() == reference.first_hits(features, labels)


@given(retrievals(), st.integers(1, 50))
@settings(max_examples=100, deadline=None)
def test_agrees_with_the_neighbours(case, rows):
    features, labels = case
    nearest = neighbours(features, max(KS), rows=rows)
    assert hit_rates(nearest, labels, KS) == recall_at_k(features, labels, KS).at


@given(retrievals(("real",)), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_images_does_not_matter_without_ties(case, random):
    features, labels = case
    if features.shape[1] < 3:
        return
    order = np.array(random.sample(range(len(labels)), len(labels)))
    shuffled, plain = recall_at_k(features[order], labels[order], [1]), recall_at_k(features, labels, [1])
    assert (shuffled.rank == plain.rank[order]).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("noise", [0.0, 1e-9, 1e-7, 1e-4])
def test_collapsed_features_are_still_ranked_exactly(dtype, noise):
    rng = np.random.default_rng(3)
    features = (rng.standard_normal(16) + noise * rng.standard_normal((300, 16))).astype(dtype)
    labels = rng.integers(0, 40, 300)
    result = recall_at_k(features, labels, KS, tile=70)
    assert result.rank.tolist() == reference.first_hits(features, labels)


def test_a_duplicate_with_another_label_is_met_before_the_own_class():
    features = np.array([[1.0, 0.0], [1.0, 0.0], [0.9, 0.1], [0.9, 0.1]])
    assert recall_at_k(features, np.array([0, 1, 0, 1]), [1, 2, 3]).at == {1: 0.0, 2: 0.5, 3: 1.0}


def on_a_circle(*angles: float) -> np.ndarray:
    return np.stack([np.cos(angles), np.sin(angles)], 1)


def test_ties_go_to_the_lower_index():
    features = on_a_circle(0.3, 0.5, 0.5, 0.5, 0.5)
    assert recall_at_k(features, np.array([0, 1, 1, 0, 0]), [1]).rank[0] == 3
    assert recall_at_k(features, np.array([0, 0, 1, 1, 1]), [1]).rank[0] == 1


def test_a_chain_of_ties_is_one_tie():
    chain = on_a_circle(0.0, 0.5 + 2.8e-12, 0.5 + 1.4e-12, 0.5)  # neighbouring cosines differ by 0.7e-12
    assert recall_at_k(chain, np.array([0, 0, 1, 1]), [1]).rank[0] == 1
    assert recall_at_k(chain, np.array([0, 1, 1, 0]), [1]).rank[0] == 3
    broken = chain[[0, 1, 3]]
    assert recall_at_k(broken, np.array([0, 0, 1]), [1]).rank[0] == 2
    assert neighbours(chain, 3)[0].tolist() == [1, 2, 3]
    assert neighbours(broken, 2)[0].tolist() == [2, 1]


def test_an_image_alone_with_its_label_counts_and_is_never_hit():
    features = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]])
    result = recall_at_k(features, np.array([7, 7, 3]), [1, 2, 50])
    assert result.rank.tolist() == [1, 1, 0]
    assert result.at[50] == pytest.approx(2 / 3)
    assert recall_at_k(features, np.array([0, 1, 2]), [1]).at == {1: 0.0}


def test_a_gallery_smaller_than_k_is_used_whole_and_named():
    result = recall_at_k(np.eye(4), np.array([0, 0, 1, 1]), [1, 3, 5, 100])
    assert (result.gallery, result.short) == (3, [5, 100])
    assert result.at[5] == result.at[3] == 1.0
    assert recall_at_k(np.ones((1, 2)), np.array([0]), [1]).at == {1: 0.0}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_features_that_are_not_finite_are_refused_by_row(value):
    features = np.ones((5, 3), np.float32)
    features[2, 1] = features[4, 0] = value
    for call in (lambda: recall_at_k(features, np.zeros(5, int), [1]), lambda: neighbours(features, 1)):
        with pytest.raises(ValueError, match=r"features: 2 of 5 rows are not finite \(the first is row 2\)"):
            call()


@pytest.mark.parametrize(
    ("labels", "ks", "says"),
    [
        ([0, -1, 1], [1], "labels: 1 images have none"),
        ([0, 1], [1], "labels: an integer for each of the 3"),
        ([0.0, 1.0, 1.0], [1], "found float64"),
        ([0, 1, 1], [0, 1], "ks: numbers of at least 1"),
        ([0, 1, 1], [], "ks: numbers of at least 1"),
    ],
)
def test_wrong_labels_and_ks_are_named(labels, ks, says):
    with pytest.raises(ValueError, match=says):
        recall_at_k(np.eye(3), np.array(labels), ks)


@pytest.mark.parametrize("spread", [1.0, 0.0])
def test_memory_is_bounded_and_every_pair_is_multiplied_once(spread, monkeypatch):
    sizes, real = [], screen.similarity
    monkeypatch.setattr(screen, "similarity", lambda a, b: sizes.append(len(a) * len(b)) or real(a, b))
    rng, n = np.random.default_rng(0), 3000
    features = (spread * rng.standard_normal((n, 8)) + 1).astype(np.float32)
    labels = np.arange(n) % 300
    found = []
    real_pairs = screen.Screen.pairs
    monkeypatch.setattr(screen.Screen, "pairs", lambda self: found.append(self) or real_pairs(self))
    recall_at_k(features, labels, [1])
    assert max(sizes) <= screen.BLOCK
    assert sum(sizes) < 0.75 * n * n  # of 2 tiles a side; tends to one half
    kept = sum(pairs.shape[1] for pairs in found[0].found)
    assert kept <= n * found[0].limit + screen.BLOCK
