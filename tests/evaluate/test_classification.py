"""Accuracy, recalls and their means from logits, and the figure that is reported."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gristmill.evaluate.classification import against_prior, classification, median_of_last, metrics


@given(st.integers(1, 40), st.integers(2, 8), st.integers(0, 10**6))
def test_figures_equal_those_counted_one_image_at_a_time(n, classes, seed):
    rng = np.random.default_rng(seed)
    logits, labels = rng.integers(-2, 3, (n, classes)).astype(np.float32), rng.integers(0, classes, n)  # many ties
    found = classification(logits, labels)
    orders = [np.argsort(-row, kind="stable").tolist() for row in logits]
    assert found.top1 == pytest.approx(np.mean([y == o[0] for y, o in zip(labels, orders, strict=True)]))
    assert found.top5 == pytest.approx(np.mean([y in o[:5] for y, o in zip(labels, orders, strict=True)]))
    assert found.top1 == pytest.approx(found.confusion.trace() / n) and found.confusion.sum() == n
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    assert found.cost == pytest.approx(-np.log(shares[np.arange(n), labels]).mean(), rel=1e-5)
    present = np.unique(labels)
    assert np.isnan(found.recall).sum() == classes - len(present)
    assert found.balanced_accuracy == pytest.approx(np.mean([found.recall[k] for k in present]))


def test_with_fewer_than_five_classes_every_image_is_among_the_first_five():
    assert classification(np.array([[3.0, 1.0, 2.0]]), np.array([1])).top5 == 1


def test_a_class_never_recognized_lowers_the_geometric_mean_but_not_to_zero():
    found = classification(np.eye(2)[[0, 0]], np.array([0, 1]))
    assert found.recall.tolist() == [1, 0] and found.geometric_mean == pytest.approx((1 / 200) ** 0.5)


def test_a_class_without_labeled_images_leaves_the_adjusted_figures_finite():
    found = metrics(np.eye(3, dtype=np.float32), np.arange(3), [100, 10, 0])
    assert np.isfinite(list(found.values())).all() and set(found) >= {"top1", "top1_la", "geometric_mean_la"}


def test_a_flat_prior_changes_no_figure_that_does_not_depend_on_the_scale():
    logits = np.random.default_rng(0).standard_normal((50, 4))
    moved = classification(against_prior(logits, [7, 7, 7, 7]), np.arange(50) % 4)
    plain = classification(logits, np.arange(50) % 4)
    assert np.array_equal(moved.confusion, plain.confusion) and moved.cost == pytest.approx(plain.cost)


@pytest.mark.parametrize(
    ("logits", "labels", "message"),
    [
        (np.zeros((0, 3)), np.zeros(0, int), "at least one"),
        (np.zeros((2, 3)), np.zeros(1, int), "each of 2 images"),
        (np.zeros((2, 3)), np.zeros(2), "an integer"),
        (np.zeros((2, 3)), np.array([0, 3]), "0 to 2 are possible, found 0 to 3"),
        (np.zeros((2, 3)), np.array([-1, 0]), "found -1 to 0"),
        (np.array([[0, np.nan, 0], [0, 0, 0]]), np.zeros(2, int), "1 images have some that are not finite"),
    ],
)
def test_what_cannot_be_judged_is_refused(logits, labels, message):
    with pytest.raises(ValueError, match=message):
        classification(logits, labels)


def test_the_reported_figure_is_the_median_of_the_last_evaluations():
    assert median_of_last([9.0, 1.0, 2.0, 3.0], 3) == 2 and median_of_last([4.0]) == 4
    with pytest.raises(ValueError, match="no evaluation"):
        median_of_last([])
