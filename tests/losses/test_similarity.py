"""The product of losses and evaluation equals the plain one, whichever way it takes."""

import pytest
import torch

from gristmill.losses import similarity as module
from gristmill.losses.similarity import onednn_works, similarity


def units(count: int, dim: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    rows = torch.randn(count, dim, generator=torch.Generator().manual_seed(count * 1000 + dim), dtype=torch.float64)
    return torch.nn.functional.normalize(rows, dim=1).to(dtype)


SHAPES = [(128, 1000, 128), (2, 3, 1), (1, 50, 512), (64, 1, 7), (0, 5, 4), (5, 0, 4), (3, 4, 0)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("onednn", [True, False])
def test_similarity_equals_the_product_in_float64(shape, onednn, monkeypatch):
    n, m, d = shape
    a, b = units(n, d), units(m, d)
    monkeypatch.setattr(module, "ONEDNN", onednn and module.ONEDNN)
    result = similarity(a, b)
    assert result.dtype == torch.float32
    assert result.shape == (n, m)
    torch.testing.assert_close(result.double(), a.double() @ b.double().T, rtol=0, atol=1e-6)


def test_views_into_other_memory_are_read_correctly():
    a, b = units(20, 64)[:, ::2], units(32, 30).T
    torch.testing.assert_close(similarity(a, b), a @ b.T, rtol=0, atol=1e-6)


def test_float64_stays_float64():
    a, b = units(5, 16, torch.float64), units(6, 16, torch.float64)
    assert torch.equal(similarity(a, b), a @ b.T)


def test_a_gradient_flows_where_it_is_wanted_and_is_not_kept_where_it_is_not():
    a, b = units(5, 16).requires_grad_(), units(6, 16)
    similarity(a, b).sum().backward()
    assert a.grad is not None
    torch.testing.assert_close(a.grad, b.sum(0).expand_as(a))
    with torch.no_grad():
        assert not similarity(a, b).requires_grad


def test_a_torch_without_the_private_operator_falls_back(monkeypatch):
    def missing(a, b):
        raise AttributeError("'_OpNamespace' 'mkldnn' object has no attribute '_linear_pointwise'")

    monkeypatch.setattr(module, "onednn_product", missing)
    assert not onednn_works()


def test_an_operator_that_changed_its_meaning_is_not_used(monkeypatch):
    monkeypatch.setattr(module, "onednn_product", lambda a, b: (a @ b.T).relu() + 1)
    assert not onednn_works()
