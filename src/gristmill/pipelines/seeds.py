"""The seeds of one training step: one after the other, or side by side where processors are free."""

import hashlib
import json
import os
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import active_children, get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from gristmill.allocator import keep_memory
from gristmill.errors import UserError
from gristmill.pipelines.guard import hold, release, watch_parent

if TYPE_CHECKING:
    import pandas as pd

    from gristmill.data.packed import Images

    Job = tuple[int, pd.DataFrame, Path, bytes | None]  # seed, its task, its folder, the state it starts from
    Done = tuple[Path, pd.DataFrame]

FIRST_COLUMNS = ["seed", "epoch", "step", "loss"]  # of every history; the floors have no loss
CROWD = 2  # processes of one thread that a processor may have to share


def each_seed(
    experiment: str,
    code: dict[str, str],
    images: "Images",
    table: "pd.DataFrame",
    settings: dict[str, Any],
    states: "dict[str, Callable[[], bytes]] | None" = None,
    ends: str | None = None,
) -> "tuple[dict[str, Callable[[], bytes]], pd.DataFrame]":
    """Train each seed, or take it from the resume folder.

    Args:
        experiment: names the resume folder.
        code: fingerprints of the step.
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task.
        settings: of the step.
        states: seed -> function that reads the state to start from; None: from the beginning.
        ends: `pretraining`: where the first phase ends; None: at the end.

    Returns:
        seed -> function that reads the result's file, called when it is saved; the history of all seeds.
    """
    import pandas as pd

    from gristmill.labels.seeds import of_seed
    from gristmill.pipelines.cautions import of_task, tell
    from gristmill.pipelines.intact import check_intact
    from gristmill.pipelines.resume import claim, first_process, run_key

    intact = check_intact(images, table)
    jobs: list[Job] = []
    for seed in settings["seeds"]:
        own = of_seed(table, seed)
        key, start = run_key(settings, seed, intact, own, code), None
        if states is not None:
            if str(seed) not in states:
                raise UserError(f"{experiment}: seed {seed} has not been pretrained; run the pretraining again")
            start = states[str(seed)]()
            key["start"] = hashlib.sha256(start).hexdigest()
        if first_process():
            hold(f"{experiment}.{seed}")  # a process of a killed run may live a second longer than that run's lock
        jobs.append((seed, own, claim(experiment, seed, key), start))
    if first_process() and jobs:
        tell(of_task(experiment, settings, jobs[0][1]))
    done = trained(experiment, images, settings, jobs, ends)
    files = zip(settings["seeds"], (file for file, _ in done), strict=True)
    results = {str(seed): partial(Path.read_bytes, file) for seed, file in files}
    history = pd.concat([history for _, history in done], ignore_index=True).map(written)
    columns = [*FIRST_COLUMNS, *(name for name in history if name not in FIRST_COLUMNS)]
    return results, history.reindex(columns=columns)


def written(cell: Any) -> Any:
    """A cell of the history as it stands in the file: lists as JSON."""
    return json.dumps(cell) if isinstance(cell, list) else cell


def beside(seeds: int, settings: dict[str, Any]) -> int:
    """How many seeds are trained at a time.

    As many as there are processors for their threads; those of one thread never wait for each other inside an
    operation, so a few more of them than processors are done sooner all at once than in turns.

    Args:
        settings: of the loop: `device`, `threads`.
    """
    from gristmill.train.precision import choose_device

    several, threads = int(os.environ.get("WORLD_SIZE", "1")) > 1, settings["threads"]
    if several or seeds < 2 or choose_device(settings["device"]).type != "cpu":
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    room = cores // threads
    return min(seeds, CROWD * room if threads == 1 and seeds <= CROWD * room and cores > 1 else max(room, 1))


def trained(
    experiment: str, images: "Images", settings: dict[str, Any], jobs: "list[Job]", ends: str | None
) -> "list[Done]":
    """The results of all jobs, in their order; where one fails all stop, and go on from their checkpoints next time."""
    from gristmill.data.packed import open_images

    processes = beside(len(jobs), settings["train"])
    if processes == 1:
        return [train_one(experiment, images, settings, ends, job) for job in jobs]
    for seed, *_ in jobs:
        release(f"{experiment}.{seed}")
    place, source = getattr(images, "filename", None), images
    if place is not None and len(open_images(Path(place))) == len(images):  # a part of a file names it too
        source = Path(place)
    # In a file, and not through the pool's pipe: a process that dies before it has read a full pipe would leave the
    # pool of Python 3.11 waiting for ever.
    with (
        TemporaryDirectory(prefix="gristmill-") as folder,
        ProcessPoolExecutor(processes, get_context("spawn"), begin, (os.getpid(),)) as pool,
    ):
        handed = Path(folder) / "jobs.pickle"
        handed.write_bytes(pickle.dumps((experiment, source, settings, ends, jobs), pickle.HIGHEST_PROTOCOL))
        try:
            return list(pool.map(partial(train_handed, handed), range(len(jobs))))
        except BaseException as error:
            for process in active_children():
                process.terminate()
            if not isinstance(error, BrokenProcessPool):
                raise
            lost = "the process that trained one of the seeds was killed (is the memory full?)"
            raise UserError(f"{experiment}: {lost}; the same command goes on where it was") from None


def begin(parent: int) -> None:
    """What holds for the whole life of a process that trains seeds."""
    keep_memory()
    watch_parent(parent)


def train_handed(handed: Path, number: int) -> "Done":
    """One of the jobs in a file that this process's parent wrote; its progress is in the line of its number."""
    experiment, images, settings, ends, jobs = pickle.loads(handed.read_bytes())
    return train_one(experiment, images, settings, ends, jobs[number], number)


def train_one(
    experiment: str,
    images: "Images | Path",
    settings: dict[str, Any],
    ends: str | None,
    job: "Job",
    line: int | None = None,
) -> "Done":
    """One seed.

    Args:
        images: or the file that they are in.
        line: of the terminal, for its progress, among those that are trained beside it; None: alone.
    """
    from gristmill.data.packed import open_images
    from gristmill.lookup import module
    from gristmill.pipelines.protocol import protocol
    from gristmill.train.run import train_seed

    seed, table, folder, start = job
    if line is not None:
        hold(f"{experiment}.{seed}")
    if isinstance(images, Path):
        images = open_images(images)
    monitor = module("pipelines", protocol("monitor", settings["monitor"])).make_monitor(images, table, settings)
    result = train_seed(images, table, settings, seed, folder, experiment, monitor, start, ends, line or 0)
    return result.file, result.history
