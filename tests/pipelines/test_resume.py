"""Where unfinished runs keep what they have."""

from pathlib import Path

import pandas as pd
import pytest

from gristmill.errors import UserError
from gristmill.pipelines.resume import claim, forget, run_key, wait_for

TABLE = pd.DataFrame({"row": [0, 1], "label": [0, 1]})
SETTINGS = {"method": "maskcon", "seeds": [0, 1], "loss": {"w": 0.5}}
KEY = run_key(SETTINGS, 0, "images", TABLE, {"gristmill.methods.maskcon": "aa"})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_same_run_finds_what_it_left():
    (claim("parity", 0, KEY) / "state").write_text("half")
    assert (claim("parity", 0, KEY) / "state").read_text() == "half"


def test_other_seeds_of_the_experiment_do_not_matter():
    assert run_key({**SETTINGS, "seeds": [0]}, 0, "images", TABLE, {"gristmill.methods.maskcon": "aa"}) == KEY


@pytest.mark.parametrize(
    "other",
    [
        run_key({**SETTINGS, "loss": {"w": 1.0}}, 0, "images", TABLE, {"gristmill.methods.maskcon": "aa"}),
        run_key(SETTINGS, 1, "images", TABLE, {"gristmill.methods.maskcon": "aa"}),
        run_key(SETTINGS, 0, "others", TABLE, {"gristmill.methods.maskcon": "aa"}),
        run_key(SETTINGS, 0, "images", TABLE.assign(label=[1, 0]), {"gristmill.methods.maskcon": "aa"}),
        run_key(SETTINGS, 0, "images", TABLE, {"gristmill.methods.maskcon": "bb"}),
    ],
    ids=["settings", "seed", "images", "labels", "code"],
)
def test_what_another_run_left_is_discarded_with_a_line(other: dict, capsys: pytest.CaptureFixture[str]):
    (claim("parity", 0, KEY) / "state").write_text("half")
    assert not (claim("parity", 0, other) / "state").exists()
    assert capsys.readouterr().err.count("\n") == 1


def test_further_processes_wait_for_the_first_one(monkeypatch: pytest.MonkeyPatch):
    folder = claim("parity", 0, KEY)
    monkeypatch.setenv("RANK", "1")
    assert claim("parity", 0, KEY) == folder
    with pytest.raises(UserError, match="the first process of this run did not write it"):
        wait_for(folder / "key.json", "another key", seconds=0)


def test_a_finished_experiment_leaves_nothing():
    claim("parity", 0, KEY)
    forget("parity")
    assert not Path("data/resume/parity").exists()
