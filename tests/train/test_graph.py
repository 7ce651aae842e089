"""Steps that a GPU records and replays."""

from types import SimpleNamespace

import pytest
import torch

from gristmill.methods.method import Batch
from gristmill.train.graph import copied, tensors
from tests.train.test_loop import coarse_run

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


@needs_cuda
@pytest.mark.parametrize("method", ["maskcon", "grafit", "coins"])
def test_recorded_steps_give_the_bits_of_plain_ones(method):
    from gristmill.train.graph import PlainSteps

    runs = [coarse_run(method, device="cuda") for _ in range(2)]
    runs[1].step = PlainSteps(runs[1].method, runs[1].optimizers)
    for run in runs:
        run.train()
    one, other = (run.method.state_dict() for run in runs)
    assert all(torch.equal(one[name], other[name]) for name in one)
