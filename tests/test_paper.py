"""The papers' experiments: a project beside the demo, with the released settings."""

import json
import shutil
from pathlib import Path

import pytest

from gristmill.parameters.check import problems
from gristmill.parameters.read import read, text_of, traps
from gristmill.parameters.resolve import resolve, resolve_all
from tests.project import ROOT, Project

PAPER = ROOT / "paper"
TASKS = {  # prefix of the experiments -> epochs, batch, K, side, MaskCon's w and T2
    "cifartoy_good": (200, 128, 8192, 32, 1.0, 0.05),
    "cifartoy_bad": (200, 128, 8192, 32, 1.0, 0.05),
    "cifartoy_bad_paper": (200, 128, 8192, 32, 1.0, 0.05),
    "cifar100": (200, 128, 8192, 32, 1.0, 0.05),
    "imagenet32": (100, 256, 16384, 32, 1.0, 0.05),
    "sop1": (200, 128, 8192, 224, 0.8, 0.1),
    "sop2": (200, 128, 8192, 224, 0.8, 0.1),
    "cars196": (200, 128, 8192, 224, 1.0, 0.1),
}
METHODS = ["selfcon", "supcon", "supce", "grafit", "coins", "maskcon"]


@pytest.fixture(scope="module")
def parameters():
    return read(PAPER / "params.yaml")


def test_nothing_is_wrong_with_the_parameters(parameters):
    assert [*traps(text_of(PAPER / "params.yaml")), *problems(parameters)] == []


@pytest.mark.parametrize("task", TASKS)
def test_every_method_runs_on_every_task_with_the_released_settings(parameters, task):
    epochs, batch, size, side, w, temperature = TASKS[task]
    methods = METHODS if task.startswith("cifartoy_bad") else [*METHODS, "supfine", "supfine_contrast"]
    for method in methods:
        settings = resolve(parameters, f"{task}_{method}", "train")
        train = settings["train"]
        assert (train["epochs"], train["batch"], settings["views"]["size"]) == (epochs, batch, side), method
        assert (train["lr"], train["warmup"], train["momentum"], train["weight_decay"]) == (0.02, 5, 0.9, 5e-4)
        assert settings["network"]["name"] == "resnet18"
        if method not in ("supce", "supfine"):
            assert (settings["memory"]["size"], settings["memory"]["momentum"]) == (size, 0.99)
            assert (settings["loss"]["temperature"], settings["network"]["dim"]) == (0.1, 256)
    loss = resolve(parameters, f"{task}_maskcon", "train")["loss"]
    assert (loss["w"], loss["target_temperature"]) == (w, temperature)


def test_the_grids_have_every_value(parameters):
    losses = [resolve(parameters, name, "train") for name in parameters["experiments"] if name.startswith("cifartoy")]
    good = [s for s, n in zip(losses, parameters["experiments"], strict=False) if "bad" not in n and "supfine" not in n]
    for method in ("grafit", "coins", "maskcon"):
        have = {s["loss"]["w"] for s in good if s["method"] == method}
        assert have >= {0.2, 0.4, 0.5, 0.6, 0.8, 1.0}, method
    temperatures = {s["loss"]["target_temperature"] for s in good if s["method"] == "maskcon" and s["loss"]["w"] == 1.0}
    assert temperatures == {0.01, 0.05, 0.1, 0.2, 0.5, 1.0, float("inf")}


def test_a_limit_shortens_every_run_and_the_report_is_told_what_the_recipe_was(parameters):
    short = {**parameters, "limit": {"epochs": 2, "images": 500}}
    found = resolve_all(short)
    assert {run["train"]["train"]["epochs"] for run in found["runs"]} == {2}
    assert {run["train"]["train"]["warmup"] for run in found["runs"]} == {2}
    assert {run["recipe_epochs"] for run in found["runs"]} == {100, 200}
    assert {task["limit"] for task in found["tasks"].values()} == {500}
    assert all("limit" not in task for task in resolve_all(parameters)["tasks"].values())


def test_the_project_reads_its_own_values_through_the_shared_graph(tmp_path):
    shared = ("conf", "src", "dvc.yaml", "hierarchies", "results", ".telemetry", ".dvc/plots", ".dvcignore")
    for name in (*shared, "paper"):
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():  # what was run in paper/ stays there
            left = shutil.ignore_patterns("__pycache__", *(["data", "cache", "tmp"] if name == "paper" else []))
            shutil.copytree(ROOT / name, place, symlinks=True, ignore=left)
        else:
            shutil.copy(ROOT / name, place)
    assert all(path.exists() for path in (tmp_path / "paper").rglob("*")), "a link leads nowhere"
    Project(tmp_path / "paper").kedro("--nodes=configure")
    written = Path(tmp_path / "paper/data/config/cifartoy_good_maskcon/train.json")
    assert json.loads(written.read_text())["settings"]["network"]["name"] == "resnet18"
