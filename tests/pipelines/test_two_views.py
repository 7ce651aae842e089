"""Self-supervised and supervised contrastive methods from params.yaml to metrics by named protocols."""

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from gristmill.networks.build import read_encoder
from gristmill.parameters.check import problems
from gristmill.pipelines.evaluate import evaluate
from gristmill.pipelines.parameters import for_nodes
from gristmill.pipelines.prepare import prepare
from gristmill.pipelines.task import group_coarse
from gristmill.pipelines.train import train
from tests.project import ROOT, make_project

PARAMETERS = """
network:
  {name: small, widths: [8, 8], blocks: 1, head: mlp, layers: 2, dim: 8, hidden: 8, predictor: 8, splits: 2,
   zero_init_residual: false, init: random}
loss:
  temperature: 0.2
  symmetric: false
  reduction: mean
  base_temperature: 0.07
  ntxent_base_temperature: 0.07
  summation: out
  denominator: all
  contrast: all
memory: {size: 128, momentum: 0.9}
target: {momentum: 0.9, start: copy}
local:
  loss: alternate_clip
  clip_rate: 0.015
  weight: 1.0e-4
  regressor: softplus
  hidden: 8
  noise: 0.3
  lr: 0.02
  reset_norm_each_epoch: true
  mode: logo
  key_updates_per_step: 2
views: {recipe: strokes, size: 8, area: [0.4, 1.0], mean: [0.3], std: [0.4], local: {size: 6, area: [0.1, 0.4]}}
train:
  epochs: 2
  warmup: 0.5
  schedule: cosine
  optimizer: sgd
  decay: all
  predictor_lr: steady
  per_class: null
  batch: 64
  lr: 0.05
  momentum: 0.9
  weight_decay: 5.0e-4
  precision: fp32
  device: cpu
  threads: 1
  checkpoint: 7
monitor: {every: 1, k: [1], protocols: [knn_logo_1]}
evaluate:
  k: [1, 2]
  batch: 256
  threads: 1
  protocols: [knn_logo_1, knn_moco_1, linear_lbfgs_1]
  discover: {number: truth, most: 9, restarts: 1}
limit: {images: 300, epochs: null}
figures: {dpi: 60}
datasets:
  digits: {source: digits, path: pyproject.toml}
tasks:
  parity: {dataset: digits, grouping: coarse}
experiments:
  simclr_run: {method: simclr, dataset: digits, task: parity, seeds: [0]}
  supcon_run: {method: supcon, dataset: digits, task: parity, seeds: [0]}
  cross_entropy_run: {method: cross_entropy, dataset: digits, task: parity, seeds: [0]}
  moco_run: {method: moco, dataset: digits, task: parity, seeds: [0]}
  simsiam_run: {method: simsiam, dataset: digits, task: parity, seeds: [0], network: {head: simsiam}}
  byol_run: {method: byol, dataset: digits, task: parity, seeds: [0], network: {head: byol}, train: {optimizer: lars}}
  logo_moco_run: {method: logo_moco, dataset: digits, task: parity, seeds: [0]}
  logo_simsiam_run: {method: logo_simsiam, dataset: digits, task: parity, seeds: [0], network: {head: simsiam}}
"""
TINY = yaml.safe_load(PARAMETERS)
METHODS = [entry["method"] for entry in TINY["experiments"].values()]


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    assert problems(TINY) == []
    return for_nodes(TINY)


@pytest.fixture(scope="module")
def data(settings: dict[str, Any]) -> tuple[Any, pd.DataFrame]:
    images, table = prepare("digits", settings["datasets"]["digits"])
    return images, group_coarse(table, settings["tasks"]["parity"])


def test_the_example_of_the_documents_is_right():
    text = (ROOT / "docs/two_views.md").read_text("utf-8").split("```yaml\n")[1].split("```")[0]
    parameters = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    parameters["experiments"] |= yaml.safe_load(text)["experiments"]
    assert problems(parameters) == []


def no_code(_: Any) -> dict[str, str]:
    return {}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_trains_and_is_judged_by_the_named_protocols(
    name: str, data: Any, settings: dict[str, Any], tmp_path: Path
):
    own = settings[name][f"{name}_run"]
    with contextlib.chdir(tmp_path):
        encoders, history = train(name, no_code, *data, own["train"])
        Path("0.safetensors").write_bytes(encoders["0"]())
    files = {"0": lambda: read_encoder(tmp_path / "0.safetensors")}
    _, metrics = evaluate(*data, files, history, own["evaluate"])
    found = metrics["seeds"]["0"]
    figures = {f"{protocol}_top{k}" for protocol in TINY["evaluate"]["protocols"] for k in (1, 5)}
    assert figures <= found.keys() and np.isfinite(list(found.values())).all()
    assert history["loss"].dropna().map(np.isfinite).all()
    assert ("classifier_top1" in found) is (name == "cross_entropy")
    assert {"recall_1", "knn_logo_1_top1"} <= set(history)
    # what the monitor saw last is what is evaluated
    assert found["knn_logo_1_top1"] == pytest.approx(history["knn_logo_1_top1"].iloc[-1], abs=1e-9)


@pytest.mark.parametrize(("name", "per_class"), [*((name, None) for name in METHODS), ("supcon", 32)])
def test_a_killed_run_goes_on_to_the_same_bytes(
    name: str, per_class: int | None, data: Any, settings: dict[str, Any], tmp_path: Path
):
    from gristmill.attributes import attributes
    from gristmill.networks.build import encoder_bytes
    from gristmill.train.checkpoint import Checkpoint
    from gristmill.train.run import make_run

    own = attributes(settings[name][f"{name}_run"]["train"])
    own.train.per_class = per_class
    whole = make_run(*data, own, 0, None)
    rows = whole.train()
    folder = tmp_path / "state"
    folder.mkdir()
    make_run(*data, own, 0, Checkpoint(folder)).train(stop=6)
    again = make_run(*data, own, 0, Checkpoint(folder))
    assert json.dumps(again.train()) == json.dumps(rows)
    assert encoder_bytes(again.method.evaluated, {}) == encoder_bytes(whole.method.evaluated, {})


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("evaluate/protocols", ["knn"], "evaluate.protocols: no such protocol 'knn'; there are knn_logo_1, "),
        ("monitor/protocols", ["knn_logo_1", "knn_logo_1"], "monitor.protocols: knn_logo_1 stands twice"),
        ("memory/size", 100, "memory.size 100 is not a multiple of "),
        ("network/head", "simclr", "head simclr has no predictor for "),
        ("views/recipe", "drawings", "views: recipe drawings has no two views to compare"),
        ("views/local/size", 16, "local.size 16 is larger than size 8"),
        ("views/area", [1.0, 0.4], "area [1.0, 0.4] does not rise"),
        ("train/per_class", 24, "batch 64 is not a multiple of per_class 24; a batch of 48 or 72 would do"),
        ("train/per_class", 1, "train.per_class: 1 is out of range (at least 2"),
        ("train/optimizer", "adam", "train.optimizer: 'adam' is not possible"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(place: str, value: Any, message: str):
    parameters = yaml.safe_load(PARAMETERS)
    *path, last = place.split("/")
    block = parameters
    for key in path:
        block = block[key]
    block[last] = value
    if place == "network/head":
        del parameters["experiments"]["simsiam_run"]["network"]
    found = problems(parameters)
    assert any(message in line for line in found), found
    assert all("\n" not in line for line in found)


def test_the_graph_runs_from_data_to_page(tmp_path: Path):
    short = {name: TINY["experiments"][name] for name in ("simclr_run", "moco_run")}
    parameters = yaml.safe_dump(TINY | {"experiments": short, "pretrainings": {}, "blendings": {}})
    project = make_project(tmp_path, parameters)
    project.kedro()
    for name in short:
        metrics = json.loads((project.folder / f"data/runs/{name}/metrics.json").read_text("utf-8"))
        assert 0 <= metrics["mean"]["linear_lbfgs_1_top1"] <= 1
    page = (project.folder / "data/report/report.html").read_text("utf-8")
    assert "SimCLR" in page and "MoCo" in page
