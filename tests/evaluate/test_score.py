"""The figures of data sets: plain loops, ties, classes that are missing, images that do not count."""

import numpy as np
import pytest
import torch

from gristmill.evaluate.score import average_precision_11, curve, map_11, mean_class, scores, top1, top5
from tests.golden import cases


def test_each_class_weighs_the_same_and_one_without_images_not_at_all():
    labels = torch.tensor([0, 0, 0, 1, 3])
    logits = torch.eye(4)[torch.tensor([0, 0, 2, 1, 0])]
    assert mean_class(logits, labels) == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert top1(logits, labels) == pytest.approx(3 / 5)
    assert top5(logits, labels) == 1


def test_a_constant_is_the_lowest_class():
    logits, labels = torch.zeros(6, 3), torch.tensor([0, 0, 0, 1, 2, 2])
    assert top1(logits, labels) == 0.5
    assert mean_class(logits, labels) == pytest.approx(1 / 3)


def test_the_labels_say_which_figures_there_are():
    logits = torch.randn(4, 6)
    assert set(scores(logits, torch.tensor([0, 1, 2, 5]))) == {"top1", "top5", "mean_class"}
    assert set(scores(logits, torch.ones(4, 6, dtype=torch.long))) == {"map_11"}


CURVES = [case for case in cases("selfsup") if case.kind == "voc_ap"]


@pytest.mark.parametrize("case", CURVES, ids=lambda case: case.name)
def test_average_precision_is_that_of_the_development_kit(case):
    case.load()
    recall, precision = curve(case.inputs["is_true_positive"].astype(bool), case.params["num_positives"])
    np.testing.assert_allclose(recall, case.outputs["recall"], rtol=case.rtol)
    np.testing.assert_allclose(precision, case.outputs["precision"], rtol=case.rtol)
    found = average_precision_11(recall, precision)
    np.testing.assert_allclose(found, case.outputs["ap_11point"], rtol=case.rtol, atol=case.atol)


@pytest.mark.parametrize("count", [10, 20, 30])
def test_a_recall_that_reaches_a_level_exactly_counts(count):
    for level in range(11):
        there = np.array([True] * (count * level // 10) + [False])
        assert average_precision_11(*curve(there, count)) == pytest.approx((level + 1 if level else 0) / 11)


def test_a_difficult_image_is_left_out_for_its_class_alone():
    logits = torch.tensor([[3.0, 0.0], [2.0, 3.0], [1.0, 1.0]])
    assert map_11(logits, torch.tensor([[0, 0], [1, 1], [0, 0]])) == pytest.approx((0.5 + 1) / 2)
    assert map_11(logits, torch.tensor([[-1, 0], [1, 1], [0, 0]])) == 1


def test_a_class_that_no_image_has_is_left_out_of_the_mean():
    labels = torch.tensor([[1, 0, -1], [0, 0, 0]])
    assert map_11(torch.tensor([[1.0, 0, 0], [0, 0, 0]]), labels) == 1
    with pytest.raises(ValueError, match="no image has any class"):
        map_11(torch.zeros(2, 3), torch.zeros(2, 3, dtype=torch.long))
    with pytest.raises(ValueError, match="shape"):
        map_11(torch.zeros(2, 3), torch.zeros(2, 2, dtype=torch.long))


def test_ties_do_not_praise_a_constant():
    labels = torch.tensor([[1], [0], [0], [0]])
    assert map_11(torch.zeros(4, 1), labels) == pytest.approx(0.25)
