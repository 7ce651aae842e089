"""Two processes that share every batch train SimSiam and BYOL as one does: heads have batch norm too."""

import os
from types import SimpleNamespace

import pytest
import torch
from torch import distributed, multiprocessing

from gristmill.methods.method import Batch, Clock
from gristmill.networks.parallel import share_batch_norm
from gristmill.train.step import advance, make_optimizers
from tests.methods import test_byol, test_simsiam
from tests.methods.test_simsiam import batch
from tests.train.test_parallel import unused_port  # noqa: F401

KINDS = {"simsiam": test_simsiam.make, "byol": test_byol.make}


def trained(kind: str, rank: int = 0, processes: int = 1) -> dict[str, torch.Tensor]:
    """A method's state after three steps."""
    method = KINDS[kind]().double()
    share_batch_norm(method, torch.device("cpu"))
    optimizers = make_optimizers(method.train(), 1, 3)
    for step in range(3):
        views = {name: value.double().chunk(processes)[rank] for name, value in vars(batch(step).train).items()}
        advance(method, Batch(train=SimpleNamespace(**views), draws={}), Clock(step, 3, 0, step), optimizers)
    return method.state_dict()


def worker(rank: int, port: int, results) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", f"tcp://127.0.0.1:{port}", world_size=2, rank=rank)
    found = {kind: {name: value.tolist() for name, value in trained(kind, rank, 2).items()} for kind in KINDS}
    if rank == 0:
        results.update(found)
    distributed.destroy_process_group()


def test_two_processes_give_the_weights_and_statistics_of_one(unused_port: int):  # noqa: F811
    os.environ.pop("WORLD_SIZE", None)
    with multiprocessing.get_context("spawn").Manager() as manager:
        results = manager.dict()
        multiprocessing.spawn(worker, (unused_port, results), nprocs=2)  # type: ignore[attr-defined]
        together = dict(results)
    for kind in KINDS:
        for name, value in trained(kind).items():
            assert torch.tensor(together[kind][name]).flatten().tolist() == pytest.approx(
                value.flatten().tolist(), rel=1e-6, abs=1e-8
            ), name
