"""Published figures of the two-view methods: found by settings, told as what they are."""

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch

from gristmill.evaluate.protocols import measure
from gristmill.parameters.read import read
from gristmill.parameters.resolve import resolve_all
from gristmill.report.published_two_views import KEYS, NONE, beside, known, published, told, unlike
from tests.project import ROOT

PARAMETERS = read(ROOT / "paper/two_views/params.yaml")
RESOLVED = resolve_all(PARAMETERS)
RUNS = {run["experiment"]: run for run in RESOLVED["runs"]}
TASK = {"dataset": "cifar10", "grouping": "fine"}
ROWS = published().to_dict("records")


def named(row: dict[Any, Any]) -> str:
    return f"{row['method']}-{row['dataset']}-{row['epochs']}-{row['variant']}-{row['value']}"


def test_every_figure_is_an_accuracy_with_a_source_and_says_whether_it_was_verified():
    for row in ROWS:
        assert 30 <= row["value"] <= 100
        assert row["source"]
        assert row["verified"] in ("yes", "no")
        assert bool(row["measured"]) != bool(row["alone"]), "either something of ours is meant, or a reason"
    meant = [tuple(str(row[key]) for key in (*KEYS, "batch", "figure", "at_epoch", "source")) for row in ROWS]
    assert len(set(meant)) == len(meant)


@pytest.mark.parametrize("row", [row for row in ROWS if not row["alone"]], ids=named)
def test_a_figure_that_claims_settings_has_an_experiment_that_measures_it(row):
    key = tuple(row[name] for name in KEYS)
    (run,) = (run for run in RUNS.values() if known(run) == key)
    assert run["train"]["train"]["batch"] == row["batch"]
    judged = run["evaluate"]["protocols"] if np.isnan(row["at_epoch"]) else run["train"]["monitor"]["protocols"]
    assert any(row["measured"].startswith(f"{name}_top1") for name in judged)


def test_the_metrics_that_are_meant_are_measured_under_these_names():
    features = torch.randn(40, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = torch.arange(40) % 3
    for name in {row["measured"] for row in ROWS if row["measured"]}:
        protocol = name.split("_top1")[0]
        found = measure(protocol, (features, labels), (features, labels), 3, np.random.default_rng(0))
        assert name in found


@pytest.mark.parametrize("name", RUNS)
def test_the_papers_experiments_are_as_released(name):
    assert unlike(RUNS[name], RESOLVED["tasks"][RUNS[name]["task"]]) == []


@pytest.mark.parametrize(
    ("name", "measured", "epoch", "value", "verified"),
    [
        ("c10_moco", "knn_moco_1_top1", None, 82.6, True),
        ("c10_moco", "knn_moco_1_top1", 1, 31.98, True),
        ("c10_moco_symmetric_800", "linear_moco_1_top1_best_on_test", None, 90.7, True),
        ("c10_simsiam", "linear_simsiam_1_top1_best_on_test", None, 91.8, False),
        ("c10_supcon", "linear_supcon_1_top1_best_on_test", None, 96.0, True),
        ("c100_simclr", "linear_simclr_1_top1_best_on_test", None, 70.7, True),
        ("c10_logo_simsiam_weighted", "knn_logo_1_top1", None, 87.67, False),
    ],
)
def test_a_run_finds_the_figure_of_its_settings(name, measured, epoch, value, verified):
    found = beside(RUNS[name], TASK, measured, epoch)
    assert found is not None
    assert (found.value, found.verified, found.unlike) == (value, verified, ())
    assert told(found).startswith(f"{value:g} (" if verified else f"{NONE} ({value:g}: ")


@pytest.mark.parametrize("name", ["c10_byol", "c10_logo_moco", "c10_logo_simsiam", "c10_moco_symmetric_800"])
def test_where_there_is_no_figure_it_is_said(name):
    assert told(beside(RUNS[name], TASK, "knn_logo_1_top1")) == NONE


def test_a_verified_figure_comes_before_a_users_report():
    found = beside(RUNS["c100_supcon"], TASK, "linear_supcon_1_top1_best_on_test")
    assert found is not None
    assert found.value == 76.5


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        ("train.lr", 0.03, "train.lr 0.03 (0.06)"),
        ("train.batch", 256, "train.batch 256 (512)"),
        ("train.warmup", 5, "warmup.epochs 5.0 (0)"),
        ("network.splits", 1, "network.splits 1 (8)"),
        ("network.init", "weights.pt", "network.init weights.pt (random)"),
        ("memory.size", 8192, "memory.size 8192 (4096)"),
        ("views.area", [0.2, 1.0], "views.area [0.2, 1.0] ([0.08, 1.0])"),
    ],
)
def test_settings_that_are_not_as_released_are_named(place, value, reason):
    run = deepcopy(RUNS["c10_moco"])
    section, key = place.split(".")
    run["train"][section][key] = value
    found = beside(run, TASK, "knn_moco_1_top1")
    assert found is not None
    assert found.unlike == (reason,)
    assert told(found).endswith(f"; not comparable: {reason}")


def test_a_shortened_run_is_not_comparable():
    short = resolve_all({**PARAMETERS, "limit": {"epochs": 2, "images": 4096}})
    (run,) = (run for run in short["runs"] if run["experiment"] == "c10_supcon")
    found = unlike(run, short["tasks"]["c10"])
    assert found == ["at most 4,096 images in each part", "2 of 1,000 epochs"]


def test_other_labels_are_not_comparable():
    found = unlike(RUNS["c10_supcon"], {"dataset": "cifar10", "grouping": "cifartoy_good"})
    assert found == ["labels or parts are not those of the data set"]


def test_a_run_on_other_images_has_no_figure():
    run = RUNS["c10_moco"] | {"source": "omniglot"}
    assert known(run) is None
    assert told(beside(run, TASK, "knn_moco_1_top1")) == NONE
