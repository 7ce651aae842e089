"""Fine classes found inside coarse ones: clusters, agreement with the truth, and what is left out."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_score

from gristmill.errors import UserError
from gristmill.evaluate.agreement import adjusted_rand, assign, matched, mutual_information, shared
from gristmill.evaluate.discover import Proposal, counted, discover, score
from gristmill.evaluate.kmeans import kmeans, lloyd, silhouettes

TRUTH = {"number": "truth", "restarts": 3}
partitions = st.integers(1, 40).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 6), min_size=n, max_size=n).map(np.array)] * 2)
)


def clouds(noise: float, kinds: int = 12, images: int = 10, dim: int = 8) -> tuple[np.ndarray, ...]:
    """Features around one point a fine class, fine labels, and coarse labels of which each has four fine classes."""
    rng = np.random.default_rng(0)
    fine = np.arange(kinds * images) % kinds
    features = rng.normal(size=(kinds, dim))[fine] + noise * rng.normal(size=(len(fine), dim))
    return features.astype(np.float32), fine, fine % (kinds // 4)


def fields(proposal: Proposal) -> list[np.ndarray]:
    return list(vars(proposal).values())


@given(partitions)
@settings(max_examples=200, deadline=None)
def test_agreement_is_that_of_scikit_learn(case: tuple[np.ndarray, np.ndarray]):
    table = shared(*case)
    assert table.sum() == len(case[0])
    assert mutual_information(table) == pytest.approx(normalized_mutual_info_score(*case), abs=1e-9)
    assert adjusted_rand(table) == pytest.approx(adjusted_rand_score(*case), abs=1e-9)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1), st.sampled_from([2, 1000]))
@settings(max_examples=200, deadline=None)
def test_matching_is_the_best_there_is(rows: int, columns: int, seed: int, high: int):
    table = np.random.default_rng(seed).integers(0, high, (rows, columns))
    one, other = linear_sum_assignment(table, maximize=True)
    assert matched(table) == table[one, other].sum()
    pairs = assign(-table)
    assert len(pairs) == len({row for row, _ in pairs}) == len({column for _, column in pairs}) == min(table.shape)


def test_score_by_hand_is_weighted_by_images():
    coarse = np.array([0] * 4 + [1] * 2 + [2] * 3 + [-1])
    fine = np.array([0, 0, 1, 1, 2, 3, 4, 4, 4, 5])
    proposed = np.array([0, 0, 0, 1, 0, 0, 0, 1, 2, -1])  # class 2 has one fine class: nothing to find
    found = score(proposed, fine, coarse)
    nmi = normalized_mutual_info_score(fine[:4], proposed[:4])
    assert found["accuracy"] == pytest.approx((3 + 1) / 6)
    assert found["nmi"] == pytest.approx((4 * nmi + 2 * 0) / 6)
    assert found["ari"] == pytest.approx((4 * adjusted_rand_score(fine[:4], proposed[:4]) + 2 * 0) / 6)


def test_perfect_is_one_and_a_number_means_nothing_across_coarse_classes():
    fine, coarse = np.array([0, 0, 1, 2, 3, 3]), np.array([0, 0, 0, 1, 1, 1])
    assert score(np.array([1, 1, 0, 0, 1, 1]), fine, coarse) == {"nmi": 1, "ari": 1, "accuracy": 1}


@pytest.mark.parametrize(
    ("fine", "coarse"),
    [
        ([], []),
        ([0], [0]),
        ([0, 0], [0, 0]),
        ([0, 1], [0, 1]),
        ([0, 1], [-1, -1]),
        ([-1, -1], [0, 0]),
        ([-1, 1], [0, 0]),
    ],
)
def test_where_there_is_nothing_to_find_there_is_no_score(fine: list[int], coarse: list[int]):
    labels = np.array(fine, int), np.array(coarse, int)
    assert not counted(labels[1], labels[0]).any()
    found = discover(np.ones((len(fine), 3), np.float32), labels[1], TRUTH, labels[0])
    assert score(found.own, *labels) == {}
    assert all(np.isfinite(values).all() for values in fields(found))


def test_separate_classes_are_found_by_the_true_number_and_by_silhouette():
    features, fine, coarse = clouds(0.05)
    for chosen in (TRUTH, {"number": 4, "restarts": 3}, {"number": "silhouette", "most": 12, "restarts": 3}):
        found = discover(features, coarse, chosen, fine)
        assert score(found.own, fine, coarse) == {"nmi": 1, "ari": 1, "accuracy": 1}
        assert found.confidence.min() > 0.5
    assert score(discover(features, coarse, {"number": 2, "restarts": 3}).own, fine, coarse)["accuracy"] == 0.5


def test_labels_that_are_not_known_are_left_out():
    features, fine, coarse = clouds(0.05)
    fine, coarse = fine.copy(), coarse.copy()
    fine[:20], coarse[40:50] = -1, -1
    found = discover(features, coarse, TRUTH, fine)
    assert (found.own[40:50] == -1).all() and (found.confidence[40:50] == 0).all()
    assert (found.own[:20] >= 0).all()  # a class is proposed without its name being known
    assert score(found.own, fine, coarse)["accuracy"] == 1
    nothing = discover(features, coarse, TRUTH, np.full_like(fine, -1))
    assert (nothing.own == -1).all()
    assert (discover(features, np.full_like(coarse, -1), {"number": 3, "restarts": 1}).own == -1).all()


def test_confidence_and_second_choice_are_those_of_the_means():
    features, fine, coarse = clouds(0.8)
    found = discover(features, coarse, TRUTH, fine)
    rows = features / np.linalg.norm(features.astype(float), axis=1, keepdims=True)
    for i in range(len(rows)):
        means = {k: rows[(coarse == coarse[i]) & (found.own == k)].mean(0) for k in set(found.own[coarse == coarse[i]])}
        apart = {k: np.linalg.norm(rows[i] - mean) for k, mean in means.items()}
        first, second = sorted(apart, key=lambda k: apart[k])[:2]
        assert (found.own[i], found.second[i]) == (first, second)
        assert found.distance[i] == pytest.approx(apart[first], abs=1e-9)
        assert found.confidence[i] == pytest.approx(1 - apart[first] / apart[second], abs=1e-9)
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()


def test_larger_classes_come_first_and_one_class_leaves_no_doubt():
    features = np.repeat(np.eye(3, dtype=np.float32), [1, 5, 3], axis=0)
    found = discover(features, np.zeros(9, int), {"number": 3, "restarts": 2})
    assert found.own.tolist() == [2] + [0] * 5 + [1] * 3
    alone = discover(features, np.zeros(9, int), {"number": 1, "restarts": 2})
    assert (alone.own == 0).all() and (alone.second == -1).all() and (alone.confidence == 1).all()


@pytest.mark.parametrize("number", [1, 2, 5, 50, "silhouette", "truth"])
@pytest.mark.parametrize(
    "features",
    [np.zeros((6, 3)), np.ones((6, 3)), np.repeat(np.eye(3), 2, axis=0), np.ones((1, 4)), np.eye(2), np.zeros((0, 3))],
    ids=["zero", "alike", "pairs", "one", "two", "none"],
)
def test_never_more_classes_than_distinct_images(features: np.ndarray, number: Any):
    chosen = {"number": number, "most": 9, "restarts": 2}
    found = discover(features.astype(np.float32), np.full(len(features), 7), chosen, np.arange(len(features)))
    distinct = len(np.unique(features, axis=0))
    wanted = number if isinstance(number, int) else len(features)
    assert len(np.unique(found.own)) <= min(distinct, wanted)
    if number == 50:
        assert len(np.unique(found.own)) == distinct
    assert all(np.isfinite(values).all() for values in fields(found))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_features_that_are_not_finite_are_the_users_to_mend(bad: float):
    features, fine, coarse = clouds(0.1)
    features[[5, 9], 2] = bad
    with pytest.raises(UserError, match=r"2 of 120 rows are not finite \(the first is row 5\).*train\.lr"):
        discover(features, coarse, TRUTH, fine)


def test_same_bits_with_any_number_of_threads_and_whatever_else_is_there():
    features, fine, coarse = clouds(1.0, kinds=24, images=12, dim=300)
    threads = torch.get_num_threads()
    found = []
    try:
        for count in (1, 3):
            torch.set_num_threads(count)
            found.append(discover(features, coarse, TRUTH, fine))
            assert torch.get_num_threads() == count
    finally:
        torch.set_num_threads(threads)
    assert all(np.array_equal(*pair) for pair in zip(*map(fields, found), strict=True))
    part = coarse == 2
    alone = discover(features[part], coarse[part], TRUTH, fine[part])
    assert all(np.array_equal(a, b[part]) for a, b in zip(fields(alone), fields(found[0]), strict=True))
    longer = discover(features * 4, coarse, TRUTH, fine)  # only directions count
    assert np.array_equal(longer.own, found[0].own)


@pytest.mark.parametrize(("rows", "dim", "number"), [(200, 8, 12), (60, 300, 20), (300, 2, 5)])
def test_clusters_are_as_tight_as_scikit_learns(rows: int, dim: int, number: int):
    data = np.random.default_rng(1).normal(size=(rows, dim))
    own, loss = kmeans(torch.from_numpy(data), number, 10)
    means = np.stack([data[own.numpy() == k].mean(0) for k in range(number)])
    apart = ((data[:, None] - means) ** 2).sum(2)
    assert loss.item() == pytest.approx(apart[np.arange(rows), own].sum())
    assert np.array_equal(apart.argmin(1), own)  # nobody would rather be elsewhere
    assert loss.item() < 1.02 * KMeans(number, n_init=10, random_state=0).fit(data).inertia_


def test_a_cluster_that_loses_its_last_row_starts_again():
    rows = torch.tensor([[0.0], [0.1], [5.0], [9.0]], dtype=torch.float64)
    own, loss = lloyd(rows, torch.tensor([[0.0], [1e3], [1e4]], dtype=torch.float64))
    assert own.tolist() in ([0, 0, 2, 1], [0, 0, 1, 2]) and loss.item() == pytest.approx(0.005)


@pytest.mark.parametrize("block", [2_000_000, 50])
def test_silhouettes_are_those_of_scikit_learn(block: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gristmill.evaluate.cosine.BLOCK", block)
    rng = np.random.default_rng(2)
    data = rng.normal(size=(40, 3))
    owns = [np.r_[np.arange(k), rng.integers(0, k, 40 - k)] for k in (2, 3, 12)] + [np.r_[0, np.ones(39, int)]]
    found = silhouettes(torch.from_numpy(data), [torch.from_numpy(own) for own in owns])
    assert found.tolist() == pytest.approx([silhouette_score(data, own) for own in owns], abs=1e-7)
    assert silhouettes(torch.from_numpy(data), [torch.zeros(40, dtype=torch.int64)]).item() == 0
