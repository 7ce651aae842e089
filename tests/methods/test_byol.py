"""BYOL: the target follows after the update, and has statistics and perhaps a start of its own."""

from copy import deepcopy
from math import pi
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from gristmill.methods.byol import BYOL
from gristmill.methods.method import Clock
from gristmill.networks.headed import Headed
from gristmill.parameters import byol
from gristmill.train.step import carry_out, make_optimizers
from tests.golden_selfsup_slow import settings
from tests.methods.test_simsiam import PARAMS, RULES, STEPS, batch, moved, network, state, train
from tests.train.test_loop import Counting


def make(momentum: float = 0.9, start: str = "copy", seed: int = 0, **changed: Any) -> BYOL:
    target = SimpleNamespace(momentum=momentum, start=start)
    given: Any = settings(PARAMS | changed, target=target)
    method = BYOL(network("byol"), given).train()
    method.initialize(np.random.default_rng(seed))
    return method


def online(method: BYOL) -> Headed:
    return Headed(method.network.backbone, method.network.head)


def test_a_copy_starts_with_the_weights_of_the_network():
    method = make()
    assert moved(state(online(method)), method.target.network) == set()


def test_an_independent_start_is_reproducible_and_leaves_the_network_alone():
    copy, one, same, other = make(), *(make(start="independent", seed=seed) for seed in (0, 0, 1))
    assert moved(state(copy.network), one.network) == set()
    assert moved(state(one.target), same.target) == set()
    weights = {name for name, value in one.target.named_parameters() if value.ndim > 1}
    assert weights <= moved(state(one.target), other.target) & moved(state(one.target), copy.target)


def test_at_tau_0_the_target_is_the_network_after_the_update():
    method = make(momentum=0.0, start="independent")  # tau of step 0 is tau_0
    before = state(online(method))
    train(method, 1)
    for own, other in zip(method.target.network.parameters(), online(method).parameters(), strict=True):
        torch.testing.assert_close(own, other, rtol=0, atol=1e-7)
    assert {name for name in moved(before, online(method)) if name.endswith("weight")}


def test_at_tau_1_the_targets_weights_stay_while_its_statistics_go_their_own_way():
    method = make(momentum=1.0, start="independent")
    before = state(method.target)
    train(method)
    assert {name.split(".")[-1] for name in moved(before, method.target)} == {
        "running_mean", "running_var", "num_batches_tracked"
    }  # fmt: skip
    own, other = method.target.network.state_dict(), method.network.state_dict()
    assert not torch.equal(own["backbone.1.running_mean"], other["backbone.1.running_mean"])


def test_tau_rises_to_1_with_the_number_of_the_step():
    method = make(momentum=0.9)
    told = []
    optimizers = None
    for step in range(STEPS):
        optimizers, objective = train(method, step + 1, step, optimizers)
        told.append(objective.parts["target_momentum"].item())
    expected = [1 - 0.1 * 0.5 * (1 + np.cos(pi * step / STEPS)) for step in range(STEPS)]
    assert told == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("stop", [1, 4])
def test_stopped_and_taken_up_again_gives_the_same_bits(rule: str, stop: int):
    whole, stopped, other = (make(optimizer=rule) for _ in range(3))
    train(whole)
    before, _ = train(stopped, stop)
    other.load_state_dict(state(stopped))
    optimizers = make_optimizers(other, 1, STEPS)
    optimizers["main"].load(deepcopy(before["main"].state()))
    train(other, first=stop, optimizers=optimizers)
    assert moved(state(whole), other) == set()


def test_steps_that_are_told_the_clock_of_the_first_are_the_same():
    """As a GPU replays them: what changes from step to step has to lie in tensors."""
    method, replayed = make(), make()
    train(method)
    optimizers = make_optimizers(replayed, 1, STEPS)
    for step in range(STEPS):
        optimizers["main"].follow(step)
        carry_out(replayed, batch(step), Clock(0, STEPS, 0, 0), optimizers)
    assert moved(state(method), replayed) == set()
    assert {method.phase(Clock(step, STEPS, 0, step)) for step in range(STEPS)} == {"train"}


@pytest.mark.parametrize("rule", RULES)
def test_a_step_never_waits_for_the_device(rule: str):
    method = make(optimizer=rule)
    optimizers = make_optimizers(method, 1, STEPS)
    with Counting() as count:
        carry_out(method, batch(0), Clock(0, STEPS, 0, 0), optimizers)
    assert count.found == []


def values(head: str, start: str, init: str) -> dict[str, Any]:
    return {
        "network": {
            "head": head, "name": "small", "widths": [8], "blocks": 1, "init": init, "hidden": 8, "dim": 8, "layers": 2,
            "predictor": 8, "zero_init_residual": False,
        },
        "views": {"recipe": "byol", "size": 8, "area": [0.2, 1.0], "mean": [0.5], "std": [0.5]},
        "train": {
            "epochs": 1, "warmup": 0, "batch": 8, "lr": 0.1, "momentum": 0.9, "weight_decay": 0, "decay": "all",
            "precision": "fp32", "device": "cpu", "threads": 1, "schedule": "cosine", "optimizer": "sgd",
            "checkpoint": 1,
        },
        "monitor": {"every": 1, "k": [1], "protocols": []},
        "target": {"momentum": 0.99, "start": start},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("simsiam", "copy", "random"), "head simsiam has no predictor for BYOL; take byol"),
        (("byol", "independent", "weights.pt"), "start: independent draws weights anew"),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(given: tuple[str, str, str], message: str):
    with pytest.raises(ValidationError, match=message):
        byol.Train.model_validate(values(*given))
    assert byol.Train.model_validate(values("byol", "copy", "weights.pt")).target.momentum == 0.99
