"""Contrast among the views of a batch against its literal forms, its bound on memory, and its edges."""

from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import normalize
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from gristmill.losses import supcon
from gristmill.losses.naive_contrast import naive_contrast
from gristmill.losses.supcon import ntxent_loss, supcon_loss

SUMMATIONS, DENOMINATORS = ("out", "in"), ("all", "one_positive", "only_negatives")
FORMS = list(product(SUMMATIONS, DENOMINATORS))
PLAIN: dict[str, Any] = {"temperature": 0.1, "base_temperature": 0.07}


def problem(seed: int, images: int = 7, views: int = 2, classes: int = 3) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    features = normalize(torch.randn(images, views, 5, generator=rng, dtype=torch.float64), dim=2)
    return features.requires_grad_(), torch.randint(classes, (images,), generator=rng)


def literal(
    features: Tensor, labels: Tensor, t: float, summation: str, denominator: str, contrast: str
) -> Tensor:
    """The formula as it is written, anchor by anchor, with bare exponentials."""
    images, views = features.shape[:2]
    z = torch.cat(list(features.unbind(1)))
    label = labels.tolist() * views
    losses = []
    for i in range(images * (views if contrast == "all" else 1)):
        e = (z @ z[i] / t).exp()
        others = [j for j in range(len(z)) if j != i]
        positives, negatives = ([j for j in others if (label[j] == label[i]) == same] for same in (True, False))
        if not positives or (denominator == "only_negatives" and not negatives):
            losses.append(0 * z.sum())
            continue
        below = {"all": others, "only_negatives": negatives}
        shares = [
            e[p] / e[[p, *negatives] if denominator == "one_positive" else below[denominator]].sum() for p in positives
        ]
        shares = torch.stack(shares)
        losses.append(-shares.log().mean() if summation == "out" else -shares.mean().log())
    return torch.stack(losses)


@given(
    st.integers(0, 10**6), st.sampled_from(FORMS), st.sampled_from(["all", "one"]), st.integers(1, 3),
    st.floats(0.05, 2), st.integers(1, 6), st.integers(1, 30),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_loss_and_gradient_equal_the_literal_form_for_any_block(seed, form, contrast, views, t, classes, rows):
    features, labels = problem(seed, 7, views, classes)
    expected = literal(features, labels, t, *form, contrast)
    weights = torch.randn(len(expected), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    (wanted,) = torch.autograd.grad(expected @ weights, features)
    block, supcon.BLOCK = supcon.BLOCK, rows * 7 * views
    try:
        losses = supcon_loss(
            features, labels, temperature=t, base_temperature=1.0, summation=form[0], denominator=form[1],
            contrast=contrast,
        )  # fmt: skip
        (found,) = torch.autograd.grad(losses @ weights, features)
    finally:
        supcon.BLOCK = block
    torch.testing.assert_close(losses, t * expected, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(found, t * wanted, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("form", FORMS)
def test_the_size_of_a_block_changes_nothing(form: tuple[str, str], monkeypatch: pytest.MonkeyPatch):
    found = []
    for rows in (1, 4, 5, 14, 1000):
        monkeypatch.setattr(supcon, "BLOCK", rows * 14)
        features, labels = problem(1)
        loss = supcon_loss(features, labels, **PLAIN, summation=form[0], denominator=form[1]).mean()
        found.append((loss, *torch.autograd.grad(loss, features)))
    for loss, gradient in found[1:]:
        torch.testing.assert_close(loss, found[0][0], rtol=1e-12, atol=0)
        torch.testing.assert_close(gradient, found[0][1], rtol=0, atol=1e-12)


class Largest(TorchDispatchMode):
    """Remembers the largest tensor that an operation makes."""

    values = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **kwargs or {})
        made = [tensor.numel() for tensor in tree_leaves(result) if isinstance(tensor, Tensor)]
        self.values = max([self.values, *made])
        return result


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("block", [8000, 10**6])
def test_no_tensor_is_larger_than_a_block(form: tuple[str, str], block: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(supcon, "BLOCK", block)
    features, labels = problem(0, images=200)
    with Largest() as largest:
        supcon_loss(features, labels, **PLAIN, summation=form[0], denominator=form[1]).mean().backward()
    assert largest.values == min(block, 400 * 400)


def test_without_labels_and_with_one_temperature_it_is_ntxent():
    features, _ = problem(2)
    first, second = features.unbind(1)
    loss = supcon_loss(features, temperature=0.3, base_temperature=0.3).mean()
    torch.testing.assert_close(loss, ntxent_loss(first, second, 0.3), rtol=1e-12, atol=0)
    rows = torch.cat([first, second])
    logits = (rows @ rows.T / 0.3).fill_diagonal_(-torch.inf)
    expected = torch.nn.functional.cross_entropy(logits, torch.arange(14).roll(7))
    torch.testing.assert_close(loss, expected, rtol=1e-12, atol=0)
    torch.testing.assert_close(ntxent_loss(first, second, 0.3, "sum_of_halves"), 2 * expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("denominator", DENOMINATORS)
def test_with_one_positive_inside_and_outside_the_logarithm_are_the_same(denominator: str):
    features, _ = problem(3)
    out, inside = (supcon_loss(features, **PLAIN, summation=s, denominator=denominator) for s in SUMMATIONS)
    torch.testing.assert_close(inside, out, rtol=1e-12, atol=0)
    gradients = [torch.autograd.grad(loss.mean(), features)[0] for loss in (out, inside)]
    torch.testing.assert_close(*gradients, rtol=0, atol=1e-12)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("contrast", ["all", "one"])
def test_a_mask_of_equal_labels_is_those_labels(form: tuple[str, str], contrast: str):
    features, labels = problem(4)
    how = {**PLAIN, "summation": form[0], "denominator": form[1], "contrast": contrast}
    by_mask = supcon_loss(features, mask=labels[:, None] == labels, **how)
    assert torch.equal(by_mask, supcon_loss(features, labels, **how))


def test_images_without_a_label_do_not_attract_each_other():
    features, _ = problem(9)
    labels = torch.tensor([0, 1, 0, -1, 1, -1, -1])
    losses = supcon_loss(features, labels, **PLAIN)
    assert torch.equal(losses, supcon_loss(features, torch.tensor([0, 1, 0, 2, 1, 3, 4]), **PLAIN))
    assert not torch.equal(losses, supcon_loss(features, torch.tensor([0, 1, 0, 2, 1, 2, 2]), **PLAIN))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("classes", [1, 3, 64])
@pytest.mark.parametrize("rows", ["random", "equal", "opposite", "zero"])
def test_a_sharp_temperature_stays_finite(form: tuple[str, str], dtype: torch.dtype, classes: int, rows: str):
    features = normalize(torch.randn(64, 2, 16, generator=torch.Generator().manual_seed(5)), dim=2)
    made = {"random": features, "equal": features[:1].expand(64, 2, 16), "zero": torch.zeros(64, 2, 16)}
    made["opposite"] = torch.cat([made["equal"][:32], -made["equal"][32:]])
    given = made[rows].to(dtype).requires_grad_()
    sharp = {"temperature": 0.01, "base_temperature": 0.07}
    losses = supcon_loss(given, torch.arange(64) % classes, **sharp, summation=form[0], denominator=form[1])
    losses.mean().backward()
    assert losses.dtype == torch.float32 and bool(losses.isfinite().all())
    assert given.grad is not None and given.grad.dtype == dtype and bool(given.grad.isfinite().all())


@pytest.mark.parametrize("form", FORMS)
def test_an_anchor_without_positives_contributes_nothing_and_counts(form: tuple[str, str]):
    features, _ = problem(6, views=1)
    labels = torch.tensor([0, 0, 1, 2, 3, 4, 5])
    losses = supcon_loss(features, labels, **PLAIN, summation=form[0], denominator=form[1])
    losses[2:].sum().backward()
    assert losses.shape == (7,) and bool((losses[:2] > 0).all()) and bool((losses[2:] == 0).all())
    assert features.grad is not None and not features.grad.any()


def test_ntxent_of_one_image_is_nothing():
    features, _ = problem(7, images=1)
    loss = ntxent_loss(*features.unbind(1), 0.5)
    assert loss == 0 and not torch.autograd.grad(loss, features)[0].any()


@pytest.mark.parametrize(
    ("shape", "given", "said"),
    [
        ((4, 2, 3), {"labels": torch.arange(4), "mask": torch.eye(4)}, "labels and a mask"),
        ((4, 3), {}, "B x V"),
        ((4, 2, 3), {"labels": torch.arange(8)}, "for 4 images"),
        ((4, 2, 3), {"mask": torch.eye(8)}, "for 4 images"),
        ((1, 1, 3), {"labels": torch.arange(1)}, "nothing to be compared with"),
    ],
)
def test_what_has_no_meaning_is_refused(shape: tuple[int, ...], given: dict[str, Tensor], said: str):
    with pytest.raises(ValueError, match=said):
        supcon_loss(torch.ones(shape), **given, **PLAIN)


def test_the_naive_loss_is_finite_where_bare_exponentials_overflow():
    rng = torch.Generator().manual_seed(8)
    embeddings, labels = torch.randn(12, 4, generator=rng).requires_grad_(), torch.arange(12) % 5
    labels[-1] = 7
    losses = naive_contrast(embeddings, labels, 0.005)
    losses[losses.isfinite()].mean().backward()
    z = normalize(embeddings.detach().double())
    e = (z @ z.T / 0.005).exp().fill_diagonal_(0)
    expected = -((e * (labels[:, None] == labels)).sum(1) / e.sum(1)).log()
    torch.testing.assert_close(losses.double(), expected, rtol=1e-5, atol=1e-5)
    assert int(losses.isinf().sum()) == 1 and embeddings.grad is not None and bool(embeddings.grad.isfinite().all())
