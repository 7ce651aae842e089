"""What the page says of files and of settings that have changed since."""

import json
from pathlib import Path

import pytest
import yaml

from gristmill.pipelines import recorded as module
from gristmill.pipelines.lockfile import md5
from gristmill.pipelines.recorded import recorded

RUN = {"experiment": "one", "step": "train", "train": {"method": "coins", "lr": 0.1}, "evaluate": {"k": [1]}}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A finished run, recorded by DVC, with the notes of its steps."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "step_config", lambda step, settings: {"settings": settings})
    stages = {}
    for step, file in (("train", "history.csv"), ("evaluate", "metrics.json")):
        write(f"data/runs/one/{file}", file)
        write(f"data/config/one/{step}.json", json.dumps({"settings": RUN[step]}))
        write(f"data/resume/used/one/{step}.json", json.dumps({"settings": RUN[step]}))
        stages[f"{step}@one"] = {
            "cmd": "kedro run",
            "deps": [entry(f"data/config/one/{step}.json")],
            "outs": [entry(f"data/runs/one/{file}")],
        }
    write("dvc.lock", yaml.safe_dump({"schema": "2.0", "stages": stages}))


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def entry(name: str) -> dict[str, str]:
    return {"path": name, "md5": md5(Path(name).read_bytes())}


def test_files_have_the_hashes_of_the_lock():
    hashes, states = recorded([RUN])
    assert hashes == {"one": {name: entry(name)["md5"] for name in hashes["one"]}}
    assert set(hashes["one"]) == {"data/runs/one/history.csv", "data/runs/one/metrics.json"}
    assert states == {}


def test_without_a_lock_nothing_is_recorded():
    Path("dvc.lock").unlink()
    hashes, states = recorded([RUN])
    assert set(hashes["one"].values()) == {""}
    assert states == {}


def test_other_files_than_those_recorded_have_no_hash():
    write("data/runs/one/metrics.json", "another run's")
    hashes, _ = recorded([RUN])
    assert set(hashes["one"].values()) == {""}


def test_changed_settings_make_a_run_stale():
    write("data/config/one/train.json", json.dumps({"settings": {"lr": 0.2}}))
    _, states = recorded([{**RUN, "train": {"lr": 0.2}}])
    assert states == {"one": "stale: settings or code of train changed; dvc repro"}


@pytest.mark.parametrize("fresh", ["data/resume/used/one/train.json", "dvc.lock"])
def test_a_run_is_not_stale_where_either_record_has_its_settings(fresh: str):
    write("data/config/one/train.json", json.dumps({"settings": {"lr": 0.2}}))
    if fresh == "dvc.lock":
        lock = yaml.safe_load(Path(fresh).read_text())
        lock["stages"]["train@one"]["deps"] = [entry("data/config/one/train.json")]
        write(fresh, yaml.safe_dump(lock))
    else:
        write(fresh, json.dumps({"settings": {"lr": 0.2}}))
    assert recorded([{**RUN, "train": {"lr": 0.2}}])[1] == {}
