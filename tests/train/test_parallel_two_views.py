"""Two processes that share every batch: the methods that compare views of an image train as one process does."""

import os
import signal
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import yaml
from torch import distributed, multiprocessing

from gristmill.attributes import attributes
from gristmill.errors import UserError
from gristmill.methods.method import Batch
from gristmill.networks.parallel import gather
from gristmill.pipelines.parameters import for_nodes
from gristmill.train.checkpoint import Checkpoint
from gristmill.train.loop import Run
from gristmill.train.run import make_run, prepare_process, train_seed
from tests.pipelines.test_two_views import PARAMETERS
from tests.train.toy import digits

BATCH, STEPS = 16, 4
ONE = ["simsiam", "byol", "simclr", "supcon", "cross_entropy"]  # one process and two do the same, whatever the order
BETWEEN, WITHIN = "logo_simsiam", ["moco", "multi_crop"]  # in one process the batch has to lie as in two
TRAINED = ["moco", "logo_moco", "logo_simsiam"]


def settings(name: str, **more: Any) -> dict[str, Any]:
    """Settings of a tiny run of 48 images; `multi_crop` is LoGo on MoCo without its regressor."""
    method = "logo_moco" if name == "multi_crop" else name
    parameters = yaml.safe_load(PARAMETERS)
    found = for_nodes(parameters)[method][f"{method}_run"]["train"]
    found["train"] |= {"batch": BATCH, "checkpoint": 2, "epochs": 3} | more
    found["monitor"]["protocols"] = []
    found["network"] |= {"splits": 1} if "splits" in found["network"] else {}
    found["local"] = found.get("local", {}) | ({"mode": "mc"} if name == "multi_crop" else {})
    return found


def start(name: str, **network: Any) -> Run:
    found = settings(name)
    found["network"] |= network
    return make_run(*digits(), attributes(found), 0)


def placed(batch: Batch, order: torch.Tensor) -> Batch:
    """The batch with its images in another order; a shuffle is told the new places."""
    place = order.argsort()
    views = {name: value[order] for name, value in vars(batch.train).items()}
    draws = {k: place[v[order]] if "shuffle" in k else v[order] for k, v in batch.draws.items()}
    return Batch(train=SimpleNamespace(**views), draws=draws)


def followed(run: Run, order: torch.Tensor | None = None) -> tuple[list[float], list[float]]:
    """Losses of some steps, as all processes have them; then every trained weight."""
    if order is not None:
        batches: Any = run.batches
        run.batches = lambda step: placed(batches(step), order)  # type: ignore[assignment]
    losses = []
    for step in range(STEPS):
        run.advance(step)
        losses.append(run.log.values(step % run.epoch_steps)["loss"])
    mean = gather(torch.tensor([losses], dtype=torch.float64)).mean(0)
    return mean.tolist(), torch.cat([p.detach().flatten() for p in run.method.evaluated.parameters()]).tolist()


def together(name: str, folder: Path) -> dict[str, Any]:
    """A training that stops and goes on; what lies in its folder, and how far the processes are apart."""
    whole = make_run(*digits(), attributes(settings(name)), 0)
    history = whole.train()
    values = {k: v for k, v in whole.method.state_dict().items() if "running" not in k}
    apart = max(float((gather(v[None].double()) - v).abs().max()) for v in values.values())
    statistics = torch.cat([v.flatten() for k, v in whole.method.state_dict().items() if "running" in k])
    folder.mkdir(exist_ok=True)
    make_run(*digits(), attributes(settings(name)), 0, Checkpoint(folder)).train(stop=5)
    distributed.barrier()
    halfway = sorted(path.name for path in folder.iterdir())
    distributed.barrier()
    result = train_seed(*digits(), settings(name), 0, folder)
    distributed.barrier()
    return {
        "apart": apart, "statistics": float((gather(statistics[None]) - statistics).abs().max()), "halfway": halfway,
        "losses": [row["loss"] for row in history[1:]], "resumed": result.history["loss"].dropna().tolist(),
        "files": sorted(path.name for path in folder.iterdir()),
    }  # fmt: skip


def left_alone(rank: int, folder: Path) -> str:
    """The second process is killed in the middle; what the first one says."""
    advance = Run.advance

    def until_killed(run: Run, step: int) -> None:
        if rank == 1 and step == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        advance(run, step)

    Run.advance = until_killed
    with pytest.raises(UserError) as told:
        train_seed(*digits(), settings("simsiam"), 0, folder, "killed")
    return str(told.value)


def worker(rank: int, port: int, folder: str, results: Any) -> None:
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    prepare_process(1)
    found: dict[str, Any] = {name: followed(start(name)) for name in (*ONE, BETWEEN, *WITHIN)}
    found |= {f"trained {name}": together(name, Path(folder, name)) for name in TRAINED}
    found["left alone"] = left_alone(rank, Path(folder, "killed"))  # the last thing: one process is left
    results.update(found)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: Any) -> dict[str, Any]:
    """What two processes find, all methods one after the other."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    context: Any = multiprocessing.get_context("spawn")
    folder = tmp_path_factory.mktemp("together")
    with context.Manager() as manager:
        results = manager.dict()
        both = [context.Process(target=worker, args=(rank, port, str(folder), results)) for rank in range(2)]
        for process in both:
            process.start()
        for process in both:
            process.join()
        assert [process.exitcode for process in both] == [0, -signal.SIGKILL]
        return {**results, "folder": folder}


def like(found: tuple[list[float], list[float]], expected: tuple[list[float], list[float]]) -> None:
    assert found[0] == pytest.approx(expected[0], rel=1e-4)
    assert len(set(expected[0])) == STEPS
    torch.testing.assert_close(torch.tensor(found[1]), torch.tensor(expected[1]), rtol=1e-3, atol=2e-4)


@pytest.mark.parametrize("name", ONE)
def test_two_processes_give_the_losses_and_weights_of_one(name: str, shared: dict[str, Any]):
    prepare_process(1)
    like(shared[name], followed(start(name)))


def test_logo_pairs_the_images_of_each_process_and_does_the_same_otherwise(shared: dict[str, Any]):
    """Its regressor's pairs of two images are rows i and N - 1 - i of each process."""
    prepare_process(1)
    order, half = torch.arange(BATCH), BATCH // 2
    outside = torch.cat([order[: half // 2], order[half:], order[half // 2 : half]])
    like(shared[BETWEEN], followed(start(BETWEEN), outside))


@pytest.mark.parametrize("name", WITHIN)
def test_batch_norm_of_each_process_is_batch_norm_over_as_many_splits(name: str, shared: dict[str, Any]):
    prepare_process(1)
    by_turns = torch.arange(BATCH).view(2, -1).T.flatten()  # sample i belongs to split i mod 2
    like(shared[name], followed(start(name, splits=2), by_turns))


@pytest.mark.parametrize("name", TRAINED)
def test_processes_end_with_equal_weights_one_checkpoint_and_one_history(name: str, shared: dict[str, Any]):
    found = shared[f"trained {name}"]
    assert found["apart"] == 0
    assert (found["statistics"] > 1e-4) == ("moco" in name)  # batch norm is of every process alone there
    assert found["halfway"] == ["state.safetensors"]
    assert found["files"] == ["encoder.safetensors", "history.json"]
    assert found["resumed"] == found["losses"] and len(found["losses"]) == 3
    assert all(abs(loss) < float("inf") for loss in found["losses"])


def test_a_process_that_is_killed_ends_the_run_in_one_line_and_it_goes_on(shared: dict[str, Any], tmp_path: Path):
    folder = shared["folder"] / "killed"
    assert shared["left alone"] == (
        "killed, seed 0: another of the 2 processes has ended, so this one stops too; start all again, and they go on "
        f"from step 4 in {folder / 'state.safetensors'}"
    )
    whole = train_seed(*digits(), settings("simsiam"), 0, tmp_path)
    resumed = train_seed(*digits(), settings("simsiam"), 0, folder)
    assert resumed.history["loss"].dropna().tolist() == pytest.approx(whole.history["loss"].dropna().tolist(), rel=1e-3)
    assert not (folder / "state.safetensors").exists()
