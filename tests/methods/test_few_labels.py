"""Neutral settings are the simpler method, and what a method remembers is all in its state."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gristmill.methods.few_labels import LabeledLoss
from gristmill.methods.lengths import average_rate, pretraining_steps, queue_sizes, window_length
from gristmill.methods.method import Batch, Clock, Method
from gristmill.networks.classifier import Classifier
from gristmill.train.run import method_class
from gristmill.train.step import advance, make_optimizers
from tests.golden_few_labels import Tiny, settings

CLASSES, STEPS, B, MU = 6, 12, 8, 2
COUNTS = torch.tensor([30, 18, 11, 7, 4, 2])
PARAMS: dict[str, Any] = {
    "iterations": STEPS, "lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4, "schedule": "none", "logit_adjust": False,
    "reweight": "none", "ema_decay": 0.9, "threshold": 0.4, "lambda_u": 1.0, "pretrain_steps": 4, "period": 3,
    "queue_size": 5, "t_proto": 0.2, "t_dist": 1.5, "lambda_align": 1.0, "mi_weight": 0.1, "ramp_ratio": 0.4,
}  # fmt: skip


def make(name: str, **changed: Any) -> Method:
    torch.manual_seed(0)
    network = Classifier(Tiny(), 8, CLASSES)
    network.counts.copy_(COUNTS)
    plain = settings(PARAMS | changed)
    plain.train.batch, plain.train.unlabeled = B, MU
    for section, key, value in changed.get("set", ()):
        setattr(getattr(plain, section), key, value)
    return method_class(name)(network, plain).train()


def batch(step: int) -> Batch:
    rng = torch.Generator().manual_seed(step)

    def images(count: int) -> Tensor:
        return torch.randn(count, 12, generator=rng)

    labeled = SimpleNamespace(weak=images(B), label=torch.randint(CLASSES, (B,), generator=rng))
    views = {name: images(MU * B) for name in ("untouched", "weak", "strong")}
    return Batch(labeled=labeled, unlabeled=SimpleNamespace(index=torch.arange(MU * B), **views), draws={})


def train(method: Any, first: int = 0, last: int = STEPS, optimizers: Any = None) -> Any:
    optimizers = optimizers or make_optimizers(method, 1, STEPS)
    for step in range(first, last):
        now = Clock(step, STEPS, 0, step)
        advance(method, batch(step), now, optimizers)
        method.between(now, SimpleNamespace())
    return optimizers


def same(one: nn.Module, other: nn.Module) -> bool:
    mine, its = one.state_dict(), other.state_dict()
    return mine.keys() == its.keys() and all(torch.equal(mine[name], its[name]) for name in mine)


NEUTRAL = {"dist_aware": False, "alpha": 0.0, "lambda_align": 0.0}


def test_daso_without_blend_and_alignment_is_fixmatch_to_the_bit():
    fixmatch, daso = make("fixmatch"), make("daso", **NEUTRAL, set=[("pretrain", "prototype_bn", "running")])
    train(fixmatch), train(daso)
    assert same(daso.network, fixmatch.network)
    assert same(daso.average.network, fixmatch.average.network)


def test_prototypes_by_batch_statistics_move_the_evaluated_network_alone():
    fixmatch, daso = make("fixmatch"), make("daso", **NEUTRAL)
    train(fixmatch), train(daso)
    assert same(daso.network, fixmatch.network)
    mine, its = daso.average.network.state_dict(), fixmatch.average.network.state_dict()
    assert {name for name in mine if not torch.equal(mine[name], its[name])} == {
        name for name in mine if "running" in name
    }


def test_daso_equals_fixmatch_until_the_first_blended_label():
    fixmatch, daso = make("fixmatch"), make("daso")
    train(fixmatch, last=4), train(daso, last=4)
    assert same(daso.network, fixmatch.network)
    train(fixmatch, 4, 5), train(daso, 4, 5)
    assert not same(daso.network, fixmatch.network)


@pytest.mark.parametrize("name", ["fixmatch", "pseudolabel", "usadtm", "daso"])
@pytest.mark.parametrize("stop", [2, 4, 7])
def test_stopped_and_taken_up_again_gives_the_same_bits(name: str, stop: int):
    whole, stopped, other = make(name), make(name), make(name)
    train(whole)
    before = train(stopped, last=stop)
    other.load_state_dict(deepcopy(stopped.state_dict()))
    optimizers = make_optimizers(other, 1, STEPS)
    optimizers["main"].load(deepcopy(before["main"].state()))
    train(other, stop, optimizers=optimizers)
    assert same(other, whole)


@pytest.mark.parametrize("name", ["fixmatch", "pseudolabel", "usadtm", "daso"])
def test_a_class_without_labels_and_one_label_keep_everything_finite(name: str):
    method = make(name, reweight="none")
    method.network.counts[-1] = 0
    train(method)
    assert all(torch.isfinite(value.float()).all() for value in method.state_dict().values())


def test_logit_adjustment_with_a_uniform_prior_changes_nothing():
    logits = torch.randn(16, CLASSES, dtype=torch.float64, requires_grad=True)
    labels, now = torch.randint(CLASSES, (16,)), Clock(0, 1, 0, 0)
    found = {}
    for adjust in (0.0, 1.0):
        plain = SimpleNamespace(adjust=adjust, loss="plain", beta=None, start=None)
        loss = LabeledLoss(torch.full((CLASSES,), 50), plain).double()(logits, labels, now)
        found[adjust] = loss, torch.autograd.grad(loss, logits)[0]
    for one, other in zip(found[0.0], found[1.0], strict=True):
        assert torch.allclose(one, other, rtol=0, atol=1e-12)


def full(**pretrain: Any) -> SimpleNamespace:
    given = {"steps": "auto", "window": "auto", "queue": "auto", "sizes": "equal", **pretrain}
    train = SimpleNamespace(epochs=500, epoch_steps=500, batch=64, unlabeled=2, average="auto")
    return SimpleNamespace(train=train, pretrain=SimpleNamespace(**given))


def test_the_full_length_has_the_released_values():
    plain = full()
    assert average_rate(plain.train) == 0.999
    assert (pretraining_steps(plain, torch.full((10,), 124)), window_length(plain, 10)) == (5000, 100)
    assert pretraining_steps(plain, torch.full((10,), 64000)) == 10_000  # until all labeled images were seen
    assert queue_sizes(plain, torch.tensor([500, 5])) == [256, 256]
    assert queue_sizes(full(sizes="proportional"), torch.tensor([30, 5])) == [150, 25]
    assert queue_sizes(plain, torch.tensor([100, 5])) == [200, 200]
