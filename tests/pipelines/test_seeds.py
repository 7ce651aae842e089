"""Seeds side by side, each in a process of its own."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest
import yaml

from gristmill.errors import UserError
from gristmill.pipelines import seeds
from gristmill.pipelines.parameters import for_nodes
from gristmill.pipelines.prepare import prepare
from gristmill.pipelines.task import split_long_tail
from tests.pipelines.test_few_labels import PARAMETERS
from tests.project import ROOT

Data = tuple[Any, pd.DataFrame, dict[str, Any]]


@pytest.fixture(scope="module")
def data() -> Data:
    settings = for_nodes(yaml.safe_load(PARAMETERS))
    images, table = prepare("digits", settings["datasets"]["digits"])
    return images, split_long_tail(table, settings["tasks"]["tail"]), settings["supervised"]["few"]["train"]


def run(data: Data, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    with contextlib.chdir(folder):
        results, _ = seeds.each_seed("few", {}, *data)
        return {seed: read() for seed, read in results.items()}


def cores(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(count)), raising=False)


def test_side_by_side_gives_the_bits_of_one_after_the_other(data: Data, tmp_path: Path, monkeypatch: Any):
    cores(monkeypatch, 1)
    alone = run(data, tmp_path / "alone")
    cores(monkeypatch, 2)
    assert run(data, tmp_path / "beside") == alone


@pytest.mark.parametrize(
    ("count", "threads", "wanted"), [(1, 1, 1), (2, 1, 3), (2, 2, 1), (4, 2, 2), (8, 2, 3), (16, 1, 3), (1, 4, 1)]
)
def test_processors_are_shared_by_seeds_of_one_thread_alone(
    count: int, threads: int, wanted: int, monkeypatch: pytest.MonkeyPatch
):
    cores(monkeypatch, count)
    assert seeds.beside(3, {"device": "cpu", "threads": threads}) == wanted


def test_a_fault_in_one_process_is_told_as_without(data: Data, tmp_path: Path, monkeypatch: Any):
    images, table, settings = data
    cores(monkeypatch, 2)
    wild = {**settings, "train": settings["train"] | {"lr": 1e30}}
    with pytest.raises(UserError, match="few, seed 0: not finite at step"):
        run((images, table, wild), tmp_path / "wild")
    assert not [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def test_a_killed_process_is_told_in_one_line_and_can_go_on(data: Data, tmp_path: Path, monkeypatch: Any):
    cores(monkeypatch, 2)
    monkeypatch.setattr(seeds, "begin", os._exit)  # ends each process with the status of its argument
    assert data[0].nbytes > 2**16  # more than a pipe takes: who waits until it is read waits for ever
    with pytest.raises(UserError, match=r"few: the process that trained one of the seeds was killed"):
        run(data, tmp_path / "killed")


LONG = """
import os
import yaml
from gristmill.pipelines import seeds
from gristmill.pipelines.parameters import for_nodes
from gristmill.pipelines.prepare import prepare
from gristmill.pipelines.task import split_long_tail
from tests.pipelines.test_few_labels import PARAMETERS

if __name__ == "__main__":
    os.sched_getaffinity = lambda _: {0, 1}
    settings = for_nodes(yaml.safe_load(PARAMETERS))
    images, table = prepare("digits", settings["datasets"]["digits"])
    run = settings["supervised"]["few"]["train"]
    run["train"] |= {"epochs": 100_000}
    seeds.each_seed("few", {}, images, split_long_tail(table, settings["tasks"]["tail"]), run)
"""


def test_processes_of_seeds_end_with_the_one_that_started_them(tmp_path: Path):
    script = tmp_path / "long.py"
    script.write_text(LONG, "utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "src", ROOT)))}
    first = subprocess.Popen([sys.executable, str(script)], cwd=tmp_path, env=environment)
    try:
        until, own = time.monotonic() + 120, []
        while len(own) < 2 or len(list(tmp_path.glob("data/resume/few.*.lock"))) < 2:
            assert first.poll() is None and time.monotonic() < until
            time.sleep(0.2)
            children = psutil.Process(first.pid).children()
            own = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
    finally:
        first.kill()
        first.wait()
    assert len(own) == 2
    _, alive = psutil.wait_procs(own, timeout=20)
    assert not alive
