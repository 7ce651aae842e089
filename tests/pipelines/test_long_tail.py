"""A long-tailed task from params.yaml to runs: each seed trains on its own split and is tested on the same images."""

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from gristmill import alone
from gristmill.errors import UserError
from gristmill.labels.long_tail import long_tail_counts
from gristmill.labels.seeds import of_seed
from gristmill.networks.build import read_encoder
from gristmill.parameters.check import problems
from gristmill.pipelines import results
from gristmill.pipelines.configure import configure, node_step
from gristmill.pipelines.create import create_pipelines
from gristmill.pipelines.evaluate import evaluate
from gristmill.pipelines.parameters import for_nodes
from gristmill.pipelines.prepare import prepare
from gristmill.pipelines.report import look_at, present
from gristmill.pipelines.task import group_coarse, split_long_tail
from gristmill.pipelines.train import train
from tests.project import PARAMETERS

TAIL = """
  tail:
    dataset: digits
    long_tail:
      {validation: 10, head: 60, ratio: 6, unlabeled_head: 50, unlabeled_ratio: 5, reversed: true, seeds: [0, 1]}
experiments:
  tailed: {method: coins, title: few labels, dataset: digits, task: tail, seeds: [0, 1], loss: {w: 1.0}}
"""
TINY = yaml.safe_load(PARAMETERS.replace("\nexperiments:\n", TAIL))
ROWS = sum(long_tail_counts(60, 6, 10))  # labeled images of a seed


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    assert problems(TINY) == []
    return for_nodes(TINY)


@pytest.fixture(scope="module")
def data(settings: dict[str, Any]) -> tuple[Any, pd.DataFrame]:
    images, table = prepare("digits", settings["datasets"]["digits"])
    return images, split_long_tail(table, settings["tasks"]["tail"])


Made = tuple[Path, dict[str, Any], pd.DataFrame]


@pytest.fixture(scope="module")
def trained(data: Any, settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Where it was, seed -> encoder, the history."""
    folder = tmp_path_factory.mktemp("tailed")
    with contextlib.chdir(folder):
        encoders, history = train("tailed", lambda _: {}, *data, settings["coins"]["tailed"]["train"])
        for seed, content in encoders.items():
            Path(f"{seed}.safetensors").write_bytes(content())
    return folder, {seed: lambda s=seed: read_encoder(folder / f"{s}.safetensors") for seed in encoders}, history


def test_the_node_of_a_task_is_named_after_what_makes_it():
    nodes = {node.name: node for node in create_pipelines(TINY)["data"].nodes}
    assert nodes.keys() == {"configure", "prepare.digits", "tasks.digits_parity.group_coarse",
                            "tasks.tail.split_long_tail"}  # fmt: skip
    assert node_step("tasks.tail.split_long_tail") == ("task", "tasks/tail")
    assert nodes["tasks.tail.split_long_tail"].func is split_long_tail
    assert nodes["tasks.digits_parity.group_coarse"].func is group_coarse
    stage = create_pipelines(TINY)["__default__"].only_nodes_with_namespaces(["tasks.tail"])  # as dvc.yaml runs it
    assert [node.name for node in stage.nodes] == ["tasks.tail.split_long_tail"]


def test_a_tasks_code_is_what_its_node_reaches(settings: dict[str, Any]):
    files = configure(settings)
    tail, parity = (set(files[f"tasks/{name}"]["code"]) for name in ("tail", "digits_parity"))
    assert "gristmill.labels.long_tail" in tail - parity
    assert {"gristmill.labels.coarse", "gristmill.labels.hierarchy"} <= parity - tail
    assert {"gristmill.pipelines.task", "gristmill.pipelines.datasets", "gristmill.data.source"} <= tail & parity
    for step in ("train", "evaluate"):
        code = files[f"tailed/{step}"]["code"]
        assert "gristmill.labels.seeds" in code and "gristmill.labels.long_tail" not in code


def test_each_seed_trains_on_its_split_alone(data: Any, trained: Made):
    _, table = data
    assert (table["part"] == "train").sum() == 2 * ROWS
    assert trained[2].groupby("seed").size().nunique() == 1 and set(trained[2]["seed"]) == {0, 1}
    assert trained[2]["step"].max() == ROWS // 64, "an epoch is one pass over the labeled images of one seed"
    assert trained[2]["recall_1"].max() < 1, "no test image finds itself among another seed's"


def test_a_training_does_not_change_when_its_task_gets_another_seed(data: Any, trained: Made, settings: dict[str, Any]):
    images, _ = data
    _, prepared = prepare("digits", settings["datasets"]["digits"])
    more = {**settings["tasks"]["tail"]["long_tail"], "seeds": [5, 1]}
    task = split_long_tail(prepared, {"long_tail": more})
    folder = trained[0] / "other"
    folder.mkdir()
    with contextlib.chdir(folder):
        one = {**settings["coins"]["tailed"]["train"], "seeds": [1]}
        encoders, _ = train("tailed", lambda _: {}, images, task, one)
        assert encoders["1"]() == (trained[0] / "1.safetensors").read_bytes()
        key = json.loads((folder / "data/resume/tailed/1/key.json").read_text())
    assert key == json.loads((trained[0] / "data/resume/tailed/1/key.json").read_text())


def test_the_learner_reads_neither_fine_labels_nor_unlabeled_images(data: Any, trained: Made, settings: dict[str, Any]):
    images, table = data
    hidden = table["part"] == "unlabeled"
    spoiled = table.assign(fine=np.where(table["part"] == "test", table["fine"], 0)).loc[~hidden]
    folder = trained[0] / "spoiled"
    folder.mkdir()
    with contextlib.chdir(folder):
        one = {**settings["coins"]["tailed"]["train"], "seeds": [0]}
        encoders, _ = train("tailed", lambda _: {}, images, spoiled, one)
        assert encoders["0"]() == (trained[0] / "0.safetensors").read_bytes()


def test_every_seed_is_tested_on_the_same_images_once(data: Any, trained: Made, settings: dict[str, Any]):
    images, table = data
    features, metrics = evaluate(images, table, *trained[1:], settings["coins"]["tailed"]["evaluate"])
    count = len(of_seed(table, 0).query("part == 'test'"))
    for seed in ("0", "1"):
        assert len(features[seed]["features"]) == count and 0 < metrics["seeds"][seed]["recall_1"] < 1
        own = of_seed(table, int(seed)).iloc[features[seed]["row"]]
        assert (own["part"] == "test").all() and own["row"].is_unique
    same = [of_seed(table, seed).iloc[features[str(seed)]["row"]]["row"].tolist() for seed in (0, 1)]
    assert same[0] == same[1]


def test_a_seed_that_the_task_lacks_is_one_line(data: Any, settings: dict[str, Any], tmp_path: Path):
    with contextlib.chdir(tmp_path), pytest.raises(UserError, match="seed 9: the task has the seeds 0, 1; add it"):
        train("tailed", lambda _: {}, *data, {**settings["coins"]["tailed"]["train"], "seeds": [9]})


def test_one_seed_without_kedro_and_dvc_is_the_same_run(
    data: Any, trained: Made, settings: dict[str, Any], tmp_path: Path
):
    images, table = data
    np.save(tmp_path / "images.npy", images)
    table.to_parquet(tmp_path / "table.parquet")
    (tmp_path / "tailed").mkdir()
    for step in ("train", "evaluate"):
        config = {"settings": settings["coins"]["tailed"][step], "code": {}}
        (tmp_path / "tailed" / f"{step}.json").write_text(json.dumps(config))
    files = tmp_path / "tailed" / "train.json", tmp_path / "images.npy", tmp_path / "table.parquet"
    alone.run(*files, 1, tmp_path / "out")
    assert (tmp_path / "out/encoder.safetensors").read_bytes() == (trained[0] / "1.safetensors").read_bytes()
    with pytest.raises(UserError, match="seed 9: the task has the seeds 0, 1"):
        alone.run(*files, 9, tmp_path / "nine")


def test_the_report_and_the_tables_in_the_terminal_count_one_seed(
    data: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    images, table = data
    one = of_seed(table, 0)
    pd.testing.assert_frame_equal(present({"tail": table, "none": None})["tail"], one)
    places = np.flatnonzero(one["part"] == "test")
    arrays = {"features": np.zeros((len(places), 2)), "row": places}
    run = {"experiment": "tailed", "dataset": "digits", "task": "tail"}
    shown = {"features.tailed": {"1": lambda: arrays}, "images.digits": images, "table.tail": table}
    (look,) = look_at(["tailed"], [run], shown)
    assert (look.table["seed"] == 1).all() and (look.test["part"] == "test").all()
    monkeypatch.chdir(tmp_path)
    Path("data/tasks/tail").mkdir(parents=True)
    table.to_parquet("data/tasks/tail/table.parquet")
    assert results.test_images("tail") == len(places)
    said = results.heading(TINY, "tail", [{"n": 2, "role": "method"}])
    assert said == f"\ntail (labels: long tail), retrieval by fine class on {len(places)} test images, n = 2"
