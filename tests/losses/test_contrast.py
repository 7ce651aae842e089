"""The fused contrast against its literal form, and what the soft targets must satisfy."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import normalize

from gristmill.losses import contrast
from gristmill.losses.contrast import memory_contrast, own_key
from gristmill.losses.maskcon import maskcon_targets
from gristmill.losses.targets import mix, supcon_targets


def literal(query: Tensor, key: Tensor, memory: Tensor, t1: float, target: Tensor) -> Tensor:
    """The formula as it is written: all logits, log-softmax, weighted sum."""
    logits = torch.cat([(query * key).sum(1, keepdim=True), query @ memory.T], 1) / t1
    return -(target * logits.log_softmax(1)).sum(1)


def problem(seed: int, n: int = 6, k: int = 20, d: int = 5, classes: int = 3, dtype=torch.float64):
    rng = torch.Generator().manual_seed(seed)
    q, key, memory = (torch.randn(m, d, generator=rng, dtype=dtype) for m in (n, n, k))
    same = torch.randint(classes, (n, 1), generator=rng) == torch.randint(classes, (1, k), generator=rng)
    return q.requires_grad_(), normalize(key), normalize(memory), same


@given(st.integers(0, 10**6), st.floats(0.02, 2), st.floats(0.01, 5), st.floats(0, 1), st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_loss_and_gradient_equal_the_literal_form_for_any_block(seed, t1, t2, w, rows):
    q, key, memory, same = problem(seed)
    own, rest = mix(maskcon_targets(key, memory, same, t2), w)
    expected = literal(normalize(q), key, memory, t1, torch.cat([own[:, None], rest], 1))
    (wanted,) = torch.autograd.grad(expected.mean(), q)
    block, contrast.BLOCK = contrast.BLOCK, rows * len(memory)
    try:
        losses = memory_contrast(
            normalize(q), key, memory, t1, lambda r: mix(maskcon_targets(key[r], memory, same[r], t2), w)
        )
    finally:
        contrast.BLOCK = block
    (found,) = torch.autograd.grad(losses.mean(), q)
    torch.testing.assert_close(losses, expected, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(found, wanted, rtol=1e-9, atol=1e-12)


def test_float32_stays_close_to_float64():
    q, key, memory, same = problem(3, 64, 512, 32)
    exact = memory_contrast(normalize(q), key, memory, 0.1, lambda r: supcon_targets(same[r], key.dtype))
    single = memory_contrast(
        normalize(q).detach().float(), key.float(), memory.float(), 0.1, lambda r: supcon_targets(same[r])
    )
    torch.testing.assert_close(single.double(), exact.detach(), rtol=2e-6, atol=2e-6)


@given(st.integers(0, 10**6), st.floats(0.005, 10), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_every_row_of_targets_sums_to_one_and_lies_on_the_positives(seed, t2, w):
    _, key, memory, same = problem(seed)
    for own, rest in (maskcon_targets(key, memory, same, t2), supcon_targets(same, key.dtype)):
        own, rest = mix((own, rest), w)
        torch.testing.assert_close(own + rest.sum(1), torch.ones_like(own))
        assert bool((rest[~same] == 0).all()) and bool((rest >= 0).all())


def test_an_infinite_target_temperature_is_grafit_and_w_zero_is_selfcon():
    _, key, memory, same = problem(1)
    for ours, theirs in zip(
        maskcon_targets(key, memory, same, float("inf")), supcon_targets(same, key.dtype), strict=True
    ):
        torch.testing.assert_close(ours, theirs)
    for ours, theirs in zip(
        mix(maskcon_targets(key, memory, same, 0.05), 0.0), own_key(key, memory)(slice(None)), strict=True
    ):
        torch.testing.assert_close(ours, theirs)


def test_a_tiny_target_temperature_shares_the_weight_with_the_tied_nearest():
    key = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    memory = torch.tensor([[0.8, 0.6], [0.8, -0.6], [0.0, 1.0]], dtype=torch.float64)
    own, rest = maskcon_targets(key, memory, torch.ones(1, 3, dtype=torch.bool), 1e-4)
    torch.testing.assert_close(own, torch.tensor([1 / 3], dtype=torch.float64))
    torch.testing.assert_close(rest, torch.tensor([[1 / 3, 1 / 3, 0]], dtype=torch.float64))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("t2", [1e-4, 0.05, float("inf")])
def test_a_class_that_the_memory_lacks_keeps_the_own_key_alone(dtype, t2):
    q, key, memory, same = problem(2, dtype=dtype)
    same[0] = False
    own, rest = maskcon_targets(key, memory, same, t2)
    assert own[0] == 1 and rest[0].sum() == 0
    losses = memory_contrast(
        normalize(q), key, memory, 0.1, lambda r: maskcon_targets(key[r], memory, same[r], t2)
    )
    losses.mean().backward()
    assert bool(losses.isfinite().all()) and q.grad is not None and bool(q.grad.isfinite().all())


def test_similarities_far_below_zero_do_not_underflow():
    key = torch.tensor([[1.0, 0.0]])
    memory = torch.tensor([[-1.0, 0.0], [-0.99, 0.141]])
    own, rest = maskcon_targets(key, memory, torch.ones(1, 2, dtype=torch.bool), 0.001)
    assert float(own) == pytest.approx(0.5, abs=1e-3) and float(rest[0, 1]) == pytest.approx(0.5, abs=1e-3)
