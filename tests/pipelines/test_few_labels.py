"""Methods with few labels from params.yaml to metrics, in one phase and in two."""

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from gristmill.attributes import attributes
from gristmill.errors import UserError
from gristmill.networks.build import read_encoder
from gristmill.parameters.check import problems
from gristmill.pipelines.blend_pseudo_labels import blend_pseudo_labels
from gristmill.pipelines.configure import configure
from gristmill.pipelines.create import create_pipelines
from gristmill.pipelines.evaluate_classes import evaluate_classes
from gristmill.pipelines.parameters import for_nodes
from gristmill.pipelines.prepare import prepare
from gristmill.pipelines.pretrain import pretrain
from gristmill.pipelines.record import stages_of
from gristmill.pipelines.seeds import written
from gristmill.pipelines.task import split_long_tail
from gristmill.pipelines.train import train
from gristmill.train.run import make_run, train_seed
from tests.project import ROOT

PARAMETERS = """
network: {name: small, widths: [8, 8], blocks: 1, depth: 28, factor: 2, init: random}
loss: {threshold: 0.3, unlabeled: 1.0, ramp: 0.4, information: 0.1, start: 0.25}
balance: {adjust: 0.0, loss: plain, beta: 0.999, start: 0.5}
views: {recipe: fixmatch, size: 8, mean: [0.3], std: [0.4]}
train:
  epochs: 4
  epoch_steps: 4
  warmup: 0.0
  schedule: constant
  decay: all
  batch: 16
  unlabeled: 2
  average: 0.9
  lr: 0.05
  momentum: 0.9
  weight_decay: 5.0e-4
  precision: fp32
  device: cpu
  threads: 1
  checkpoint: 3
pretrain: {steps: 6, window: 3, queue: auto, sizes: equal, prototypes: average, prototype_bn: batch}
blend: {alpha: null, align: 1.0, proto_temperature: 0.2, dist_temperature: 1.5}
monitor: {every: 1}
evaluate: {last: 2, batch: 256, threads: 1, protocols: []}
limit: {images: null, epochs: null}
figures: {dpi: 60}
datasets:
  digits: {source: digits, path: pyproject.toml}
tasks:
  tail:
    dataset: digits
    long_tail:
      {validation: 10, head: 60, ratio: 6, unlabeled_head: 50, unlabeled_ratio: 5, reversed: true, seeds: [0, 1]}
experiments:
  few: {method: supervised, dataset: digits, task: tail, seeds: [0, 1], balance: {loss: ldam, adjust: 1.0}}
  fix: {method: fixmatch, dataset: digits, task: tail, seeds: [0]}
  pseudo: {method: pseudolabel, dataset: digits, task: tail, seeds: [0]}
  usa: {method: usadtm, dataset: digits, task: tail, seeds: [0]}
pretrainings:
  begun: {method: daso, dataset: digits, task: tail, seeds: [0, 1]}
blendings:
  blended: {method: daso, start: begun, dataset: digits, task: tail, seeds: [0]}
  half: {method: daso, title: half, start: begun, dataset: digits, task: tail, seeds: [0], blend: {alpha: 0.5}}
probe: {experiments: [], batch: 64, threads: 1}
probes: {}
"""
TINY = yaml.safe_load(PARAMETERS)


def test_the_example_of_the_documents_is_right():
    text = (ROOT / "docs/few_labels.md").read_text("utf-8").split("```yaml\n")[1].split("```")[0]
    parameters = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8")) | yaml.safe_load(text)
    assert problems(parameters) == []
    titles = {run["title"] for run in for_nodes(parameters)["runs"] if run["method"] == "daso"}
    assert titles == {"DASO", "DASO, alpha 0.5"}


def changed(place: str, value: Any) -> dict[str, Any]:
    parameters = yaml.safe_load(PARAMETERS)
    *path, last = place.split("/")
    block = parameters
    for key in path:
        block = block.setdefault(key, {})
    block[last] = value
    return parameters


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    assert problems(TINY) == []
    return for_nodes(TINY)


@pytest.fixture(scope="module")
def data(settings: dict[str, Any]) -> tuple[Any, pd.DataFrame]:
    images, table = prepare("digits", settings["datasets"]["digits"])
    return images, split_long_tail(table, settings["tasks"]["tail"])


def no_code(_: Any) -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def begun(data: Any, settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    with contextlib.chdir(tmp_path_factory.mktemp("begun")):
        states, history = pretrain("begun", no_code, *data, settings["daso"]["begun"]["pretrain"])
        assert list(history["epoch"]) == [0, 1, 0, 1]  # six steps are an epoch and a half
        return {seed: content() for seed, content in states.items()}


@pytest.mark.parametrize(
    ("method", "name"), [("supervised", "few"), ("fixmatch", "fix"), ("pseudolabel", "pseudo"), ("usadtm", "usa")]
)
def test_a_method_of_one_phase_trains_and_is_evaluated(
    method: str, name: str, data: Any, settings: dict[str, Any], tmp_path: Path
):
    with contextlib.chdir(tmp_path):
        encoders, history = train(name, no_code, *data, settings[method][name]["train"])
        files = {}
        for seed, content in encoders.items():
            Path(f"{seed}.safetensors").write_bytes(content())
            files[seed] = lambda s=seed: read_encoder(tmp_path / f"{s}.safetensors")
    features, metrics = evaluate_classes(*data, files, history, settings[method][name]["evaluate"])
    own = metrics["seeds"]["0"]
    assert np.isfinite([value for value in own.values() if value is not None]).all()
    assert own["median_top1"] == pytest.approx(np.median(history.query("seed == 0")["top1"].tail(2)))
    assert features["0"]["logits"].shape[1] == 10 and features["0"]["counts"][0] == 60
    assert own["top1"] == pytest.approx(history.query("seed == 0")["top1"].iloc[-1], abs=0.02)
    if method != "supervised":
        assert {"final_accuracy", "final_used", "final_recalls"} <= set(history)
        assert len(json.loads(history["final_recalls"].iloc[-1])) == 10


def test_without_validation_images_a_run_checkpoints_and_ends(tmp_path: Path):
    settings = for_nodes(changed("tasks/tail/long_tail/validation", 0))
    images, table = prepare("digits", settings["datasets"]["digits"])
    task = split_long_tail(table, settings["tasks"]["tail"])
    assert "validation" not in set(task["part"])
    with contextlib.chdir(tmp_path):
        encoders, history = train("fix", no_code, images, task, settings["fixmatch"]["fix"]["train"])
    assert list(encoders) == ["0"] and history["top1"].notna().all()


def test_two_phases_give_the_bits_of_one(data: Any, settings: dict[str, Any], begun: dict[str, bytes], tmp_path: Path):
    own = settings["daso"]["blended"]["blend_pseudo_labels"]
    with contextlib.chdir(tmp_path):
        encoders, history = blend_pseudo_labels(
            "blended", no_code, *data, {seed: lambda s=seed: begun[s] for seed in begun}, own
        )
        whole = train_seed(data[0], data[1].query("seed == 0").reset_index(drop=True), own, 0, tmp_path / "whole")
        assert encoders["0"]() == whole.file.read_bytes()
    kept = [name for name in whole.history if name.startswith(("final", "linear", "semantic", "loss"))]
    pd.testing.assert_frame_equal(history[kept], whole.history[kept].map(written))
    assert list(history["epoch"]) == [0, 1, 2, 3, 4]


def test_what_acts_from_the_second_phase_on_is_not_in_the_state(
    data: Any, settings: dict[str, Any], begun: dict[str, bytes], tmp_path: Path
):
    given = {seed: lambda s=seed: begun[s] for seed in begun}
    with contextlib.chdir(tmp_path):
        ends = [
            blend_pseudo_labels(name, no_code, *data, given, settings["daso"][name]["blend_pseudo_labels"])[0]["0"]()
            for name in ("blended", "half")
        ]
    assert ends[0] != ends[1]
    assert configure(settings)["begun/pretrain"]["settings"].keys().isdisjoint({"blend"})


def test_the_state_of_a_first_phase_is_the_same_bytes_again(
    data: Any, settings: dict[str, Any], begun: dict[str, bytes], tmp_path: Path
):
    with contextlib.chdir(tmp_path):
        states, _ = pretrain("again", no_code, *data, settings["daso"]["begun"]["pretrain"])
        assert {seed: content() for seed, content in states.items()} == begun


def test_steps_and_namespaces():
    made = create_pipelines(TINY)
    nodes = {node.name for node in made["daso"].nodes}
    assert {"daso.begun.pretrain", "daso.blended.blend_pseudo_labels", "daso.half.evaluate"} <= nodes
    assert "daso.half.evaluate" not in {node.name for node in made["fixmatch"].nodes}
    assert {node.name for node in made["half"].nodes} >= {"daso.begun.pretrain", "daso.half.blend_pseudo_labels"}


@pytest.mark.parametrize(
    ("place", "value", "line"),
    [
        ("blendings/blended/start", "begin", "blendings.blended.start: no pretraining 'begin'; did you mean 'begun'?"),
        ("blendings/blended/seeds", [3], "blendings.blended.seeds: 3 is not in pretrainings.begun.seeds; add it there"),
        ("blendings/blended/train", {"lr": 0.1}, "blendings.blended.train: both phases share it; set it under pretr"),
        ("experiments/fix/method", "daso", "experiments.fix.method: daso stands under pretrainings and blendings"),
        ("pretrainings/begun/method", "fixmatch", "pretrainings.begun.method: fixmatch stands under experiments"),
        ("pretrain/window", 7, "window 7 is longer than the pretraining (6 steps)"),
        ("pretrain/steps", "auto", "steps: auto needs a run of 5,000 steps or more"),
        ("pretrain/steps", 40, "steps: 40 leaves nothing to the second phase: the run has 16 steps"),
        ("train/average", 1.5, "1.5 is not possible; give auto or a number from 0 to below 1"),
        ("views/recipe", "cifar", "unlabeled images need fixmatch or drawings"),
        ("balance/loss", "ldm", "balance.loss"),
    ],
)
def test_a_wrong_value_is_one_line(place: str, value: Any, line: str):
    found = problems(changed(place, value))
    assert found and line in found[0]


def test_no_unlabeled_image_and_a_batch_of_more_than_the_labeled_ones_are_refused(data: Any, settings: dict[str, Any]):
    own = settings["fixmatch"]["fix"]["train"]
    table = data[1].query("seed == 0 and part != 'unlabeled'").reset_index(drop=True)
    with pytest.raises(UserError, match="no images for stream 'unlabeled'"):
        make_run(data[0], table, attributes(own), 0)
    few = data[1].query("seed == 0 and (part != 'train' or label > 6)").reset_index(drop=True)
    with pytest.raises(UserError, match=r"train\.batch: 64 is more than the [0-9]+ images of stream 'labeled'"):
        make_run(data[0], few, attributes({**own, "train": {**own["train"], "batch": 64}}), 0)


def test_history_survives_json(data: Any, settings: dict[str, Any], tmp_path: Path):
    own = settings["fixmatch"]["fix"]["train"]
    result = train_seed(data[0], data[1].query("seed == 0").reset_index(drop=True), own, 0, tmp_path)
    assert json.loads((tmp_path / "history.json").read_text())[-1]["epoch"] == 4
    assert isinstance(result.history["final_recalls"].iloc[-1], list)


def test_a_state_that_does_not_fit_is_one_line(
    data: Any, settings: dict[str, Any], begun: dict[str, bytes], tmp_path: Path
):
    own = settings["daso"]["blended"]["blend_pseudo_labels"]
    other = {**own, "loss": {**own["loss"], "threshold": 0.5}}
    for given, chosen, line in (
        ({"0": lambda: begun["0"][:999]}, own, "damaged"),
        ({"0": lambda: b""}, own, "damaged"),
        ({"0": lambda: begun["0"]}, other, "made with other settings; pretrain again"),
        ({"1": lambda: begun["1"]}, own, "seed 0 has not been pretrained"),
    ):
        with contextlib.chdir(tmp_path), pytest.raises(UserError, match=line) as error:
            blend_pseudo_labels("blended", no_code, *data, given, chosen)
        assert "\n" not in str(error.value)


def test_a_limit_leaves_the_second_phase_something_to_do():
    assert problems(changed("limit/epochs", 1)) == []


def test_record_names_the_pretraining_too():
    stages = stages_of(TINY, "half")
    assert {"pretrain@begun", "blend@half", "evaluate_blend@half"} <= set(stages)
    with pytest.raises(UserError, match="no pipeline 'begun'"):
        stages_of(TINY, "begun")


def test_record_takes_one_experiment():
    stages = stages_of(TINY, "few")
    assert {name for name in stages if not name.startswith(("prepare", "task"))} == {"train@few", "evaluate@few"}


def test_a_pretraining_alone_is_in_the_whole_graph():
    parameters = yaml.safe_load(PARAMETERS)
    del parameters["blendings"]
    assert problems(parameters) == []
    assert "daso.begun.pretrain" in {node.name for node in create_pipelines(parameters)["__default__"].nodes}
