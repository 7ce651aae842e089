"""LARS as an optimizer of a run: what it adapts, and its edges."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gristmill.methods.method import Optimizer as Settings
from gristmill.train.lars import LARS
from gristmill.train.step import Optimizer

FORMS = ["lars", "lars_simclr"]


def parameters(kind: torch.dtype = torch.float32) -> list[nn.Parameter]:
    rng = torch.Generator().manual_seed(0)
    return [nn.Parameter(torch.randn(shape, generator=rng).to(kind)) for shape in ((4, 3), (4,), (2, 3, 3, 3))]


def optimizer(moved: list[nn.Parameter], rule: str, **rest: Any) -> Optimizer:
    given = {"schedule": "cosine", "weight_decay": 0.1, **rest}
    return Optimizer(Settings(moved, 0.5, rule=rule, **given), 10, 1)


def steps(own: Optimizer, first: int, last: int, scale: float = 1.0) -> list[Tensor]:
    for step in range(first, last):
        rng = torch.Generator().manual_seed(step)
        own.follow(step)
        losses = [(p * scale * torch.randn(p.shape, generator=rng).to(p.dtype)).sum() for p in own.parameters]
        own.update(torch.stack(losses).sum(), None)
    return [p.detach().clone() for p in own.parameters]


def equal(some: list[Tensor], others: list[Tensor]) -> bool:
    return all(torch.equal(one, other) for one, other in zip(some, others, strict=True))


@pytest.mark.parametrize("rule", FORMS)
def test_taken_up_again_it_makes_the_same_bits(rule: str):
    whole = steps(optimizer(parameters(), rule), 0, 10)
    stopped, other = optimizer(parameters(), rule), optimizer(parameters(), rule)
    weights = steps(stopped, 0, 5)
    with torch.no_grad():
        for own, value in zip(other.parameters, weights, strict=True):
            own.copy_(value)
    other.load({name: value.clone() for name, value in stopped.state().items()})
    assert equal(steps(other, 5, 10), whole)


@pytest.mark.parametrize("rule", FORMS)
def test_the_scale_of_a_gradient_matters_to_vectors_alone(rule: str):
    plain, scaled = (steps(optimizer(parameters(), rule, weight_decay=0.0), 0, 4, scale) for scale in (1, 1000))
    for one, other in zip(plain, scaled, strict=True):
        assert torch.allclose(one, other, rtol=1e-5, atol=1e-5) == (one.ndim > 1)


def test_vectors_move_as_by_sgd_without_decay():
    sgd = steps(optimizer(parameters(torch.float64), "sgd", weight_decay=0.0), 0, 6)
    lars = steps(optimizer(parameters(torch.float64), "lars"), 0, 6)
    torch.testing.assert_close(lars[1], sgd[1], rtol=1e-12, atol=1e-12)


def test_the_forms_are_one_while_the_rate_is_constant_and_two_afterwards():
    for schedule, one in (("constant", True), ("cosine", False)):
        first, second = (steps(optimizer(parameters(torch.float64), rule, schedule=schedule), 0, 6) for rule in FORMS)
        assert all(torch.allclose(a, b, rtol=1e-12, atol=1e-12) for a, b in zip(first, second, strict=True)) == one


@pytest.mark.parametrize("rule", FORMS)
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_without_gradient_or_weight_nothing_is_divided_by_0(rule: str, weight_decay: float):
    moved = [nn.Parameter(torch.zeros(3, 2)), nn.Parameter(torch.ones(3, 2)), nn.Parameter(torch.ones(2, 2))]
    own = optimizer(moved, rule, weight_decay=weight_decay)
    own.follow(0)
    own.update((moved[0] * 0 + moved[1] * 0 + moved[0] * torch.tensor([[1.0, 0]])).sum(), None)
    assert moved[0].detach().tolist() == [[-0.5, 0]] * 3  # a weight that is 0 has the factor 1
    assert (moved[1].detach() == 1).all() == (weight_decay == 0)
    assert (moved[2].detach() == 1).all() and "2" not in own.state()  # it had no gradient


def test_it_stands_on_its_own_with_a_number_for_the_rate():
    weight = nn.Parameter(torch.full((2, 2), 3.0))
    weight.grad = torch.full((2, 2), 4.0)
    LARS([weight], 10.0, trust=0.1).step()
    torch.testing.assert_close(weight.detach(), torch.zeros(2, 2))  # 3 - 10 * 0.1 * (6 / 8) * 4
