"""What a change runs again where trainings have two phases."""

from typing import Any

import pytest
import yaml

from tests.pipelines.test_few_labels import PARAMETERS
from tests.project import Project, make_project
from tests.test_stages import changed, configured

LEFT = ("fix:", "pseudo:", "usa:")
TINY = "\n".join(line for line in PARAMETERS.splitlines() if not line.strip().startswith(LEFT))
WHOLE = yaml.safe_load(PARAMETERS)
ROWS = [
    ("blend/align", 0.5, {"blended/blend_pseudo_labels", "half/blend_pseudo_labels"}),
    ("blend/dist_temperature", 0.3, {"blended/blend_pseudo_labels"}),  # a constant blend knows no distribution
    ("blendings/half/blend/alpha", 0.6, {"half/blend_pseudo_labels"}),
    ("pretrain/window", 2, {"begun/pretrain", "blended/blend_pseudo_labels", "half/blend_pseudo_labels"}),
    ("evaluate/last", 1, {f"{name}/evaluate" for name in ("few", "fix", "pseudo", "usa", "blended", "half")}),
    ("loss/information", 0.2, {"usa/train"}),
    ("loss/ramp", 0.2, {"pseudo/train"}),
    ("balance/beta", 0.9, {"few/train"}),  # the others balance nothing
]


@pytest.mark.parametrize(("name", "value", "files"), ROWS, ids=[row[0] for row in ROWS])
def test_a_changed_value_reaches_only_what_reads_it(name: str, value: Any, files: set[str]):
    parameters = yaml.safe_load(PARAMETERS)
    *path, last = name.split("/")
    block = parameters
    for key in path:
        block = block[key]
    block[last] = value
    assert changed(WHOLE, parameters) == files


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A tiny project, one pretraining and two that go on from it, after its first `dvc repro`."""
    project = make_project(tmp_path_factory.mktemp("phases"), TINY)
    ran = project.repro()
    assert {"pretrain@begun", "blend@blended", "blend@half", "evaluate_blend@half", "report"} <= set(ran)
    project.commit()
    return project


def test_a_second_repro_does_nothing(project: Project):
    assert project.repro() == []


def test_another_blend_shares_the_pretraining(project: Project):
    project.replace("params.yaml", "alpha: 0.5", "alpha: 0.75")
    assert project.repro() == ["configure", "blend@half", "evaluate_blend@half", "report"]
    project.run("git", "checkout", "-q", ".")
    project.dvc("checkout", "--force")


def test_kedro_run_leaves_the_same_bytes_and_nothing_to_resume(project: Project):
    project.kedro("--pipeline=daso")
    assert "up to date" in project.dvc("status", "pretrain@begun", "blend@blended", "evaluate_blend@blended")
    assert not (project.folder / "data/resume/blended").exists()


def test_a_pretraining_that_was_taken_away_is_one_line(project: Project):
    settings = configured(project)
    assert settings["begun/pretrain"]["settings"]["pretrain"]["steps"] == 6
    project.replace("params.yaml", "  begun:", "  begun_anew:")
    refused = project.kedro("--nodes=configure", status=1)
    assert "start" in refused.stderr and "Traceback" not in refused.stderr
    project.run("git", "checkout", "-q", ".")
