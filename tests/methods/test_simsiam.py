"""SimSiam: what keeps it from collapsing, and its edges."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn
from torch.nn.functional import normalize

from gristmill.evaluate.rank import spread
from gristmill.losses.cosine import negative_cosine, regression_loss
from gristmill.methods.method import Batch, Clock, Method, Objective, Step
from gristmill.methods.simsiam import SimSiam
from gristmill.networks.headed import HEADS, PREDICTORS, Headed
from gristmill.parameters import simsiam
from gristmill.train.step import advance, make_optimizers
from tests.golden_selfsup_slow import settings
from tests.train.test_loop import Counting

STEPS, N = 6, 32
PARAMS = {"lr": 0.1, "sgd_momentum": 0.9, "weight_decay": 1e-4}
RULES = ["sgd", "lars", "lars_simclr"]


def network(head: str) -> Headed:
    torch.manual_seed(0)
    backbone = nn.Sequential(nn.Linear(12, 32), nn.BatchNorm1d(32), nn.ReLU())
    return Headed(backbone, HEADS[head](32, 32, 16, 2), PREDICTORS[head](16, 8))


def make(kind: type[SimSiam] = SimSiam, **changed: Any) -> SimSiam:
    given: Any = settings(PARAMS | changed)
    return kind(network("simsiam"), given).train()


def batch(step: int, noise: float = 0.3) -> Batch:
    rng = torch.Generator().manual_seed(step)
    images = torch.randn(N, 12, generator=rng)
    views = [images + noise * torch.randn(N, 12, generator=rng) for _ in range(2)]
    return Batch(train=SimpleNamespace(first=views[0], second=views[1]), draws={})


def train(method: Method, last: int = STEPS, first: int = 0, optimizers: Any = None, steps: int = STEPS) -> Any:
    """Some steps of a run; the optimizers and the last objective."""
    optimizers, done = optimizers or make_optimizers(method, 1, steps), []
    for step in range(first, last):
        done = advance(method, batch(step), Clock(step, steps, 0, step), optimizers)
    return optimizers, done[-1][0]


def state(module: nn.Module) -> dict[str, Tensor]:
    return deepcopy(module.state_dict())


def moved(before: dict[str, Tensor], module: nn.Module) -> set[str]:
    return {name for name, value in module.state_dict().items() if not torch.equal(value, before[name])}


class WithoutStop(SimSiam):
    def step(self, batch: Batch, now: Clock) -> Step:
        z1, z2 = self.network(batch.train.first), self.network(batch.train.second)
        p1, p2 = self.network.predict(z1), self.network.predict(z2)
        losses = (negative_cosine(p1, z2) + negative_cosine(p2, z1)) / 2
        yield Objective(losses.mean(), outputs=normalize(z1.detach()))


def test_without_the_stop_gradient_half_of_the_dimensions_are_lost():
    rank = {kind: spread(train(make(kind), 150, steps=150)[1].outputs)["rank"] for kind in (SimSiam, WithoutStop)}
    assert rank[WithoutStop] < 0.75 * rank[SimSiam]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("steady", [True, False])
def test_a_steady_predictor_goes_on_where_the_schedule_has_reached_0(rule: str, steady: bool):
    method = make(optimizer=rule, fix_predictor_lr=steady, weight_decay=0.0)
    method.settings.train.schedule = "demo_cosine"  # of one epoch: rate 0
    before = state(method)
    train(method, 1)
    trained = {name for name, parameter in method.named_parameters() if parameter.requires_grad}
    expected = {name for name in trained if name.startswith("network.predictor.")} if steady else set()
    assert moved(before, method) & trained == expected


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("stop", [1, 4])
def test_stopped_and_taken_up_again_gives_the_same_bits(rule: str, stop: int):
    whole, stopped, other = (make(optimizer=rule, fix_predictor_lr=True) for _ in range(3))
    train(whole)
    before, _ = train(stopped, stop)
    other.load_state_dict(state(stopped))
    optimizers = make_optimizers(other, 1, STEPS)
    optimizers["main"].load(deepcopy(before["main"].state()))
    train(other, first=stop, optimizers=optimizers)
    assert moved(state(whole), other) == set()


def test_decay_of_weights_alone_leaves_biases_and_batch_norm_to_their_gradient():
    one, other = make(weight_decay=0.0), make(weight_decay=0.5)
    other.settings.train.decay = "weights"
    before = state(one)
    for method in (one, other):
        train(method, 1)
    trained = {name: parameter.ndim for name, parameter in one.named_parameters() if parameter.requires_grad}
    differ = moved(state(one), other) & set(trained)
    assert differ == {name for name, ndim in trained.items() if ndim > 1} <= moved(before, one)


@pytest.mark.parametrize("rule", RULES)
def test_a_step_never_waits_for_the_device(rule: str):
    method = make(optimizer=rule)
    optimizers = make_optimizers(method, 1, STEPS)
    with Counting() as count:
        advance(method, batch(0), Clock(0, STEPS, 0, 0), optimizers)
    assert count.found == []


@pytest.mark.parametrize("rule", RULES)
def test_images_that_are_all_alike_keep_everything_finite(rule: str):
    method = make(optimizer=rule)
    optimizers = make_optimizers(method, 1, STEPS)
    blank = torch.zeros(N, 12)
    for step in range(STEPS):
        given = Batch(train=SimpleNamespace(first=blank, second=blank), draws={})
        advance(method, given, Clock(step, STEPS, 0, step), optimizers)
    assert all(torch.isfinite(value).all() for value in method.state_dict().values())


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize(("loss", "between"), [(negative_cosine, (-1, 1)), (regression_loss, (0, 4))])
def test_losses_of_zero_vectors_and_of_any_type_are_finite(loss: Any, between: tuple[int, int], kind: torch.dtype):
    given = torch.tensor([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0], [0.0, 0.0]], dtype=kind, requires_grad=True)
    other = torch.tensor([[3.0, 4.0], [3.0, 4.0], [-3.0, -4.0], [0.0, 0.0]], dtype=kind)
    losses = loss(given, other)
    losses.sum().backward()
    assert torch.isfinite(losses).all() and given.grad is not None and torch.isfinite(given.grad).all()
    assert losses[1:3].tolist() == pytest.approx(between, abs=1e-2)


def test_a_head_without_predictor_is_refused_in_one_line():
    given = {
        "head": "mlp", "name": "small", "widths": [8], "blocks": 1, "init": "random", "hidden": 8, "dim": 8,
        "zero_init_residual": True,
    }  # fmt: skip
    views = {"recipe": "simsiam_cifar", "size": 8, "area": [0.2, 1.0], "mean": [0.5], "std": [0.5]}
    loop = {
        "epochs": 1, "warmup": 0, "batch": 8, "lr": 0.1, "momentum": 0.9, "weight_decay": 0, "checkpoint": 1,
        "precision": "fp32", "device": "cpu", "threads": 1, "schedule": "epoch_cosine", "optimizer": "lars",
        "decay": "all", "predictor_lr": "steady",
    }  # fmt: skip
    values = {
        "network": {**given, "layers": 2, "predictor": 8}, "views": views, "train": loop,
        "monitor": {"every": 1, "k": [1], "protocols": []},
    }  # fmt: skip
    with pytest.raises(ValidationError, match="head mlp has no predictor for SimSiam; take simsiam"):
        simsiam.Train.model_validate(values)
    values["network"]["head"] = "simsiam"
    assert simsiam.Train.model_validate(values).train.unused() == {"decay"}
