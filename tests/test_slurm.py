"""Which jobs the stage graph becomes, and that the scripts are what a shell can read."""

import importlib.util
import subprocess
from typing import Any

import pytest

from gristmill.errors import UserError
from tests.project import ROOT

FOLDER = ROOT / "scripts/slurm"
PARAMETERS: dict[str, Any] = {
    "experiments": {"a": {"method": "moco"}, "b": {"method": "simclr"}},
    "pretrainings": {"begun": {"method": "daso"}},
    "blendings": {"half": {"method": "daso", "start": "begun"}},
}
ALL = {
    *("train@a", "evaluate@a", "train@b", "evaluate@b"),
    *("pretrain@begun", "blend@half", "evaluate_blend@half", "report"),
}


@pytest.fixture(scope="module")
def stages() -> Any:
    spec = importlib.util.spec_from_file_location("stages", FOLDER / "stages.py")
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_every_experiment_is_a_job_and_comes_after_what_it_starts_from(stages: Any):
    jobs = stages.plan(PARAMETERS, ALL, [])
    names = [name for name, _, _ in jobs]
    assert sorted(names) == ["a", "b", "begun", "half"] and names.index("begun") < names.index("half")
    found = {name: (nodes, before) for name, nodes, before in jobs}
    assert found["a"] == (["moco.a.train", "moco.a.evaluate"], [])
    assert found["half"] == (["daso.half.blend_pseudo_labels", "daso.half.evaluate"], ["begun"])


def test_what_is_up_to_date_is_not_sent(stages: Any):
    assert stages.plan(PARAMETERS, {"report"}, []) == []
    assert [name for name, _, _ in stages.plan(PARAMETERS, {"evaluate@b", "report"}, [])] == ["b"]
    assert stages.plan(PARAMETERS, ALL - {"pretrain@begun"}, ["half"])[0][2] == []
    assert [name for name, _, _ in stages.plan(PARAMETERS, ALL, ["half"])] == ["begun", "half"]
    with pytest.raises(UserError, match="no such experiment: c"):
        stages.plan(PARAMETERS, ALL, ["c"])


def test_a_dry_run_sends_nothing(stages: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stages.subprocess, "run", lambda *_, **__: pytest.fail("sent"))
    assert stages.send("a", ["script", "node"], ["--nodes=2"], True) == "a"
    assert capsys.readouterr().out == "sbatch --parsable --job-name=a --nodes=2 script node\n"


def test_the_job_of_a_training_is_a_shell_script():
    subprocess.run(["bash", "-n", str(FOLDER / "train.sbatch")], check=True)
