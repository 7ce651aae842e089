"""Published figures of the two-view methods: found by settings, told as what they are."""

from copy import deepcopy
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from gristmill.evaluate.protocols import measure
from gristmill.parameters.read import read
from gristmill.parameters.resolve import resolve_all
from gristmill.report.page import make_page
from gristmill.report.published_two_views import KEYS, NONE, beside, known, published, unlike
from gristmill.report.published_view_tables import published_view_tables
from gristmill.report.tables import Table
from tests.project import ROOT
from tests.report.sample import make_metrics, make_results, make_runs

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
    own = ["classifier"] if run["method"] == "cross_entropy" else []  # scored beside the protocols
    assert any(row["measured"].startswith(f"{name}_top1") for name in [*judged, *own])


def test_the_metrics_that_are_meant_are_measured_under_these_names():
    features = torch.randn(40, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = torch.arange(40) % 3
    for name in {row["measured"] for row in ROWS if row["measured"]} - {"classifier_top1"}:  # of a network's own head
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


@pytest.mark.parametrize("name", ["c10_byol", "c10_logo_moco", "c10_logo_simsiam", "c10_moco_symmetric_800"])
def test_where_there_is_no_figure_there_is_none(name):
    assert beside(RUNS[name], TASK, "knn_logo_1_top1") is None


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


@pytest.mark.parametrize(
    ("name", "base", "reason"),
    [
        ("c10_simclr", None, "loss.ntxent_base_temperature None (0.07)"),  # null: a plain loss
        ("c10_simclr_official", 0.07, "loss.ntxent_base_temperature 0.07 (None)"),
    ],
)
def test_a_scale_of_the_loss_that_is_not_as_released_is_named(name, base, reason):
    run = deepcopy(RUNS[name])
    assert unlike(run, TASK) == []
    run["train"]["loss"]["ntxent_base_temperature"] = base
    assert unlike(run, TASK) == [reason]


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
    assert beside(run, TASK, "knn_moco_1_top1") is None


def tables(*runs: dict[str, Any], values: dict[str, list[float]], history: pd.DataFrame | None = None) -> list[Table]:
    """What the page shows of runs that all reached the same, a seed each."""
    rows = [{"experiment": run["experiment"], "title": run["title"], **dict(zip(values, seed, strict=True))}
            for run in runs for seed in zip(*values.values(), strict=True)]  # fmt: skip
    found = {} if history is None else {run["experiment"]: history for run in runs}
    return published_view_tables(pd.DataFrame(rows), runs, found)


def test_figures_stand_beside_ours_with_their_difference_and_the_course_at_its_epochs():
    history = pd.DataFrame({"seed": 0, "epoch": [0, 1, 2], "knn_moco_1_top1": [0.1, 0.32, 0.4]})
    values = {"knn_moco_1_top1": [0.82, 0.84], "recall_1": [0.5, 0.5]}
    (table,) = tables(RUNS["c10_moco"], values=values, history=history)
    assert (table.title, table.n) == ("CIFAR-10: published figures and ours", "n = 1 to 2")
    end, first = table.rows
    assert [cell.text for cell in end.cells] == [
        "knn_moco_1_top1", "82.6", "83.0", "+0.4", "facebookresearch/moco, CIFAR notebook"
    ]  # fmt: skip
    assert (end.cells[2].spread, end.state, end.n) == ("1.41", "", 2)
    assert first.title == "MoCo, epoch 1" and [cell.text for cell in first.cells][1:4] == ["31.98", "32.0", "+0.0"]


def test_a_shortened_run_stands_beside_the_figure_with_its_reason_and_no_difference():
    short = resolve_all({**PARAMETERS, "limit": {"epochs": 2, "images": 4096}})
    (run,) = (run for run in short["runs"] if run["experiment"] == "c10_supcon")
    (table,) = tables(run, values={"linear_supcon_1_top1_best_on_test": [0.5]})
    (row,) = table.rows
    assert row.state == "not comparable: at most 4,096 images in each part; 2 of 1,000 epochs"
    assert [cell.text for cell in row.cells][1:4] == ["96.0", "50.0", "–"] and "has no difference" in table.note


def test_a_figure_that_was_not_verified_is_not_shown():
    (table,) = tables(RUNS["c10_simsiam"], values={"linear_simsiam_1_top1_best_on_test": [0.9]})
    assert [cell.text for cell in table.rows[0].cells][1:] == ["–", "90.0", "–", NONE]


def test_without_figures_there_is_no_table():
    assert tables(RUNS["c10_byol"], values={"knn_logo_1_top1": [0.9]}) == []
    assert tables(RUNS["c10_moco"] | {"source": "omniglot"}, values={"knn_moco_1_top1": [0.9]}) == []
    assert tables(RUNS["c10_moco"], values={"knn_moco_1_top1": [float("nan")]}) == []


def test_the_page_shows_them_and_escapes_titles():
    runs = make_runs()
    rows, tasks = make_results(runs, make_metrics())
    assert "published figures and ours" not in make_page(rows, runs, tasks, [])
    run = RUNS["c10_moco"] | {"title": "<i>MoCo</i>"}
    more = {"experiment": "c10_moco", "title": run["title"], "method": "moco", "dataset": "cifar10"}
    more |= {"task": "omniglot_fine", "seed": 0, "knn_moco_1_top1": 0.82, "kind": "no_labels"}
    page = make_page(pd.concat([rows, pd.DataFrame([more])], ignore_index=True), [*runs, run], tasks, [])
    assert "CIFAR-10: published figures and ours" in page and "82.6" in page
    assert "<i>MoCo" not in page


def listed(row: dict[Any, Any]) -> str:
    """A figure's line in the list for people."""
    batch, epoch = ("" if np.isnan(row[key]) else f"{row[key]:g}" for key in ("batch", "at_epoch"))
    method = f"{row['method']}{', ' * bool(row['variant'])}{row['variant']}"
    length = f"{row['epochs']:,} epochs{', batch ' * bool(batch)}{batch}"
    figure = f"{row['figure']}{', epoch ' * bool(epoch)}{epoch}"
    beside = f"`{row['measured']}`" if row["measured"] else f"nothing: {row['alone']}"
    found = [method, f"{row['dataset']}, {row['network']}, {length}", figure, f"{row['value']:g}"]
    return f"| {' | '.join([*found, row['verified'], row['source'], beside])} |"


def test_the_list_in_the_papers_folder_is_that_of_the_table():
    text = (ROOT / "paper/two_views/README.md").read_text("utf-8").partition("## Published figures")[2]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    assert lines[2:] == [listed(row) for row in ROWS]
