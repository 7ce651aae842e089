"""What the page says of methods with few labels, and that the two families keep apart."""

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gristmill.evaluate.classification import group_sizes, grouped
from gristmill.report.choice import explored, looked_at
from gristmill.report.claims import judge_claims
from gristmill.report.few_claims import judge_few_claims
from gristmill.report.few_sentences import few_sentences
from gristmill.report.few_tables import few_tables
from gristmill.report.page import make_page
from gristmill.report.results import joined_titles, summarize
from gristmill.report.sentences import sentences
from gristmill.report.tables import Table, result_tables
from tests.report.few_sample import (
    TASK,
    make_few_histories,
    make_few_metrics,
    make_few_results,
    make_few_runs,
)
from tests.report.sample import make_metrics, make_results, make_runs

EVIL = "<b>$x$</b>"


def tables(metrics: dict[str, Any]) -> list[Table]:
    results, tasks = make_few_results(metrics)
    return few_tables(results, summarize(results), tasks, make_few_runs(), {})


def said(passing: float = 0.0, seeds: int = 3, **changed: float) -> list[str]:
    results, tasks = make_few_results(make_few_metrics(seeds, **changed))
    return few_sentences(results, summarize(results), tasks, make_few_histories(passing))


def verdicts(seeds: int = 3, **changed: float) -> list[str]:
    results, tasks = make_few_results(make_few_metrics(seeds, **changed))
    return [claim.verdict.words() for claim in judge_few_claims(results, summarize(results), tasks)]


def test_supervised_stands_first_and_the_others_by_rising_accuracy():
    accuracy, labels, gaps = tables(make_few_metrics())
    assert [row.title for row in accuracy.rows] == ["Supervised", "FixMatch", "DASO", "USADTM"]
    assert [row.title for row in labels.rows] == ["FixMatch", "DASO", "linear labels", "semantic labels", "USADTM"]
    assert [cell.text for cell in labels.rows[2].cells[:3]] == ["–", "–", "0.690"]  # what is blended is not used itself
    assert [row.title for row in gaps.rows] == ["Supervised − FixMatch", "DASO − FixMatch", "USADTM − FixMatch"]
    assert "balanced" not in accuracy.columns  # the same figure as top-1 on balanced test images


def test_balanced_accuracy_is_shown_where_it_differs():
    metrics = make_few_metrics()
    metrics["daso_few"]["seeds"]["1"]["median_balanced_accuracy"] = 0.5
    table = tables(metrics)[0]
    assert "balanced" in table.columns and "balanced: the mean recall of the classes, a median too" in table.note
    assert "balanced" not in tables(make_few_metrics())[0].note


def test_note_says_labels_length_and_evaluations():
    note = tables(make_few_metrics())[0].note
    assert note.startswith("9 to 1 labels a class (unlabeled images reversed: 1 to 9). 600 steps; the paper trains 250")
    assert "median of the last 3 evaluations" in note
    assert "Head, mid and tail: the 3 classes with most labels, the 4 between, the 3 with fewest." in note


def test_bold_and_intervals_need_seeds():
    several, one = tables(make_few_metrics()), tables(make_few_metrics(1))
    assert [row.cells[0].mark for row in several[0].rows] == ["", "", "", "best"]
    assert [row.cells[0].mark for row in one[0].rows] == ["", "", "", "highest"]
    assert [row.cells[0].interval for row in one[2].rows] == ["\nnot separated at n = 1"] * 3


def test_a_run_without_results_is_named_and_nan_is_no_figure():
    metrics = make_few_metrics()
    del metrics["usadtm_few"]
    metrics["fixmatch_few"]["seeds"]["0"]["final_recall"] = float("nan")
    accuracy = tables(metrics)[0]
    assert [(row.title, row.state) for row in accuracy.rows if row.kind == "missing"] == [("USADTM", "not run")]
    assert "nan" not in str(tables(metrics))


def test_sentences_follow_from_the_numbers():
    ladder, used, kinds, gains, most = said()
    assert ladder.startswith(
        "With 9 to 1 labels a class (unlabeled images reversed: 1 to 9), USADTM names the class of 71.0 in 100 "
        "pictures, Supervised 70.0, DASO 69.0 and FixMatch 68.0 (n = 3). "
        "Supervised sees no unlabeled image: USADTM above it;"
    )
    assert "DASO uses 85.0 in 100 are right, of FixMatch's 57.0: more in 3 of 3 seeds" in used
    assert "It uses fewer of them: 25 in 100 against 45" in used
    assert "semantic labels is above that of its linear ones at the tail in 3 of 3 seeds (0.450 against 0.250" in kinds
    assert "below that of its linear ones at the head in 3 of 3 seeds (0.700 against 0.900" in kinds
    assert "is above FixMatch's, 0.690, in 0 of 3 seeds" in kinds
    assert "More of the used labels are right, and both gained." in gains
    assert most.startswith("In 3 of 3 seeds the class whose labels DASO blends most") and "“Coat”" in most


def test_every_sentence_says_its_n_and_one_seed_separates_nothing():
    assert all("n = 3" in sentence for sentence in said())
    assert all("n = 1" in sentence for sentence in said(seeds=1))
    assert "level with it are USADTM, DASO and FixMatch (not separated at n = 1)" in said(seeds=1)[0]
    assert "gained" not in said(seeds=1)[3]


def test_better_labels_without_better_accuracy_are_said_plainly():
    assert "has not turned into a separated gain in accuracy" in said(daso_few=0.68)[3]
    assert "used labels are right" not in said(used_accuracy=0.5)[3]


def test_a_class_that_passes_the_threshold_is_not_diagnosed():
    assert len(said(passing=0.2)) == 4


def test_a_constant_weight_blends_no_class_most():
    results, tasks = make_few_results(make_few_metrics())
    histories = make_few_histories()
    histories["daso_few"]["upsilons"] = json.dumps([0.5] * 10)
    assert len(few_sentences(results, summarize(results), tasks, histories)) == 4
    histories["daso_few"]["upsilons"] = json.dumps([None] * 10)
    assert len(few_sentences(results, summarize(results), tasks, histories)) == 4


def test_semantic_labels_that_find_less_of_the_tail_are_said_to():
    metrics = make_few_metrics()
    for block in metrics["daso_few"]["seeds"].values():
        block["semantic_recall_tail"] = 0.1
    results, tasks = make_few_results(metrics)
    found = few_sentences(results, summarize(results), tasks, {})[2]
    assert "labels is below that of its linear ones at the tail in 3 of 3 seeds (0.100 against 0.250" in found


def test_several_long_tails_get_a_sentence_that_counts_them():
    results, tasks = make_few_results(make_few_metrics())
    other = results.assign(task="other")
    behind = other["title"] == "DASO"
    other.loc[behind, "median_top1"] = other.loc[behind, "median_top1"] - 0.2
    both, facts = pd.concat([results, other]), tasks | {"other": tasks[TASK]}
    *_, last = few_sentences(both, summarize(both), facts, {})
    assert last.startswith("Of 2 long tails DASO is ahead of FixMatch in ") and " and behind in 1;" in last
    assert "−" in last.split("differs by ")[1].split(" to ")[0]


def test_head_and_tail_are_counted_as_recalls_are_averaged():
    for count in range(2, 101):
        means = grouped(np.arange(count), -np.arange(count))
        sizes = group_sizes(count)
        assert sum(sizes.values()) == count
        assert means["head"] == (sizes["head"] - 1) / 2 and means["tail"] == count - 1 - (sizes["tail"] - 1) / 2


def test_blendings_that_differ_in_seeds_alone_share_a_title_though_each_has_a_pretraining():
    first = next(run for run in make_few_runs() if run["title"] == "DASO")
    second = first | {"experiment": "more", "seeds": [3], "start": "more_start"}
    assert set(joined_titles([first, second]).values()) == {"DASO"}


def test_claims_are_judged_by_intervals():
    assert verdicts() == ["holds here", "holds here", "not separated at n = 3", "holds here", "not separated at n = 3"]
    assert verdicts(daso_few=0.5)[0] == "does not hold here"
    assert set(verdicts(seeds=1)) == {"not separated at n = 1"}


def test_claims_about_other_seeds_are_not_called_not_run():
    metrics = make_few_metrics()
    metrics["fixmatch_few"]["seeds"] = {"7": metrics["fixmatch_few"]["seeds"]["0"]}
    results, tasks = make_few_results(metrics)
    first = judge_few_claims(results, summarize(results), tasks)[0].verdict
    assert first.words() == "not separated (no seed in common)"
    results, tasks = make_few_results({name: own for name, own in metrics.items() if name != "fixmatch_few"})
    assert judge_few_claims(results, summarize(results), tasks)[0].verdict.words() == "not run"


def test_families_keep_apart():
    few, few_tasks = make_few_results(make_few_metrics())
    coarse, coarse_tasks = make_results(make_runs(), make_metrics())
    assert result_tables(few, summarize(few), few_tasks, make_few_runs(), {}) == []
    assert sentences(few, summarize(few), few_tasks) == [] and judge_claims(few, summarize(few), few_tasks) == []
    assert few_tables(coarse, summarize(coarse), coarse_tasks, make_runs(), {}) == []
    assert few_sentences(coarse, summarize(coarse), coarse_tasks, {}) == []
    assert judge_few_claims(coarse, summarize(coarse), coarse_tasks) == []


def test_page_has_no_part_of_a_family_that_was_not_run():
    few, few_tasks = make_few_results(make_few_metrics(), EVIL)
    coarse, coarse_tasks = make_results(make_runs(), make_metrics())
    pages = {
        "few": make_page(few, make_few_runs(), few_tasks, [], histories=make_few_histories()),
        "coarse": make_page(coarse, make_runs(), coarse_tasks, []),
    }
    assert {name: re.findall(r'<section id="([\w-]+)"', html) for name, html in pages.items()} == {
        "few": ["came-out", "few", "few-results", "few-claims", "provenance"],
        "coarse": ["came-out", "coarse", "results", "claims", "provenance"],
    }
    assert EVIL not in pages["few"] and "&lt;b&gt;$x$" in pages["few"]
    assert "Recall@" not in pages["few"] and "DASO" not in pages["coarse"]
    assert "daso_few_start" in pages["few"]


def test_page_with_both_families_names_both():
    few, facts = make_few_results(make_few_metrics())
    coarse, others = make_results(make_runs(), make_metrics())
    runs = make_runs() + make_few_runs()
    html = make_page(few.merge(coarse, how="outer"), runs, facts | others, [])
    ids = re.findall(r'\bid="([\w-]+)"', html)
    assert len(ids) == len(set(ids))
    links = re.findall(r'<li><a href="#([\w-]+)"', html)
    assert links[:4] == ["came-out", "coarse", "few", "provenance"] and set(links) <= set(ids)


@pytest.mark.parametrize("more", [[], make_runs()])
def test_explorer_has_fixmatch_beside_daso_and_at_most_four(more: list[dict[str, Any]]):
    chosen = explored(more + make_few_runs())
    assert chosen[-4:] == ["fixmatch_few", "daso_few", "supervised_few", "usadtm_few"]
    assert not {name for name in looked_at(more + make_few_runs()) if name.endswith("_few")}
    other = [{**run, "title": f"other {run['title']}", "task": TASK} for run in make_few_runs()] * 2
    assert len(explored(other)) == 4
