"""Two processes that share every batch train as one does."""

import os

import pytest
import torch
from torch import distributed, multiprocessing

from gristmill.train.run import make_run, prepare_process
from tests.train.toy import digits, settings


def losses(method: str, precision: str = "fp32") -> list[float]:
    prepare_process(1)
    images, table = digits()
    values = settings(precision=precision)
    values.method = method
    run = make_run(images, table, values, 0)
    run.method.start(run.start_batches.endless())
    local = []
    for step in range(6):
        run.advance(step)
        local.append(run.log.values(step % run.epoch_steps)["loss"])
    shared = torch.tensor(local, dtype=torch.float64)
    if distributed.is_initialized():
        distributed.all_reduce(shared)
        shared /= distributed.get_world_size()
    return shared.tolist()


def worker(rank: int, port: int, method: str, results) -> None:
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    found = losses(method)
    if rank == 0:
        results.extend(found)
    distributed.destroy_process_group()


@pytest.mark.parametrize("method", ["maskcon", "coins"])
def test_two_processes_give_the_losses_of_one(method, unused_port):
    alone = losses(method)
    with multiprocessing.get_context("spawn").Manager() as manager:
        results = manager.list()
        multiprocessing.spawn(worker, (unused_port, method, results), nprocs=2)  # type: ignore[attr-defined]
        together = list(results)
    assert together == pytest.approx(alone, rel=2e-4)
    assert len(set(alone)) == 6


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
