"""What is allowed and seldom meant is told in a line."""

from typing import Any

import pandas as pd
import pytest
from yaml import safe_load

from gristmill.pipelines.cautions import of_settings, of_task
from gristmill.pipelines.configure import configure
from gristmill.pipelines.parameters import for_nodes
from tests.project import ROOT


@pytest.fixture(scope="module")
def parameters() -> dict[str, Any]:
    return safe_load((ROOT / "params.yaml").read_text("utf-8"))


@pytest.mark.parametrize(("batch", "told"), [(64, True), (255, True), (256, False)])
def test_a_small_batch_of_simsiam_is_told_when_settings_are_written(
    parameters: dict[str, Any], capsys: pytest.CaptureFixture[str], batch: int, told: bool
):
    own = {
        "method": "simsiam", "dataset": "omniglot", "task": "omniglot_fine", "seeds": [0],
        "network": {"head": "simsiam"}, "views": {"recipe": "strokes"}, "train": {"batch": batch},
    }  # fmt: skip
    nobody = {"probes": {}, "probe": parameters["probe"] | {"experiments": []}}
    configure(for_nodes(parameters | {"experiments": {"own": own}} | nobody))
    lines = capsys.readouterr().err.splitlines()
    assert [line.startswith(f"own: train.batch {batch}: SimSiam") for line in lines] == [True] * told


def test_nothing_is_told_of_the_demo(parameters: dict[str, Any]):
    assert list(of_settings(for_nodes(parameters)["runs"])) == []


@pytest.mark.parametrize(
    ("method", "size", "told"),
    [("moco", 6, True), ("moco", 8, True), ("moco", 4, False), ("logo_moco", 6, True), ("maskcon", 6, False),
     ("simclr", 6, False), ("daso", 6, False)],
)  # fmt: skip
def test_a_queue_as_large_as_the_training_set_is_told(method: str, size: int, told: bool):
    table = pd.DataFrame({"part": ["train"] * 6 + ["test"] * 9})
    lines = list(of_task("own", {"method": method, "memory": {"size": size}}, table))
    start = f"own: memory.size {size} is not below the 6 training images"
    assert [line.startswith(start) for line in lines] == [True] * told
