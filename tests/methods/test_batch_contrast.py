"""SimCLR, SupCon and cross entropy: what they share, what tells them apart, and several processes."""

import os
from math import log
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, distributed, multiprocessing, nn

from gristmill.methods.method import Batch, Clock, Method
from gristmill.networks.build import build
from gristmill.networks.headed import Headed
from gristmill.parameters import cross_entropy, simclr, supcon
from gristmill.train.run import method_class
from gristmill.train.step import advance, make_optimizers

N, STEPS = 6, 4
LOSSES: dict[str, dict[str, Any]] = {
    "simclr": {"temperature": 0.3, "reduction": "mean", "ntxent_base_temperature": None},
    "supcon": {
        "temperature": 0.3, "base_temperature": 0.3, "summation": "out", "denominator": "all", "contrast": "all"
    },
    "cross_entropy": {},
}  # fmt: skip
TRAIN: dict[str, Any] = {
    "epochs": 1, "warmup": 0, "batch": N, "lr": 0.2, "momentum": 0.9, "weight_decay": 1e-4, "schedule": "constant",
    "optimizer": "sgd", "decay": "all",
}  # fmt: skip


def make(name: str, network: Headed | None = None, **loss: Any) -> Any:
    torch.manual_seed(0)
    tiny = Headed(nn.Sequential(nn.Linear(10, 8), nn.Tanh()), nn.Linear(8, 4)).double()
    plain = SimpleNamespace(loss=SimpleNamespace(**LOSSES[name] | loss), train=SimpleNamespace(**TRAIN))
    return method_class(name)(network or tiny, plain).train()


def batch(step: int, part: slice = slice(None), label: Tensor | None = None) -> Batch:
    rng = torch.Generator().manual_seed(step)
    views = {view: torch.randn(N, 10, generator=rng, dtype=torch.float64)[part] for view in ("first", "second")}
    label = torch.randint(3, (N,), generator=rng) if label is None else label
    return Batch(train=SimpleNamespace(**views, weak=views["first"], label=label[part]), draws={})


def train(method: Method, part: slice = slice(None), label: Tensor | None = None) -> list[float]:
    optimizers = make_optimizers(method, 1, STEPS)
    done = [advance(method, batch(s, part, label), Clock(s, STEPS, 0, s), optimizers) for s in range(STEPS)]
    return [float(objectives[0][0].loss.detach()) for objectives in done]


def weights(method: Method) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in method.parameters()]


@pytest.mark.parametrize("base", [None, 0.07])
def test_supcon_of_images_that_are_all_different_is_simclr(base: float | None):
    one, other = make("simclr", ntxent_base_temperature=base), make("supcon", base_temperature=base or 0.3)
    assert train(one) == pytest.approx(train(other, label=torch.arange(N)), rel=1e-12)
    torch.testing.assert_close(weights(one), weights(other), rtol=1e-12, atol=1e-14)


def test_labels_change_what_supcon_learns_and_not_what_simclr_learns():
    for name, same in (("simclr", True), ("supcon", False)):
        assert (train(make(name)) == train(make(name), label=torch.zeros(N, dtype=torch.long))) is same


@pytest.mark.parametrize("name", ["simclr", "supcon"])
def test_both_views_are_one_batch_of_batch_norm(name: str):
    method, seen = make(name), []
    method.network.register_forward_hook(lambda module, inputs, output: seen.append(len(inputs[0])))
    train(method)
    assert seen == [2 * N] * STEPS


@pytest.mark.parametrize("name", ["simclr", "supcon"])
def test_the_history_is_handed_unit_rows_and_how_far_the_views_agree(name: str):
    objective = next(make(name).step(batch(0), Clock(0, 1, 0, 0)))
    torch.testing.assert_close(objective.outputs.norm(dim=1), torch.ones(N, dtype=torch.float64))
    given = batch(0)
    given.train.second = given.train.first
    (alignment,) = next(make(name).step(given, Clock(0, 1, 0, 0))).parts.values()
    assert float(alignment.detach()) == pytest.approx(1)


@pytest.mark.parametrize("name", ["simclr", "supcon", "cross_entropy"])
def test_the_network_of_its_section_learns(name: str):
    head = {"head": "simclr", "hidden": 16, "dim": 8, "layers": 2, "predictor": None}
    section = {"name": "small", "widths": [8, 16], "blocks": 1, "init": "random"}
    torch.manual_seed(0)
    network = build(SimpleNamespace(**section | ({} if name == "cross_entropy" else head)), 1, 8, 3)
    method = make(name, network)
    rng = torch.Generator().manual_seed(0)
    label = torch.arange(12) % 3
    weak = torch.randn(3, 1, 8, 8, generator=rng)[label] + 0.3 * torch.randn(12, 1, 8, 8, generator=rng)
    views = {"weak": weak, "first": weak, "second": weak + 0.3 * torch.randn(12, 1, 8, 8, generator=rng)}
    optimizers, losses = make_optimizers(method, 1, 15), []
    for step in range(15):
        given = Batch(train=SimpleNamespace(**views, label=label), draws={})
        ((objective, _),) = advance(method, given, Clock(step, 15, 0, step), optimizers)
        losses.append(float(objective.loss.detach()))
    floor = log(7) if name == "supcon" else 0.0  # seven positives share the softmax
    assert losses[-1] - floor < 0.5 * (losses[0] - floor)
    if name == "cross_entropy":
        assert objective.parts["accuracy"] == 1


@pytest.mark.parametrize(
    ("section", "values", "key"),
    [
        (simclr.Loss, {**LOSSES["simclr"], "reduction": "sum"}, "reduction"),
        (simclr.Loss, {**LOSSES["simclr"], "ntxent_base_temperature": 0.0}, "ntxent_base_temperature"),
        (supcon.Loss, {**LOSSES["supcon"], "denominator": "none"}, "denominator"),
        (supcon.Loss, {**LOSSES["supcon"], "base_temperature": 0.0}, "base_temperature"),
        (cross_entropy.Backbone, {"name": "small", "widths": [8], "blocks": 1, "init": "random", "dim": 8}, "dim"),
    ],
)
def test_a_value_that_is_not_possible_is_refused(section: Any, values: dict[str, Any], key: str):
    with pytest.raises(ValueError, match=key):
        section(**values)


def worker(rank: int, port: int, results: Any) -> None:
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    torch.set_num_threads(1)
    distributed.init_process_group("gloo")
    for name in LOSSES:
        method = make(name)
        losses = torch.tensor(train(method, slice(rank * N // 2, (rank + 1) * N // 2)), dtype=torch.float64)
        distributed.all_reduce(losses)
        if rank == 0:
            results[name] = (losses / 2).tolist(), [weight.tolist() for weight in weights(method)]
    distributed.destroy_process_group()


def test_two_processes_train_as_one_does(unused_port: int):
    with multiprocessing.get_context("spawn").Manager() as manager:
        shared = manager.dict()
        multiprocessing.spawn(worker, (unused_port, shared), nprocs=2)  # type: ignore[attr-defined]
        results = dict(shared)
    for name in LOSSES:
        alone = make(name)
        losses, found = results[name]
        assert losses == pytest.approx(train(alone), rel=1e-11)
        for one, other in zip(found, weights(alone), strict=True):
            torch.testing.assert_close(torch.tensor(one, dtype=torch.float64), other, rtol=1e-11, atol=1e-13)


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
