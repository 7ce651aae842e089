"""Longer trainings with few labels: which runs stand where, and what is said of them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gristmill.figures.theme import DARK
from gristmill.report.draw_longer_classes import classes_pictures
from gristmill.report.longer_classes import LongerClasses, class_rows, is_classes, longer_classes
from gristmill.report.longer_classes_markdown import all_tables, classes_readme_section, classes_results_section
from gristmill.report.longer_classes_sentences import classes_sentences, readings, short_classes_sentences
from gristmill.report.longer_classes_tables import ablation_table, method_table, to_fixmatch
from gristmill.report.results import having
from scripts import evidence
from tests.report.sample import make_evidence

RUNS = [  # experiment, title, tail, settings, top-1, used, right of these
    ("supervised_any", "Supervised", "reversed", {}, 0.73, None, None),
    ("fixmatch_uniform", "FixMatch, uniform", "uniform", {}, 0.74, 0.7, 0.8),
    ("fixmatch_reversed", "FixMatch, reversed", "reversed", {}, 0.735, 0.7, 0.58),
    ("daso_uniform", "DASO, uniform", "uniform", {"align": 1.0, "T_dist": 0.3}, 0.745, 0.5, 0.94),
    ("daso_reversed", "DASO, reversed", "reversed", {"align": 1.0, "T_dist": 0.3}, 0.746, 0.35, 0.8),
    ("daso_align_alone", "DASO, alignment alone", "reversed", {"align": 1.0, "alpha": 0.0}, 0.744, 0.69, 0.59),
    ("daso_blend_alone", "DASO, blending alone", "reversed", {"align": 0.0, "T_dist": 0.3}, 0.737, 0.55, 0.7),
]
NAMES = ("A<b>", "B", "$C$")


def make(seeds: int = 3, noise: float = 0.001) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two tables; three classes, the first is blended most, the last is hardly found."""
    rng, rows, classes = np.random.default_rng(0), [], []
    for name, title, tail, settings, top1, used, right in RUNS:
        method = title.partition(",")[0].lower()
        for seed in range(seeds):
            row = {"experiment": name, "title": title, "method": method, "dataset": "fashion", "seed": seed}
            row |= {"task": f"fashion_{tail}", "epochs": 4, "epoch_steps": 5, **settings}
            row |= {"device": "cpu", "precision": "bf16", "torch": "2.14.1"}
            row |= {"median_top1": top1 + noise * rng.normal(), "median_top1_la": top1 + 0.03}
            if used is not None:
                row |= {"final_used": used + noise * rng.normal(), "final_used_accuracy": right + noise * rng.normal()}
                kinds = {"final": 0.0, "linear": 0.05, "semantic": -0.05} if method == "daso" else {"final": 0.0}
                for kind, shift in kinds.items():
                    row |= {f"{kind}_recall": 0.7, f"{kind}_recall_head": 0.9 + shift, f"{kind}_recall_mid": 0.8}
                    row |= {f"{kind}_recall_tail": 0.3 - shift, f"{kind}_precision_head": 0.1 - shift}
                    row |= {f"{kind}_precision_mid": 0.8, f"{kind}_precision_tail": 0.8 + shift}
            rows.append(row)
            last = {"recalls": [0.9, 0.5, 0.01], "recalls_la": [0.8, 0.6, 0.1]}
            if method == "daso":
                last |= {"final_used_shares": [0.0, 1.0, 0.0], "final_precisions": [0.1, 0.9, None]}
                last |= {"upsilons": [1.0, 0.2, 0.0], "linear_recalls": [0.9, 0.2, 0.0]}
                last |= {"semantic_recalls": [0.8, 0.5, None]}
            elif method == "fixmatch":
                last |= {"final_used_shares": [0.3, 0.7, 0.0], "final_precisions": [0.06, 0.8, None]}
            classes += class_rows(row, last, NAMES, (100, 20, 5))
    return pd.DataFrame(rows), pd.DataFrame(classes)


def longer(seeds: int = 3, without: tuple[str, ...] = (), noise: float = 0.001) -> LongerClasses:
    rows, classes = make(seeds, noise)
    found = longer_classes(rows.loc[~rows["experiment"].isin(without)], classes, "fashion")
    assert found is not None
    return found


def test_only_classifiers_have_such_tables():
    assert not is_classes(make_evidence()) and is_classes(make()[0])
    assert longer_classes(make_evidence(), None, "omniglot") is None
    assert longer_classes(make()[0], None, "digits") is None
    assert class_rows({"experiment": "maskcon", "seed": 0}, {"recall_1": 0.5}, NAMES, (1, 2, 3)) == []


def test_supervised_stands_once_and_ablations_stand_apart():
    titles = [row.title for row in method_table(longer()).rows]
    assert titles[:3] == ["Supervised, reads none", "FixMatch, uniform", "DASO, uniform"]
    assert titles[3:] == ["FixMatch, reversed", "DASO, reversed"]
    changed = {row.title: row.cells[0].text for row in ablation_table(longer()).rows}
    assert changed == {
        "FixMatch": "neither blends nor aligns", "DASO": "nothing", "DASO, alignment alone": "blend.alpha 0",
        "DASO, blending alone": "blend.align 0",
    }  # fmt: skip


def test_a_temperature_that_is_not_the_same_under_each_tail_is_said():
    rows, classes = make()
    assert "T_dist" not in method_table(longer()).note
    rows.loc[rows["experiment"] == "daso_uniform", "T_dist"] = 1.5
    found = longer_classes(rows, classes, "fashion")
    assert found is not None and "T_dist of DASO: uniform 1.5, reversed 0.3." in method_table(found).note


def test_differences_are_those_of_shared_seeds_alone():
    rows, classes = make()
    lost = (rows["experiment"] == "fixmatch_reversed") & (rows["seed"] != 2)
    found = longer_classes(rows.loc[~lost], classes, "fashion")
    assert found is not None
    one = {row.title: row for row in to_fixmatch(found).rows}
    cell, own = one["DASO − FixMatch, reversed"].cells[0], rows.set_index(["experiment", "seed"])["median_top1"]
    expected = own["daso_reversed", 2] - own["fixmatch_reversed", 2]
    assert cell.text == f"{expected:+.3f}" and cell.interval == "" and cell.mark == ""
    assert one["DASO − FixMatch, uniform"].n == 3
    only = rows.loc[~lost & ~((rows["experiment"] == "daso_reversed") & (rows["seed"] == 2))]
    found = longer_classes(only, classes, "fashion")
    assert found is not None and "DASO − FixMatch, reversed" not in [row.title for row in to_fixmatch(found).rows]


def test_bold_needs_several_seeds():
    marks = {row.title: [cell.mark for cell in row.cells] for row in method_table(longer()).rows}
    assert marks["DASO, reversed"][3] == "best" and marks["DASO, reversed"][2] == ""
    assert all(cell.mark == "" for table in all_tables(longer(1)) for row in table.rows for cell in row.cells)


def test_readings_are_confirmed_by_numbers_alone():
    pair, half, right, rare = readings(longer(), "reversed")
    assert ": confirmed (n = 3). The class with the largest upsilon is A<b> (in 3 of 3 seeds)" in pair
    assert "30.0 %" in pair and "A&lt;b>" in classes_results_section(longer())
    assert "largest for B: 0.50 instead of 0.20" in pair
    assert all("”: confirmed (n = 3)" in said for said in (half, right, rare))
    assert "$C$, 5 labeled images" in rare
    rows, classes = make()
    classes.loc[(classes["experiment"] == "daso_reversed") & (classes["seed"] == 1), "final_used_share"] = 0.2
    classes.loc[classes["experiment"] == "supervised_any", "recall"] = 0.4
    other = longer_classes(rows.assign(final_used=rows["final_used"].fillna(0) * 0 + 0.5), classes, "fashion")
    assert other is not None
    pair, half, _, rare = readings(other, "reversed")
    assert "none in 2 of 3 seeds" in pair and all("not confirmed" in said for said in (pair, half, rare))
    assert all("left open by one seed" in said for said in readings(longer(1), "reversed"))


def test_fewer_but_not_half_is_said_so():
    half = readings(longer(), "uniform")[1]
    assert "not confirmed" in half and "fewer, but more than half" in half


def test_the_papers_order_is_claimed_only_where_seeds_separate_it():
    said = "\n".join(classes_sentences(longer(noise=0.0001)))
    assert "top-1, as in the paper" in said
    assert "not separated throughout" in "\n".join(classes_sentences(longer(noise=0.0015)))
    assert "not in the paper's order" in "\n".join(classes_sentences(longer(1, noise=0.03)))
    assert "as far as was run" in "\n".join(classes_sentences(longer(without=("daso_align_alone",))))


def test_shape_counts_seeds():
    kinds = next(table for table in all_tables(longer()) if table.task == "shape")
    words = {row.title: row.cells[1] for row in kinds.rows}
    head = words["linear labels have the higher recall at the head"]
    assert head.mark == "best" and head.interval.endswith("3 of 3")
    assert words["final labels lie between: recall, tail"].text == "3 of 3"


@pytest.mark.parametrize("lost", [run[0] for run in RUNS])
def test_a_half_finished_table_is_shown(lost: str):
    own = longer(without=(lost,))
    text = classes_readme_section(own, 21) + classes_results_section(own, 21)
    assert "So far 18 of 21 runs" in text and not {"nan", "inf", "None"} & set(text.replace("(", " ").split())
    assert len(short_classes_sentences(own)) <= 3
    (alone,) = (longer(1, tuple(run[0] for run in RUNS if run[0] != lost)),)
    assert "nan" not in classes_results_section(alone, 21)


def test_without_classes_nothing_is_read_from_them():
    found = longer_classes(make()[0], None, "fashion")
    assert found is not None and len(readings(found, "reversed")) == 2
    assert "So far" not in classes_results_section(found, 21)


def test_no_label_used_at_all():
    rows, classes = make()
    rows.loc[rows["experiment"] == "daso_reversed", "final_used_accuracy"] = np.nan
    rows.loc[rows["experiment"] == "fixmatch_reversed", "final_used"] = 0.0
    classes.loc[classes["experiment"] == "daso_reversed", "final_used_share"] = np.nan
    found = longer_classes(rows, classes, "fashion")
    assert found is not None and "nan" not in classes_results_section(found, 21)


def test_pictures_are_the_same_bytes_each_time_and_single_runs_can_be_drawn():
    light, dark = classes_pictures(longer()), classes_pictures(longer(), DARK)
    assert [one.name for one in light] == ["fashion_methods", "fashion_ablation"]
    assert light == classes_pictures(longer())
    assert [*dark[1].files] == ["fashion_ablation_dark.svg"]
    assert len(classes_pictures(longer(1, ("supervised_any",)))) == 2
    (methods,) = classes_pictures(longer(1, ("daso_align_alone", "daso_blend_alone")))
    assert methods.name == "fashion_methods"
    assert classes_pictures(longer(1, tuple(run[0] for run in RUNS[1:]))) == []


def test_collecting_keeps_the_rows_of_runs_whose_folders_are_gone(tmp_path: Path):
    run = {"experiment": "fixmatch_reversed", "title": "FixMatch, reversed", "method": "fixmatch", "dataset": "fashion"}
    runs = [{**run, "task": "t", "epochs": 4, "seed": seed} for seed in (0, 1)]
    (tmp_path / "tasks").mkdir()
    (tmp_path / "runs.json").write_text(json.dumps(runs))
    classes = [("train", 0, "NA"), ("train", 1, "b"), ("test", 0, "NA"), ("test", 1, "b")]
    rows = [(seed, *one) for seed in (0, 1) for one in classes]
    task = pd.DataFrame([*rows, rows[0]], columns=["seed", "part", "fine", "fine_name"])
    task.to_parquet(tmp_path / "tasks/t.parquet")
    file = tmp_path / "fashion.csv"
    for seed in (0, 1):
        place = evidence.place(tmp_path, runs[seed])
        place.mkdir(parents=True)
        machine = {"device": "cpu", "precision": "fp32", "torch": "2", "seconds": 1.0}
        (place / "metrics.json").write_text(json.dumps({"metrics": {"median_top1": 0.5}, "machine": machine}))
        history = [{"recalls": [0.0, 0.0]}, {"recalls": [0.25 + seed, 0.5], "final_gains": [None, 2.0]}]
        (place / "history.json").write_text(json.dumps(history))
        evidence.collect(tmp_path, file)
        for name in ("metrics.json", "history.json"):
            (place / name).unlink()
    table = evidence.known_classes(evidence.beside(file))
    assert [*zip(table["seed"], table["class_name"], table["labeled"], table["recall"], strict=True)] == [
        (0, "NA", 2, 0.25), (0, "b", 1, 0.5), (1, "NA", 1, 1.25), (1, "b", 1, 0.5)
    ]  # fmt: skip
    assert table["final_gain"].isna().tolist() == [True, False] * 2
    assert len(having(pd.read_csv(file), "experiment", "fixmatch_reversed")) == 2
