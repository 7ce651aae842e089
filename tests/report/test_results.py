"""The table of all runs, its summary, and what may be called better."""

import numpy as np
import pandas as pd
import pytest

from gristmill.report.results import coarse_tasks, comparable, grouping_pairs, name_rows, summarize, tabulate
from gristmill.report.separation import best, by_seed, paired
from tests.report.sample import make_metrics, make_results, make_runs


def test_table_has_a_row_a_seed_and_figures_in_the_order_of_k():
    table = tabulate(make_runs(3), make_metrics(3))
    assert len(table) == 24
    assert list(table)[:6] == ["experiment", "title", "method", "dataset", "task", "seed"]
    assert list(table)[-2:] == ["recall_1", "recall_10"]


def test_summary_is_mean_and_sample_deviation_floors_first_upper_bound_last():
    results, tasks = make_results(make_runs(3), make_metrics(3, noise=0.02))
    rows = comparable(summarize(results), "omniglot_good", tasks)
    rows = rows[rows["metric"] == "recall_1"].set_index("title")
    assert list(rows.index) == ["raw pixels", "SupCon (queue)", "SupCE", "MaskCon", "CoIns", "SupFine"]
    assert list(rows["kind"]) == ["floor", "coarse", "coarse", "coarse", "coarse", "upper"]
    assert rows.loc["CoIns", "mean"] == pytest.approx(0.61)
    assert rows.loc["CoIns", "sd"] == pytest.approx(0.02)
    assert (rows["n"] == 3).all()


def test_single_seed_has_no_deviation():
    results, _ = make_results(make_runs(), make_metrics())
    assert summarize(results)["sd"].isna().all()


def test_figures_that_are_missing_are_left_out():
    metrics = make_metrics()
    metrics["coins_good"]["seeds"]["0"]["recall_1"] = float("nan")
    del metrics["supce_good"]
    results, _ = make_results(make_runs(), metrics)
    rows = summarize(results)
    assert "CoIns" not in set(rows[rows["metric"] == "recall_1"]["title"])
    assert "supce_good" not in set(rows["experiment"])


def test_nothing_run_is_an_empty_table():
    results, _ = make_results(make_runs(), {})
    assert len(results) == 0
    assert len(summarize(results)) == 0


def test_floor_and_upper_bound_stand_in_every_table_without_their_own_coarse_figure():
    results, tasks = make_results(make_runs(), make_metrics())
    rows = comparable(summarize(results), "omniglot_bad", tasks)
    assert set(rows["title"]) == {"raw pixels", "SupCE", "MaskCon", "SupFine"}
    coarse = rows[rows["metric"] == "coarse_recall_1"]
    assert set(coarse["title"]) == {"SupCE", "MaskCon"}


def test_other_test_images_are_not_compared():
    runs, metrics = make_runs(), make_metrics()
    results, tasks = make_results(runs, metrics)
    tasks["omniglot_fine"] = tasks["omniglot_fine"].__class__(**{**vars(tasks["omniglot_fine"]), "samples": "other"})
    assert "SupFine" not in set(comparable(results, "omniglot_good", tasks)["title"])


def test_entries_that_differ_in_seeds_alone_are_one_row_and_others_are_told_apart():
    runs, metrics = make_runs(), make_metrics()
    more = {**runs[4], "experiment": "maskcon_more", "seeds": [7]}
    other = {**runs[3], "experiment": "coins_other", "train": {**runs[3]["train"], "loss": {"w": 0.9}}}
    metrics["maskcon_more"] = {"seeds": {"7": {"recall_1": 0.55}}}
    metrics["coins_other"] = {"seeds": {"0": {"recall_1": 0.6}}}
    _, tasks = make_results(runs, metrics)
    named = name_rows(tabulate([*runs, more, other], metrics), [*runs, more, other], tasks)
    rows = summarize(named)
    rows = rows[(rows["metric"] == "recall_1") & (rows["task"] == "omniglot_good")].set_index("title")
    assert rows.loc["MaskCon", "n"] == 2
    assert rows.loc["MaskCon", "experiment"] == "maskcon_good maskcon_more"
    assert {"CoIns, coins_good", "CoIns, coins_other"} <= set(rows.index)


def test_good_grouping_comes_before_bad():
    results, _ = make_results(make_runs(), make_metrics())
    tasks = coarse_tasks(summarize(results).iloc[::-1])
    assert tasks == ["omniglot_good", "omniglot_bad"]
    assert grouping_pairs(tasks) == [("omniglot_good", "omniglot_bad")]


def test_interval_is_student_t_over_shared_seeds():
    first = pd.Series([0.5, 0.6, 0.7], index=[0, 1, 2])
    second = pd.Series([0.4, 0.5, 0.62, 0.3], index=[0, 1, 2, 3])
    gap = paired(first, second)
    differences = np.array([0.1, 0.1, 0.08])
    half = 4.302652729911275 * differences.std(ddof=1) / np.sqrt(3)
    assert gap.n == 3
    assert (gap.low, gap.high) == pytest.approx((differences.mean() - half, differences.mean() + half))
    assert gap.separated


def test_one_seed_separates_nothing():
    one = pd.Series([0.9], index=[0])
    gap = paired(one, one - 0.5)
    assert not gap.separated
    assert gap.words() == "not separated at n = 1"
    assert not paired(one, pd.Series([0.1], index=[5])).separated


def test_bold_needs_seeds_and_an_interval_without_zero():
    for seeds, noise, sure in [(1, 0.0, False), (3, 0.02, True)]:
        results, tasks = make_results(make_runs(seeds), make_metrics(seeds, noise))
        found = best(comparable(results, "omniglot_good", tasks), "recall_1")
        assert found is not None and found.title == "CoIns"  # not SupFine: upper bounds do not compete
        assert found.sure is sure


def test_bold_is_withheld_where_seeds_overlap():
    metrics = make_metrics(3)
    for seed, values in enumerate([(0.5, 0.7), (0.62, 0.55), (0.71, 0.6)]):
        for name, value in zip(("coins_good", "maskcon_good"), values, strict=True):
            metrics[name]["seeds"][str(seed)]["recall_1"] = value
    results, tasks = make_results(make_runs(3), metrics)
    found = best(comparable(results, "omniglot_good", tasks), "recall_1")
    assert found is not None and not found.sure


def test_seeds_of_a_row_that_was_not_run_are_none():
    results, _ = make_results(make_runs(), make_metrics())
    assert len(by_seed(results, "nobody", None, "recall_1")) == 0
    assert len(by_seed(results, "CoIns", None, "no_figure")) == 0


def test_difference_is_that_of_the_table_where_seeds_are_not_all_shared():
    gap = paired(pd.Series([0.3, 0.5], index=[0, 1]), pd.Series([0.35], index=[0]))
    assert gap.mean == pytest.approx(0.05)  # 0.40 against 0.35, though seed 0 alone says the opposite
    assert gap.n == 1 and not gap.separated
    sides = paired(pd.Series([0.3, 0.31, 0.9], index=[0, 1, 2]), pd.Series([0.4, 0.41], index=[0, 1]))
    assert sides.mean > 0 > sides.high and not sides.separated
