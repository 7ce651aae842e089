"""Quality of pseudo-labels, and what is left where something was never seen or never given."""

import warnings

import numpy as np
import pytest

from gristmill.evaluate.pseudo_labels import LabelQuality, label_table


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def quality(truth, labels, classes) -> LabelQuality:
    return LabelQuality(label_table(np.array(truth, int), np.array(labels, int), classes))


def test_a_class_without_images_and_a_label_never_given_are_not_a_number_and_left_out_of_means():
    found = quality([0, 0, 1], [0, 2, 0], 4)
    np.testing.assert_allclose(found.recall, [0.5, 0, np.nan, np.nan])
    np.testing.assert_allclose(found.precision, [0.5, np.nan, 0, np.nan])
    np.testing.assert_allclose(found.gain, [1, 0, np.nan, np.nan])
    assert found.mean_recall == 0.25 and found.mean_precision == 0.25
    assert found.released_mean_precision == (0.5 - 1 + 0 - 1) / 4


def test_images_without_a_label_count_for_their_class_and_for_no_label():
    found = quality([0, 0, 1, 1], [-1, 0, -1, -1], 2)
    assert found.recall.tolist() == [0.5, 0] and found.given.tolist() == [1, 0]
    assert found.accuracy == 1 and found.imbalance == 1


def test_images_of_unknown_class_are_left_out():
    assert label_table(np.array([-1, 0]), np.array([1, 1]), 2).tolist() == [[0, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize("labels", [[], [-1, -1]])
def test_without_any_label_nothing_fails(labels):
    found = quality([0, 1][: len(labels)], labels, 2)
    assert np.isnan(found.accuracy) and np.isnan(found.imbalance) and np.isnan(found.mean_precision)
    assert np.isnan(found.share).all() and found.given.tolist() == [0, 0]


def test_the_labels_that_are_used_have_shares_and_an_accuracy_of_their_own():
    truth, labels, mask = np.array([0, 0, 1, 1]), np.array([0, 0, 0, 1]), np.array([True, True, True, False])
    used = LabelQuality(label_table(truth[mask], labels[mask], 2))
    assert used.share.tolist() == [1, 0] and used.accuracy == pytest.approx(2 / 3)
    assert used.given.sum() / mask.size == 0.75


def test_tables_of_batches_add_up():
    rng = np.random.default_rng(0)
    truth, labels = rng.integers(0, 5, 60), rng.integers(-1, 5, 60)
    halves = label_table(truth[:30], labels[:30], 5) + label_table(truth[30:], labels[30:], 5)
    assert np.array_equal(halves, label_table(truth, labels, 5))
