"""Published figures beside ours: found by settings, and compared only where they can be."""

from copy import deepcopy
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gristmill.parameters.read import read
from gristmill.parameters.resolve import resolve_all
from gristmill.report.page import make_page
from gristmill.report.published import ablation, beside, method, published, published_tables, setting
from gristmill.report.results import KEYS
from tests.project import ROOT
from tests.report.sample import make_metrics, make_results, make_runs

RUNS = {run["experiment"]: run for run in resolve_all(read(ROOT / "paper/daso/params.yaml"))["runs"]}

KNOWN = {name: (*(setting(each) or ()), method(each), ablation(each)) for name, each in RUNS.items()}
PAPER = set(published()[["dataset", "setting", "method", "ablation"]].itertuples(index=False, name=None))


def run(name: str, **changes: Any) -> dict[str, Any]:
    """A run of the paper's experiments, with other values at dotted names."""
    found = deepcopy(RUNS[name])
    for place, value in changes.items():
        *sections, key = place.split("__")
        block = found
        for section in sections:
            block = block[section]
        block[key] = value
    return found


def results(*runs: dict[str, Any], values: Any = (0.75, 0.76, 0.77)) -> pd.DataFrame:
    """A row a seed."""
    rows = [
        {**{key: each[key] for key in KEYS}, "seed": seed, "median_top1": value, "kind": "coarse"}
        for each in runs
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_every_published_figure_is_an_accuracy_with_its_source():
    table = published()
    assert table["value"].between(20, 95).all()
    assert table["sd"].dropna().between(0, 6).all()
    assert all((table[name] != "").all() for name in ("table", "dataset", "setting", "method", "source"))
    keys = ["table", "dataset", "setting", "method", "ablation", "source"]
    assert not table.duplicated(keys).any()


def test_runs_without_a_published_figure_are_those_that_the_paper_lacks():
    missing = {name for name, known in KNOWN.items() if known not in PAPER}
    tails = {"c10_500_150", "c10_1500_150", "c100_50_20", "c100_150_20", "stl10_150_20", "stl10_450_20"}
    expected = {f"{task}_{name}" for task in tails for name in ("pseudolabel", "usadtm")}
    expected |= {f"stl10_{head}_20_supervised{more}" for head in (150, 450) for more in ("", "_la")}
    others = [f"c10_{head}_100_{form}" for head in (500, 1500) for form in ("even", "reversed")]
    expected |= {f"{task}_{name}" for task in others for name in ("pseudolabel", "usadtm", "fixmatch_la", "daso_la")}
    assert missing == expected


def test_every_published_figure_has_a_run():
    assert set(KNOWN.values()) >= PAPER


@pytest.mark.parametrize(
    ("name", "value", "sd", "tables"),
    [
        ("c10_500_100_supervised", 47.3, 0.95, "Tables 1, 11"),
        ("c10_1500_100_reversed_daso", 80.3, 0.65, "Table 2"),
        ("c10_500_100_even_daso", 86.6, 0.84, "Table 2"),
        ("c100_150_20_daso_la", 55.1, 0.72, "Table 1"),
        ("stl10_450_20_fixmatch", 64.0, 2.27, "Tables 2, 12"),
        ("stl10_150_10_usadtm", 68.9, 1.83, "Table 11"),
        ("stl10_450_10_supervised_ldam", 62.1, 1.39, "Table 11"),
        ("c100_50_10_fixmatch_cb", 46.0, 0.27, "Table 11"),
        ("c10_500_100_daso_cb", 77.3, 0.86, "Table 11"),
        ("stl10_150_10_daso_dist_15", 64.54, np.nan, "Table 8"),
        ("c10_500_100_daso_alpha_05", 72.96, np.nan, "Table 6"),
        ("c10_500_100_daso_proportional_online", 74.98, np.nan, "Table 7"),
        ("c10_500_100_daso_queue_2048", 73.5, np.nan, "Table 15"),
        ("c10_500_100_daso_align_0", 70.98, np.nan, "Tables 5, 17"),
    ],
)
def test_the_figure_is_that_of_the_settings(name: str, value: float, sd: float, tables: str):
    row = beside(results(run(name)), [run(name)]).iloc[0]
    assert row["published"] == value and row["table"] == tables
    np.testing.assert_equal(row["published_sd"], sd)
    assert row["n"] == 3 and row["ours"] == pytest.approx(76) and row["ours_sd"] == pytest.approx(1)
    assert row["difference"] == pytest.approx(76 - value) and row["unlike"] == ""


def test_the_experiments_name_and_title_do_not_matter():
    other = run("c10_500_100_fixmatch", experiment="mine", title="a <b> & $c$", dataset="photos", task="theirs")
    assert beside(results(other), [other])["published"].tolist() == [67.8, 68.25]


def test_a_single_seed_of_the_authors_says_so():
    each = run("c10_500_100_reversed_daso")
    found = beside(results(each), [each])
    assert found["published"].tolist() == [71.0, 70.78]
    assert found["source"].tolist()[1] == "single seed, reported by the authors in ytaek-oh/daso issue 3"


def test_figures_that_the_paper_gives_twice_and_differently_both_stand():
    each = run("stl10_150_10_fixmatch_la")
    assert beside(results(each), [each])["published"].tolist() == [63.4, 64.4]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"train__train__epochs": 1}, "500 of 250,000 steps"),
        ({"train__train__epochs": 501}, "250,500 steps (250,000)"),
        ({"train__train__batch": 32}, "train.batch 32 (64)"),
        ({"train__network__factor": 8}, "network.factor 8 (2)"),
        ({"train__pretrain__prototype_bn": "running"}, "pretrain.prototype_bn running (batch)"),
        ({"train__train__warmup": 5.0}, "warmup.share 0.01 (0.0)"),
        ({"train__views__mean": [0.5, 0.5, 0.5]}, "views.mean [0.5, 0.5, 0.5] ([0.4914, 0.4822, 0.4465])"),
        ({"evaluate__last": 3}, "evaluate.last 3 (20)"),
        ({"long_tail__validation": 0}, "validation 0 (5000)"),
    ],
)
def test_what_cannot_be_compared_has_its_reason_and_no_difference(changes: dict[str, Any], reason: str):
    each = run("c10_500_100_daso", **changes)
    row = beside(results(each), [each]).iloc[0]
    assert row["unlike"] == reason and np.isnan(row["difference"])
    table = published_tables(results(each), [each])[0]
    assert table.rows[0].state == f"not comparable: {reason}" and "not comparable" in table.note
    assert table.rows[0].cells[2].text == "–"


@pytest.mark.parametrize(
    "changes",
    [
        {"long_tail__head": 400},
        {"long_tail__class_order": [1, 0, 2, 3, 4, 5, 6, 7, 8, 9]},
        {"long_tail": None},
        {"source": "fashion"},
        {"train__balance__adjust": 0.5},
        {"train__blend__dist_temperature": 0.7},
        {"train__pretrain__queue": 99},
    ],
)
def test_settings_that_the_paper_lacks_have_no_row(changes: dict[str, Any]):
    each = run("c10_500_100_daso", **changes)
    assert beside(results(each), [each]).empty
    assert published_tables(results(each), [each]) == []


def test_seeds_without_a_figure_are_not_counted():
    each = run("c10_500_100_daso")
    row = beside(results(each, values=(0.75, np.nan)), [each]).iloc[0]
    assert row["n"] == 1 and row["ours"] == pytest.approx(75) and np.isnan(row["ours_sd"])
    assert beside(results(each, values=(np.nan,)), [each]).empty
    assert beside(results(each).drop(columns="median_top1"), [each]).empty
    assert beside(results(each).iloc[:0], [each]).empty


def test_the_page_shows_them_where_there_are_any():
    runs, metrics = make_runs(), make_metrics()
    rows, tasks = make_results(runs, metrics)
    assert "published figures and ours" not in make_page(rows, runs, tasks, [])
    each = run("c10_500_100_daso", experiment="coins_good", title="<i>DASO</i>", task="omniglot_good")
    own = rows.assign(median_top1=np.where(rows["experiment"] == "coins_good", 0.755, np.nan))
    own.loc[own["experiment"] == "coins_good", "title"] = "<i>DASO</i>"
    page = make_page(own, [each if r["experiment"] == "coins_good" else r for r in runs], tasks, [])
    assert "CIFAR10-LT, N1 500, M1 4000, γl 100, γu 100: published figures and ours" in page
    assert "<i>DASO</i>" not in page and "&lt;i&gt;DASO&lt;/i&gt;" in page
    assert "76.0 <small>± 0.37</small>" in page and "not comparable" not in page
