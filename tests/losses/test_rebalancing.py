"""Logit adjustment, class weights and margins at their edges."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from gristmill.losses.logit_adjustment import adjusted, log_prior
from gristmill.losses.reweighting import class_balanced_weights, ldam_loss, ldam_margins, weighted_cross_entropy

COUNTS = torch.tensor([500.0, 5.0, 0.0])


def test_training_with_the_prior_and_testing_against_it_undo_each_other():
    logits, prior = torch.randn(4, 3), log_prior(COUNTS)
    torch.testing.assert_close(adjusted(adjusted(logits, prior), prior, -1), logits)


def test_a_class_without_labeled_images_keeps_everything_finite():
    logits, labels = torch.randn(4, 3, requires_grad=True), torch.tensor([0, 1, 0, 1])
    weights, margins = class_balanced_weights(COUNTS, 0.999), ldam_margins(COUNTS)
    losses = [
        cross_entropy(adjusted(logits, log_prior(COUNTS)), labels),
        cross_entropy(adjusted(logits, log_prior(COUNTS), -1), labels),
        weighted_cross_entropy(logits, labels, weights),
        ldam_loss(logits, labels, margins, weights),
    ]
    torch.stack(losses).sum().backward()
    assert all(bool(loss.isfinite()) and loss.dtype == torch.float32 for loss in losses)
    assert logits.grad is not None and bool(logits.grad.isfinite().all())
    assert weights[2] == 0 and margins[2] == 0 and margins.max() == 0.5


@pytest.mark.parametrize("beta", [1e-9, 0.9, 0.999, 0.9999999, 1.0])
def test_weights_sum_to_the_number_of_classes_and_favor_the_rare_in_single_precision(beta):
    counts = torch.tensor([5000.0, 500.0, 5.0, 1.0])
    weights, exact = class_balanced_weights(counts, beta), class_balanced_weights(counts.double(), beta)
    torch.testing.assert_close(weights.double(), exact, rtol=1e-5, atol=0)
    assert float(weights.sum()) == pytest.approx(4, rel=1e-6) and weights.tolist() == sorted(weights.tolist())


def test_the_two_weighted_losses_divide_differently():
    logits, labels, weights = torch.randn(4, 2), torch.tensor([0, 0, 0, 1]), torch.tensor([0.5, 1.5])
    each = cross_entropy(logits, labels, reduction="none") * weights[labels]
    torch.testing.assert_close(weighted_cross_entropy(logits, labels, weights), each.sum() / 4)
    torch.testing.assert_close(ldam_loss(logits, labels, torch.zeros(2), weights, 1), each.sum() / 3)
