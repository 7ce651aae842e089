"""Losses against pseudo-labels and prototypes at their edges."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, inf

from gristmill.losses.agreement import agreed
from gristmill.losses.blend import blend, blending_weights
from gristmill.losses.consistency import confident, masked_cross_entropy, ramp
from gristmill.losses.mutual_information import triplet_loss
from gristmill.losses.semantic import alignment_loss, cosines, semantic_probabilities


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_without_a_confident_sample_loss_and_gradient_are_exactly_zero_even_beside_infinite_ones():
    logits = draw(4, 3)
    logits[0, 0] = -inf
    logits.requires_grad_()
    label = torch.tensor([0, 1, 2, 1])
    loss = masked_cross_entropy(logits, label, torch.zeros(4, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0 and loss.dtype == torch.float32
    assert logits.grad is not None and bool((logits.grad == 0).all())


def test_the_consistency_loss_divides_by_all_samples_and_moves_the_used_alone():
    logits, label = draw(4, 3).requires_grad_(), torch.tensor([0, 1, 2, 1])
    mask = torch.tensor([True, False, False, True])
    loss = masked_cross_entropy(logits, label, mask)
    loss.backward()
    expected = -logits.log_softmax(1)[[0, 3], [0, 1]].sum() / 4
    torch.testing.assert_close(loss, expected)
    assert logits.grad is not None and logits.grad.any(1).tolist() == mask.tolist()


def test_pseudo_labels_take_no_gradient_the_first_of_equals_and_reach_the_threshold():
    p = torch.tensor([[0.5, 0.5, 0.0], [0.25, 0.75, 0.0]], requires_grad=True)
    label, mask = confident(p, 0.75)
    assert label.tolist() == [0, 1] and mask.tolist() == [False, True]
    assert not label.requires_grad and not mask.requires_grad


@pytest.mark.parametrize("shape", ["linear", "exp"])
def test_a_ramp_rises_to_one_and_stays_there(shape):
    values = [ramp(step, 100, 0.4, shape) for step in range(100)]
    assert values == sorted(values) and values[40:] == [1.0] * 60
    assert values[0] == pytest.approx(0 if shape == "linear" else 0.0067, abs=1e-4)
    assert ramp(0, 100, 0.0, shape) == 1


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 10**6))
def test_semantic_probabilities_sum_to_one_whatever_the_lengths(n, k, seed):
    features, prototypes = draw(n, 4, seed=seed), draw(k, 4, seed=seed + 1)
    q = semantic_probabilities(features, prototypes, 0.05)
    torch.testing.assert_close(q.sum(1), torch.ones(n))
    torch.testing.assert_close(
        q, semantic_probabilities(1000 * features, 0.01 * prototypes, 0.05), atol=1e-4, rtol=1e-3
    )


def test_zero_vectors_have_cosine_zero_and_finite_gradients():
    features = torch.cat([torch.zeros(1, 4), draw(2, 4)]).requires_grad_()
    prototypes = torch.cat([torch.zeros(1, 4), draw(2, 4, seed=1)]).requires_grad_()
    similarity = cosines(features, prototypes)
    assert bool((similarity[0] == 0).all()) and bool((similarity[:, 0] == 0).all())
    q = semantic_probabilities(features, prototypes, 0.05)
    alignment_loss(q, features, prototypes, 0.05).backward()
    assert features.grad is not None and bool(features.grad.isfinite().all())
    assert prototypes.grad is None and not q.requires_grad


def test_the_alignment_loss_moves_the_strong_views_features_alone():
    semantic, strong, prototypes = (draw(3, 3, seed=seed).requires_grad_() for seed in range(3))
    alignment_loss(semantic, strong, prototypes, 0.05).backward()
    assert semantic.grad is None and prototypes.grad is None and strong.grad is not None and bool(strong.grad.any())


def test_before_any_class_was_seen_all_semantic_labels_are_alike():
    q = semantic_probabilities(draw(3, 4), torch.zeros(5, 4), 0.05)
    torch.testing.assert_close(q, torch.full((3, 5), 0.2))


def test_small_temperatures_stay_finite_in_single_precision():
    weak, strong, prototypes = draw(8, 16), draw(8, 16, seed=1).requires_grad_(), draw(5, 16, seed=2)
    loss = alignment_loss(semantic_probabilities(weak, prototypes, 0.001), strong, prototypes, 0.001)
    loss.backward()
    assert bool(loss.isfinite()) and strong.grad is not None and bool(strong.grad.isfinite().all())


def test_a_window_without_labels_blends_nothing_and_a_class_without_labels_keeps_its_linear_opinion():
    assert blending_weights(torch.zeros(3, dtype=torch.long), 0.3).tolist() == [0, 0, 0]
    upsilon = blending_weights(torch.tensor([9, 0, 3]), 0.3)
    assert upsilon[0] == 1 and upsilon[1] == 0 and upsilon.dtype == torch.float32
    p, q = draw(6, 3).softmax(1), draw(6, 3, seed=1).softmax(1)
    blended, kept = blend(p, q, upsilon), p.argmax(1) == 1
    assert torch.equal(blended[kept], p[kept]) and torch.equal(blended[p.argmax(1) == 0], q[p.argmax(1) == 0])


def test_constant_blends_of_nothing_and_all_are_exact():
    p, q = draw(6, 3).softmax(1), draw(6, 3, seed=1).softmax(1)
    assert torch.equal(blend(p, q, torch.zeros(3)), p) and torch.equal(blend(p, q, torch.ones(3)), q)
    torch.testing.assert_close(blend(p, q, torch.full((3,), 0.25)), 0.75 * p + 0.25 * q)


def test_a_zero_prototype_is_never_agreed_on_above_a_positive_threshold():
    features, prototypes = 0.01 * draw(20, 4), torch.cat([torch.zeros(1, 4), draw(2, 4, seed=1)])
    label, mask = agreed(features, prototypes, 0.1)  # near the origin the zero prototype is nearest by distance
    assert not bool(mask.any()) and label.shape == (20,)


@pytest.mark.parametrize("n", [1, 7])
def test_mutual_information_is_finite_where_classes_collapse(n):
    views = [torch.tensor([[200.0, -200.0, 0.0]]).repeat(n, 1).requires_grad_() for _ in range(3)]
    loss = triplet_loss(*views)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-6) and loss.dtype == torch.float32
    assert all(view.grad is not None and bool(view.grad.isfinite().all()) for view in views)


def test_mutual_information_is_best_where_views_agree_on_all_classes():
    logits = 20 * torch.eye(4)
    assert triplet_loss(logits, logits, logits).item() == pytest.approx(-torch.tensor(4.0).log().item(), abs=1e-5)
    assert abs(triplet_loss(logits, 0 * logits, 0 * logits).item()) < 1e-6
