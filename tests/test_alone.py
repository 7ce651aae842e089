"""One run without Kedro and DVC: what a machine with torch and little else can do."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from gristmill.data.prepare import prepare
from gristmill.labels.coarse import group_coarse
from gristmill.parameters.resolve import resolve
from tests.project import PARAMETERS

WITHOUT = ("kedro", "kedro_datasets", "dvc", "pandera", "pydantic", "click", "rich", "psutil", "jinja2", "matplotlib",
           "seaborn", "grimp", "omegaconf", "torchvision", "yaml", "PIL")  # fmt: skip
FORBID = f"""
import sys
class Forbid:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {WITHOUT}:
            raise ModuleNotFoundError("forbidden here: " + name)
sys.meta_path.insert(0, Forbid())
import gristmill.alone
gristmill.alone.main()
"""


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    """Settings and arrays as they are carried to another machine."""
    folder, parameters = tmp_path_factory.mktemp("alone"), yaml.safe_load(PARAMETERS)
    images, table = prepare({"source": "digits", "path": "pyproject.toml"})
    np.save(folder / "images.npy", images)
    group_coarse(table, {"grouping": "coarse"}).to_parquet(folder / "table.parquet")
    (folder / "parity").mkdir()
    for step in ("train", "evaluate"):
        config = {"settings": resolve(parameters, "parity", step), "code": {}}
        (folder / "parity" / f"{step}.json").write_text(json.dumps(config))
    return folder


def alone(folder: Path, out: str, *more: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", FORBID, "parity/train.json", "--images", "images.npy", "--table", "table.parquet",
               "--seed", "1", "--out", out, *more]  # fmt: skip
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def test_a_run_needs_torch_numpy_pandas_and_safetensors_alone(carried):
    done = alone(carried, "first")
    metrics = json.loads((carried / "first/metrics.json").read_text())
    assert json.loads(done.stdout) == metrics
    assert 0 < metrics["metrics"]["recall_1"] <= 1
    assert metrics["machine"]["seconds"] > 0
    assert {p.name for p in (carried / "first").iterdir()} >= {"encoder.safetensors", "history.json", "key.json"}


def test_the_same_command_again_repeats_nothing_and_gives_the_same_answer(carried):
    first = alone(carried, "again")
    encoder = (carried / "again/encoder.safetensors").stat().st_mtime_ns
    assert alone(carried, "again").stdout == first.stdout
    assert (carried / "again/encoder.safetensors").stat().st_mtime_ns == encoder


def test_a_killed_run_goes_on_with_the_same_bits(carried):
    alone(carried, "whole")
    stop = FORBID.replace("gristmill.alone.main()", """
import gristmill.train.loop as loop
advance = loop.Run.advance
def until(self, step):
    advance(self, step)
    if step == 11:
        self.checkpoint.wait()
        import os; os._exit(9)
loop.Run.advance = until
gristmill.alone.main()""")
    command = [sys.executable, "-c", stop, "parity/train.json", "--images", "images.npy", "--table", "table.parquet",
               "--seed", "1", "--out", "killed"]  # fmt: skip
    assert subprocess.run(command, cwd=carried, capture_output=True, check=False).returncode == 9
    assert (carried / "killed/state.safetensors").exists()
    alone(carried, "killed")
    for file in ("encoder.safetensors", "history.json"):
        assert (carried / "killed" / file).read_bytes() == (carried / "whole" / file).read_bytes()


def test_a_folder_with_something_else_in_it_is_left_alone(carried):
    (carried / "mine").mkdir()
    (carried / "mine/thesis.txt").write_text("all of it")
    said = alone(carried, "mine", status=1).stderr
    assert "mine: is not empty" in said
    assert [p.name for p in (carried / "mine").iterdir()] == ["thesis.txt"]


def test_a_folder_with_a_run_of_another_seed_is_refused(carried):
    alone(carried, "other")
    command = [sys.executable, "-m", "gristmill.alone", "parity/train.json", "--images", "images.npy",
               "--table", "table.parquet", "--seed", "0", "--out", "other"]  # fmt: skip
    done = subprocess.run(command, cwd=carried, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "other: holds a run with other settings, data or code; give another --out"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("--images=none.npy", "none.npy: not prepared images (No such file"),
        ("--images=table.parquet", "table.parquet: not prepared images"),
        ("--table=images.npy", "images.npy: not a task's table"),
    ],
)
def test_a_wrong_file_is_one_line(carried, wrong, said):
    error = alone(carried, "wrong", wrong, status=1).stderr
    assert said in error
    assert "Traceback" not in error


def test_several_processes_are_refused_before_they_wait_for_each_other(carried, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert alone(carried, "several", status=1).stderr.startswith("this trains in one process; several share")
    assert not (carried / "several").exists()
