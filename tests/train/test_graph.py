"""Steps that a GPU records and replays."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from gristmill.attributes import attributes
from gristmill.methods.method import Batch, Clock
from gristmill.pipelines.parameters import for_nodes
from gristmill.train.graph import PlainSteps, copied, tensors
from gristmill.train.loop import Run
from gristmill.train.run import make_run
from gristmill.train.step import carry_out
from tests.pipelines.test_two_views import METHODS, TINY
from tests.train.test_loop import Counting, coarse_run
from tests.train.toy import digits

COARSE = ["maskcon", "grafit", "coins"]
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")


def batch(value: float) -> Batch:
    return Batch(
        train=SimpleNamespace(query=torch.full((2, 3), value), label=torch.tensor([1, 2])),
        draws={"b": torch.tensor([value]), "a": torch.tensor([-value])},
    )


def test_a_copied_batch_has_the_same_values_in_memory_of_its_own():
    given = batch(1.0)
    own = copied(given)
    assert [t.tolist() for t in tensors(own)] == [t.tolist() for t in tensors(given)]
    given.train.query.fill_(9)
    assert float(own.train.query.max()) == 1.0


def test_tensors_come_in_one_order_however_the_batch_was_put_together():
    turned = batch(2.0)
    turned.draws = dict(reversed(turned.draws.items()))
    assert [t.tolist() for t in tensors(turned)] == [t.tolist() for t in tensors(batch(2.0))]
    assert len(list(tensors(turned))) == 4


def started(method: str, device: str = "cpu") -> Run:
    """A tiny run of 3 steps an epoch."""
    if method in COARSE:
        return coarse_run(method, device=device)
    settings = deepcopy(for_nodes(TINY)[method][f"{method}_run"]["train"])
    settings["train"] |= {"batch": 16, "epochs": 5, "device": device}
    return make_run(*digits(), attributes(settings), 0)


class Recording(TorchDispatchMode):
    """Operator calls with all that a graph would keep of them: shapes, and numbers that the host gave."""

    def __init__(self):
        super().__init__()
        self.calls: list[Any] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.calls.append((func.overloadpacket.__name__, kept(args), kept(list((kwargs or {}).items()))))
        return func(*args, **(kwargs or {}))


def kept(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.shape
    if isinstance(value, list | tuple):
        return tuple(kept(each) for each in value)
    return value if isinstance(value, bool | int | float | str) else type(value)


@pytest.mark.parametrize("method", [*COARSE, *METHODS])
def test_steps_of_a_phase_do_the_same_and_ask_the_device_nothing(method: str):
    run = started(method)
    run.method.start(run.start_batches.endless())
    seen: dict[str, list[Any]] = {}
    for step in range(run.steps):
        now, batch = Clock(step, run.steps, *divmod(step, run.epoch_steps)), run.batches(step)
        for optimizer in run.optimizers.values():
            optimizer.follow(step)
        with Counting() as waits, Recording() as record:
            carry_out(run.method, batch, now, run.optimizers)
        assert waits.found == []
        phase = run.method.phase(now)
        assert phase is not None
        seen.setdefault(phase, []).append(record.calls)
    for calls in seen.values():
        for other in calls[2:]:  # the first ones make the optimizers' states
            assert other == calls[1]
    assert sum(len(calls[2:]) for calls in seen.values()) >= 5


@needs_cuda
@pytest.mark.parametrize("method", [*COARSE, *METHODS])
def test_recorded_steps_give_the_bits_of_plain_ones(method: str):
    runs = [started(method, "cuda") for _ in range(2)]
    runs[1].step = PlainSteps(runs[1].method, runs[1].optimizers)
    for run in runs:
        run.train()
    one, other = (run.method.state_dict() for run in runs)
    assert all(torch.equal(one[name], other[name]) for name in one)
