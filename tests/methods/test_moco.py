"""MoCo: its two directions, its queue, its shuffled batches, and what its parameters refuse."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn
from torch.nn.functional import normalize

from gristmill.errors import UserError
from gristmill.losses import own_key_rank as ranking
from gristmill.losses.own_key_rank import own_key_rank
from gristmill.methods.method import Batch, Clock
from gristmill.methods.moco import MoCo, shuffles
from gristmill.networks.headed import Headed
from gristmill.parameters import moco as parameters
from gristmill.train.run import make_run
from gristmill.train.step import advance, make_optimizers
from tests.golden_selfsup_moco import Stem, settings
from tests.train import toy

N, K, STEPS = 8, 16, 6
PARAMS: dict[str, Any] = {
    "temperature": 0.2, "key_momentum": 0.9, "queue_size": K, "lr": 0.1, "sgd_momentum": 0.9, "weight_decay": 1e-3,
}  # fmt: skip


def make(**changed: Any) -> MoCo:
    torch.manual_seed(0)
    network = Headed(Stem(6, 7), nn.Linear(7, 5))
    method = MoCo(network, settings(PARAMS | changed, 5, N)).double().train()
    method.initialize(np.random.default_rng(0))
    return method


def views(step: int) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(step)
    first = torch.randn(N, 6, generator=rng, dtype=torch.float64)
    return first, first + 0.1 * torch.randn(N, 6, generator=rng, dtype=torch.float64)


def step(method: MoCo, at: int, optimizers: Any, first: Tensor, second: Tensor) -> Any:
    draws = method.draw(np.random.default_rng(at), {"train": N})
    batch = Batch(train=SimpleNamespace(first=first, second=second), draws=draws)
    ((objective, _),) = advance(method, batch, Clock(at, STEPS, 0, at), optimizers)
    return objective


def train(method: MoCo, first: int = 0, last: int = STEPS, optimizers: Any = None) -> Any:
    optimizers = optimizers or make_optimizers(method, 1, STEPS)
    for at in range(first, last):
        step(method, at, optimizers, *views(at))
    return optimizers


def same(one: nn.Module, other: nn.Module) -> bool:
    mine, its = one.state_dict(), other.state_dict()
    return mine.keys() == its.keys() and all(torch.equal(mine[name], its[name]) for name in mine)


def test_the_symmetric_loss_is_the_sum_of_both_directions_and_stores_both_views():
    both, one, other = make(symmetric=True), make(), make()
    first, second = views(0)
    done = [step(m, 0, make_optimizers(m, 1, 1), *x) for m, x in
            ((both, (first, second)), (one, (first, second)), (other, (second, first)))]  # fmt: skip
    assert done[0].loss.item() == pytest.approx(done[1].loss.item() + done[2].loss.item(), rel=1e-12)
    assert K == 2 * N and both.memory.pointer == 0  # one step replaces the whole queue
    torch.testing.assert_close(both.memory.keys, torch.cat([other.memory.keys[:N], one.memory.keys[:N]]))


def test_the_queue_starts_as_random_unit_rows_of_the_given_generator():
    keys = make().memory.keys
    torch.testing.assert_close(keys.norm(dim=1), torch.ones(K, dtype=torch.float64), rtol=1e-6, atol=0)
    assert torch.linalg.matrix_rank(keys) == 5
    assert torch.equal(make().memory.keys, keys)


@pytest.mark.parametrize("symmetric", [False, True])
def test_draws_are_a_permutation_for_every_pass_and_lead_back(symmetric: bool):
    method = make(bn_splits=2, symmetric=symmetric)
    draws = [method.draw(np.random.default_rng(seed), {"train": 40}) for seed in (0, 0, 1)]
    order, back = draws[0]["shuffle"], draws[0]["unshuffle"]
    assert order.shape == (40, 2 if symmetric else 1)
    for own, its in zip(order.T, back.T, strict=True):
        assert torch.equal(own[its], torch.arange(40)) and not torch.equal(own, torch.arange(40))
    assert torch.equal(order, draws[1]["shuffle"]) and not torch.equal(order, draws[2]["shuffle"])
    assert len({tuple(own.tolist()) for own in order.T}) == order.shape[1]
    assert make(symmetric=symmetric).draw(np.random.default_rng(0), {"train": 40}) == {}


def test_shuffling_changes_the_company_of_a_key_and_not_its_place():
    method, (images, _) = make(bn_splits=2), views(0)
    batch = Batch(draws=shuffles(np.array([[3, 1, 0, 2, 7, 6, 5, 4]]).T))
    as_they_come = normalize(method.key(images))
    assert not torch.allclose(method.encode_key(images, batch, 0), as_they_come)
    method.key.eval()
    torch.testing.assert_close(method.encode_key(images, batch, 0), normalize(method.key(images)))


def test_neither_labels_nor_the_key_encoder_are_trained():
    method = make()
    train(method)
    assert (method.memory.labels == -1).all()
    moved = {id(p) for o in method.optimizers().values() for p in o.parameters}
    assert moved == {id(p) for p in method.evaluated.parameters()}
    assert not any(p.requires_grad for p in method.key.parameters())


@pytest.mark.parametrize("stop", [1, 3])
@pytest.mark.parametrize("splits", [1, 2])
def test_stopped_and_taken_up_again_gives_the_same_bits(stop: int, splits: int):
    whole, stopped, other = make(bn_splits=splits), make(bn_splits=splits), make(bn_splits=splits)
    train(whole)
    before = train(stopped, last=stop)
    other.load_state_dict(deepcopy(stopped.state_dict()))
    optimizers = make_optimizers(other, 1, STEPS)
    optimizers["main"].load(deepcopy(before["main"].state()))
    train(other, stop, optimizers=optimizers)
    assert same(other, whole)


@pytest.mark.parametrize("images", [torch.zeros(N, 6), torch.ones(N, 6), 1e4 * torch.randn(N, 6)])
def test_zero_equal_and_huge_images_keep_everything_finite(images: Tensor):
    method = make(symmetric=True, bn_splits=2)
    optimizers = make_optimizers(method, 1, STEPS)
    for at in range(3):
        assert torch.isfinite(step(method, at, optimizers, images.double(), images.double()).loss)
    assert all(torch.isfinite(value).all() for value in method.state_dict().values())


def test_a_run_makes_its_draws_and_goes_on_after_a_kill(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(MoCo, "VIEWS", {"first": "weak", "second": "weak"})
    values, (images, table) = toy.settings(), toy.digits()
    values.method = "moco"
    values.network = SimpleNamespace(
        name="small", widths=[8, 16], blocks=1, init="random", head="mlp_bn", hidden=16, dim=8, layers=None,
        predictor=None, splits=4,
    )  # fmt: skip
    values.loss, values.train.schedule = SimpleNamespace(temperature=0.2, symmetric=True), "cosine"
    values.train.optimizer, values.train.decay = "sgd", "all"
    run, other = make_run(images, table, values, 0), make_run(images, table, values, 0)
    for at in range(4):
        run.advance(at)
        if at == 1:
            state = deepcopy(run.state(2))
    other.given = state
    assert other.resume() == 2
    for at in (2, 3):
        other.advance(at)
    assert same(run.method, other.method)
    assert {"top1", "top5"} <= set(run.log.columns)


@pytest.mark.parametrize("rows", [1, 3, 100])
def test_the_rank_of_the_own_key_is_its_place_among_all(rows: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranking, "BLOCK", rows * 30)
    rng = torch.Generator().manual_seed(1)
    query, key, memory = (normalize(torch.randn(n, 4, generator=rng)) for n in (7, 7, 30))
    memory[4] = key[2]
    expected = [sum(float(q @ m) > float(q @ k) + 1e-6 for m in memory) for q, k in zip(query, key, strict=True)]
    assert own_key_rank(query, key, memory).tolist() == expected
    assert own_key_rank(query[:1], key[:1], memory).tolist() == expected[:1]


def block(**changed: Any) -> dict[str, Any]:
    """All settings of MoCo; a changed value by its dotted name with two underscores."""
    found: dict[str, Any] = {
        "network": {
            "name": "resnet18", "widths": [8], "blocks": 1, "init": "random", "head": "linear", "hidden": 8, "dim": 128,
            "layers": 2, "predictor": 8, "splits": 8, "zero_init_residual": False,
        },
        "loss": {"temperature": 0.1, "symmetric": False},
        "memory": {"size": 4096, "momentum": 0.99},
        "views": {"recipe": "moco_cifar", "size": 32, "area": [0.2, 1.0], "mean": [0.5], "std": [0.2]},
        "train": {
            "precision": "fp32", "device": "cpu", "threads": 1, "epochs": 200, "warmup": 0, "batch": 512, "lr": 0.06,
            "momentum": 0.9, "weight_decay": 5e-4, "checkpoint": 100, "schedule": "cosine",
            "optimizer": "sgd", "decay": "all",
        },
        "monitor": {"k": [1], "every": 1, "protocols": []},
    }  # fmt: skip
    for name, value in changed.items():
        section, key = name.split("__")
        found[section][key] = value
    return found


def test_the_demos_settings_are_taken():
    assert parameters.Train(**block()).stored == 1
    assert parameters.Train(**block(loss__symmetric=True)).stored == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"memory__size": 4000}, "memory.size 4000 is not a multiple of train.batch 512; 3584 or 4096 would do"),
        ({"memory__size": 100}, "memory.size 100 is not a multiple of train.batch 512; 512 would do"),
        (
            {"memory__size": 1536, "loss__symmetric": True},
            "memory.size 1536 is not a multiple of 2 x train.batch 512 = 1024; 1024 or 2048 would do",
        ),
        (
            {"train__batch": 100, "memory__size": 400},
            "train.batch 100 cannot be cut into network.splits 8; 96 or 104 would do",
        ),
        (
            {"train__batch": 8, "memory__size": 400},
            "network.splits 8 leaves one image to each; take 4 or less",
        ),
    ],
)
def test_a_queue_or_a_batch_that_cannot_be_cut_is_one_line(changed: dict[str, Any], message: str):
    with pytest.raises(ValidationError) as refused:
        parameters.Train(**block(**changed))
    assert [error["msg"] for error in refused.value.errors()] == [message]


def test_processes_that_cannot_cut_their_share_are_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("gristmill.methods.moco.processes", lambda: 4)
    with pytest.raises(UserError, match=r"2 images a process cannot be cut into network\.splits 4"):
        make(bn_splits=4)
