"""The command line: what it says, its exit status, and what it leaves alone."""

import json
import sys
from pathlib import Path

import pytest

from gristmill.pipelines import repro, results
from tests.project import Project, make_project

LOADED = """
import sys
from gristmill.cli import commands
try:
    commands(sys.argv[1:], standalone_mode=False)
except SystemExit:
    pass
print(*{"torch", "pandas", "numpy", "kedro", "dvc"} & set(sys.modules), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A tiny project in which nothing has run."""
    return make_project(tmp_path_factory.mktemp("cli"))


@pytest.fixture
def parameters(project: Project):
    """Edits of params.yaml are taken back."""
    yield project
    project.run("git", "checkout", "-q", "params.yaml")


def files(project: Project) -> set[Path]:
    """All files but git's."""
    return {path for path in project.folder.rglob("*") if ".git" not in path.parts}


@pytest.mark.parametrize("arguments", [["--help"], ["check"]])
def test_help_and_check_import_little_and_leave_nothing(project: Project, arguments: list[str]):
    before = files(project)
    done = project.run(sys.executable, "-c", LOADED, *arguments)
    assert done.stderr.split() == []
    assert files(project) == before


def test_help_is_the_map(project: Project):
    said = project.gristmill("--help").stdout
    for word in ("dvc repro", "kedro run", "check", "fetch", "why", "record", "clean", "results", "repro"):
        assert word in said


def test_check_says_that_nothing_is_wrong(project: Project):
    said = project.gristmill("check", "--files").stdout
    assert said == "params.yaml: 3 experiments, nothing wrong, all files there\n"


def test_a_misspelt_parameter_is_one_line_and_status_1(parameters: Project):
    parameters.replace("params.yaml", "loss: {temperature", "loss: {temprature")
    line = "params.yaml: loss.temprature: no such parameter; did you mean 'temperature'?\n"
    done = parameters.gristmill("check", status=1)
    assert (done.stdout, done.stderr) == ("", line)
    done = parameters.kedro("--nodes=configure", status=1)
    assert (done.stdout, done.stderr) == ("", line)
    assert not (parameters.folder / "data").exists()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("train:\n", "train:\n  lr 0.1\n", "params.yaml: line "),
        ("lr: 0.05", "lr: 1e-3", "params.yaml: line 10: 1e-3: text for some readers"),
        ("lr: 0.05", "lr: 0.05\n  lr: 0.06", "params.yaml: line 11: found duplicate key"),
    ],
)
def test_a_file_that_is_not_yaml_is_one_line(parameters: Project, old: str, new: str, line: str):
    parameters.replace("params.yaml", old, new)
    done = parameters.gristmill("check", status=1)
    assert done.stderr.startswith(line) and done.stderr.count("\n") == 1


def test_missing_data_are_named_before_anything_runs(parameters: Project):
    parameters.replace("params.yaml", "source: digits, path: pyproject.toml", "source: cifar10, path: data/raw/none")
    done = parameters.gristmill("repro", status=1)
    assert done.stderr.startswith("params.yaml: datasets.digits: data/raw/none: no such folder")
    assert "gristmill fetch cifar10" in done.stderr
    assert not (parameters.folder / "data").exists()


def test_wrong_usage_is_status_2_and_unknown_names_are_status_1(project: Project):
    project.gristmill("check", "--fils", status=2)
    project.gristmill("chek", status=2)
    assert "did you mean 'parity'?" in project.gristmill("why", "party", status=1).stderr
    assert "no pipeline 'maskon'" in project.gristmill("record", "maskon", status=1).stderr
    assert project.gristmill("results", status=1).stderr == "data/runs: no results yet; dvc repro makes them\n"
    assert project.gristmill("fetch", "digits", status=1).stderr.count("\n") == 1


def test_why_before_the_first_run(project: Project):
    said = project.gristmill("why", "parity").stdout
    assert [line.split() for line in said.splitlines()] == [
        [stage, "has", "not", "run", "yet"]
        for stage in ("prepare@digits", "task@digits_parity", "train@parity", "evaluate@parity")
    ]


NODE = "--nodes=maskcon.parity.train"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--pipeline=masscon"], "Failed to find the pipeline named 'masscon'. Did you mean one of these"),
        ([NODE, "--params=loss.temperature=-1"], "params.yaml: loss.temperature: -1 is out of range"),
        ([NODE], "data/prepared/digits/images.npy: not there; `dvc repro` makes it"),
    ],
)
def test_a_kedro_command_that_cannot_run_ends_with_one_line(project: Project, arguments: list[str], line: str):
    done = project.kedro(*arguments, status=1)
    assert done.stdout == "" and done.stderr.startswith(line) and done.stderr.count("\n") == 1


def test_a_batch_larger_than_the_data_is_refused_and_nothing_is_left(project: Project):
    project.kedro("--pipeline=data")
    done = project.kedro(NODE, "--params=train.batch=4096,memory.size=4096", status=1)
    assert "train.batch: 4096 is more than the" in done.stderr and "Traceback" not in done.stderr
    assert not (project.folder / "data/runs").exists()
    images = project.folder / "data/prepared/digits/images.npy"
    images.write_bytes(images.read_bytes()[:-10])
    done = project.kedro(NODE, status=1)
    assert done.stderr.startswith("data/prepared/digits/images.npy: damaged")


def test_results_floors_first_and_json(project: Project):
    for name, seeds in {"pixels": [0.2], "supce": [0.5], "parity": [0.6, 0.7]}.items():
        values = {str(seed): {"recall_1": rate, "recall_2": 0.9} for seed, rate in enumerate(seeds)}
        path = project.folder / "data/runs" / name / "metrics.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"seeds": values}))
    said = project.gristmill("results").stdout
    assert "n = 1 to 2" in said and "0.650 ± 0.071" in said
    assert said.index("raw pixels") < said.index("SupCE") < said.index("MaskCon")
    rows = json.loads(project.gristmill("results", "--json").stdout)["digits_parity"]
    assert [(row["title"], row["role"], row["n"]) for row in rows] == [
        ("raw pixels", "floor", 1),
        ("SupCE", "method", 1),
        ("MaskCon", "method", 2),
    ]


def test_results_of_other_ks_leave_figures_out_and_damaged_ones_are_one_line(project: Project):
    path = project.folder / "data/runs/parity/metrics.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"seeds": {"0": {"recall_1": 0.6, "recall_2": 0.7}, "1": {"recall_1": 0.7}}}))
    rows = json.loads(project.gristmill("results", "--json").stdout)["digits_parity"]
    assert [row["mean"].keys() for row in rows if row["title"] == "MaskCon"] == [{"recall_1"}]
    for text in (path.read_text()[:-9], "{}", "[]"):
        path.write_text(text)
        said = project.gristmill("results", status=1).stderr
        assert said == "data/runs/parity/metrics.json: damaged; delete it and run dvc repro again\n"
    path.unlink()


def test_other_bits_needs_no_git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not results.other_bits()
    assert "git checkout dvc.lock data/runs" in results.OTHER_BITS


def test_clean_without_a_terminal_removes_nothing_unless_told_to(project: Project):
    left = project.folder / "data/runs/gone"
    left.mkdir(parents=True)
    done = project.gristmill("clean", status=1)
    assert "data/runs/gone\n" in done.stdout and "--yes" in done.stderr and done.stderr.count("\n") == 1
    assert left.exists()
    project.gristmill("clean", "--yes")
    assert not left.exists()


def test_an_unreadable_lock_of_a_killed_dvc_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(tmp_path)
    lock = tmp_path / repro.RWLOCK
    lock.parent.mkdir(parents=True)
    lock.write_text("{}")
    repro.clear_stale_lock()
    assert lock.exists()
    lock.write_text("")
    monkeypatch.setattr(repro, "dvc_runs", lambda: True)
    repro.clear_stale_lock()
    assert lock.exists()
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    repro.clear_stale_lock()
    assert not lock.exists()
    assert capsys.readouterr().err == ".dvc/tmp/rwlock: left unreadable by a dvc that was killed; removed\n"
