"""Pictures of the few-label family, from small runs made here."""

import json
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gristmill.pipelines.report import draw
from gristmill.report.class_runs import class_runs, last_lists, listed_rows, parts_by_seed, read_list
from gristmill.report.draw_classes import draw_classes
from gristmill.report.pictures import Picture, contents, put_together

TITLES = {"supervised": "Supervised", "fixmatch": "FixMatch", "daso": "DASO"}
KINDS = {"fixmatch": ("final",), "daso": ("final", "linear", "semantic")}
EVIL = "<b>$x$"


def make_table(count: int = 4, seeds: tuple[int, ...] = (0, 1)) -> pd.DataFrame:
    rows = [
        {"seed": seed, "part": part, "label": k if part != "unlabeled" else -1, "fine": k}
        for seed in seeds
        for part, each in (("train", None), ("unlabeled", 3), ("test", 3))
        for k in range(count)
        for _ in range(each or 2 * (count - k))
    ]
    table = pd.DataFrame(rows)
    names = {k: EVIL if k == 0 else f"class_{k}" for k in range(count)}
    table = table.assign(fine_name=table["fine"].map(names), label_name=table["label"].map(names).fillna(""))
    row = np.concatenate([np.arange((table["seed"] == seed).sum()) for seed in seeds])
    return table.assign(row=row, sample=[f"image/{i}" for i in row])


def make_history(experiment: str, count: int = 4, seeds: tuple[int, ...] = (0, 1)) -> pd.DataFrame:
    """As read from a file: lists are text, one value is null, before training there is none."""
    rows = []
    for seed in seeds:
        for epoch in range(4):
            values = np.linspace(0.9, 0.1, count).round(3).tolist()
            row: dict[str, Any] = {"seed": seed, "epoch": epoch, "step": 10 * epoch, "loss": 1.0, "top1": 0.5}
            row |= {"recalls": json.dumps(values), "recalls_la": json.dumps(values[::-1])}
            for kind in KINDS.get(experiment, ()) if epoch else ():
                shifted = [value + (0.05 * (2 * k / count - 1) if kind == "semantic" else 0) for k, value in
                           enumerate(values)]  # fmt: skip
                row |= {f"{kind}_recalls": json.dumps(shifted), f"{kind}_used": 0.2 + 0.1 * seed}
                row |= {f"{kind}_precisions": json.dumps([None, *values[1:]])}
                row |= {f"{kind}_used_accuracy": 0.8 if epoch > 1 else np.nan}
            if experiment == "daso" and epoch:
                row["shares"] = json.dumps([1 / count] * count)
                row["upsilons"] = json.dumps([None if epoch == 1 else 0.5] * count)
            rows.append(row)
    return pd.DataFrame(rows)


def make_arrays(table: pd.DataFrame, seed: int, count: int) -> dict[str, np.ndarray]:
    own = table.loc[table["seed"] == seed].reset_index(drop=True)
    rng = np.random.default_rng(seed)
    test, unlabeled = (np.flatnonzero(own["part"] == part) for part in ("test", "unlabeled"))
    logits = np.eye(count)[own["fine"].to_numpy()[test]] + 0.4 * rng.normal(size=(len(test), count))
    return {
        "features": rng.normal(size=(len(test), 4)).astype(np.float32),
        "logits": logits.astype(np.float32),
        "counts": np.arange(count, 0, -1),
        "row": test,
        "unlabeled_features": rng.normal(size=(len(unlabeled), 4)).astype(np.float32),
        "unlabeled_row": unlabeled,
    }


def make(count: int = 4, seeds: tuple[int, ...] = (0, 1), names: tuple[str, ...] = tuple(TITLES)) -> dict[str, Any]:
    """The arguments of `draw_classes`."""
    table = make_table(count, seeds)
    results = pd.DataFrame(
        [
            {"experiment": name, "title": TITLES[name], "method": name, "dataset": "fashion", "task": "few"}
            | {"seed": seed, "median_top1": 0.5}
            for name in names
            for seed in seeds
        ]
    )
    return {
        "results": results,
        "tables": {"few": table},
        "histories": {name: make_history(name, count, seeds) for name in names},
        "features": {name: {str(s): lambda s=s: make_arrays(table, s, count) for s in seeds} for name in names},
    }


def drawn(**made: Any) -> dict[str, Picture]:
    return {picture.name: picture for picture in draw_classes(**made, dpi=30)}


@pytest.fixture(scope="module")
def pictures() -> dict[str, Picture]:
    return drawn(**make())


def test_each_idea_has_a_picture_of_the_family(pictures: dict[str, Picture]):
    assert list(pictures) == [
        "distribution_few", "curves_few", "labels_few", "kinds_few_2", "labels_course_few", "used_few",
        "blending_few_2", "recalls_few", "confusion_few", "tsne_unlabeled_few",
    ]  # fmt: skip
    assert {picture.family for picture in pictures.values()} == {"few"}
    for picture in pictures.values():
        assert picture.files and picture.data and picture.alt and picture.caption
        assert "nan" not in picture.alt + picture.caption


def test_the_family_stays_when_pictures_are_taken_apart(pictures: dict[str, Picture]):
    found = put_together([picture.about() for picture in pictures.values()], contents(pictures.values()))
    assert found == list(pictures.values())
    about = {key: value for key, value in pictures["labels_few"].about().items() if key != "family"}
    assert put_together([about], pictures["labels_few"].files)[0].family == "coarse"


def test_what_changes_from_linear_to_semantic_is_told_from_the_numbers(pictures: dict[str, Picture]):
    caption = pictures["kinds_few_2"].caption
    assert "in the head 0.85 against 0.90 (lower in 2 of 2 seeds)" in caption
    assert "in the tail 0.12 against 0.10 (higher in 2 of 2 seeds)" in caption
    assert "n = 2" in caption


def test_data_are_the_numbers_drawn_with_gaps_for_what_is_undefined(pictures: dict[str, Picture]):
    table = pd.read_csv(StringIO(pictures["labels_few"].data))
    assert set(table["line"]) == {"FixMatch", "DASO"}
    gaps = table.loc[table["value"].isna()]
    assert set(gaps["name"]) == {EVIL} and set(gaps["rate"]) == {"precision"}
    assert len(table) == 2 * 2 * 2 * 4


def test_a_class_with_an_evil_name_is_shown_and_never_markup(pictures: dict[str, Picture]):
    for name in ("distribution_few", "labels_few", "recalls_few"):
        content = pictures[name].files[f"{name}.svg"].decode()
        assert "&lt;b&gt;$x$" in content and "<b>" not in content


def test_blending_starts_where_the_last_evaluation_without_weights_is(pictures: dict[str, Picture]):
    table = pd.read_csv(StringIO(pictures["blending_few_2"].data))
    weights = table.loc[table["what"] == "upsilon"]
    assert weights["class_1"].isna().tolist() == [True, False, False]
    assert table.loc[table["what"] == "true", "class_1"].tolist() == [0.25]


def test_one_seed_and_methods_without_pseudo_labels_are_drawn():
    found = drawn(**make(seeds=(3,), names=("supervised",)))
    assert list(found) == ["distribution_few", "curves_few", "recalls_few", "confusion_few", "tsne_unlabeled_few"]
    assert "n = 1" in found["recalls_few"].caption


def test_a_hundred_classes_are_drawn_as_head_middle_and_tail():
    found = drawn(**make(count=100, seeds=(0,), names=("fixmatch", "daso")))
    table = pd.read_csv(StringIO(found["labels_few"].data))
    assert set(table["name"]) == {"head", "mid", "tail"}
    assert "same color" in found["tsne_unlabeled_few"].caption
    assert "percent" not in found["confusion_few"].caption
    assert "blending_few_1" in found


def test_where_nobody_knows_the_classes_of_unlabeled_images_no_number_is_made_up():
    made = make()
    table = made["tables"]["few"]
    hidden = table["part"] == "unlabeled"
    fine, names = table["fine"].mask(hidden, -1), table["fine_name"].mask(hidden, "")
    made["tables"]["few"] = table.assign(fine=fine, fine_name=names)
    for history in made["histories"].values():
        for column in [name for name in history if name.startswith(("final_", "linear_", "semantic_"))]:
            listed = history[column].map(lambda cell: isinstance(cell, str | list)).any()
            history[column] = json.dumps([None] * 4) if listed else np.nan
    found = drawn(**made)
    assert {"distribution_few", "curves_few", "blending_few_2", "recalls_few"} <= set(found)
    assert "kinds_few_2" not in found and "labels_few" not in found
    assert "unlabeled" not in found["distribution_few"].alt and "nobody knows" in found["distribution_few"].caption
    assert all("nan" not in picture.alt + picture.caption for picture in found.values())
    true = pd.read_csv(StringIO(found["blending_few_2"].data)).query("what == 'true'")
    assert true.drop(columns=["what", "step"]).isna().all(axis=None)


def test_runs_that_are_no_classifiers_and_empty_histories_give_no_picture():
    made = make()
    assert draw_classes(made["results"].drop(columns="median_top1"), {}, {}, {}, 30) == []
    assert draw_classes(made["results"].assign(median_top1=np.nan), made["tables"], {}, {}, 30) == []
    assert list(drawn(**{**made, "histories": {}, "features": {}})) == ["distribution_few"]


def test_lists_come_from_text_and_from_memory_and_what_is_no_list_is_none():
    assert read_list("[1.0, null]", 2) == [1.0, None] == read_list([1.0, None], 2)
    assert read_list(float("nan"), 2) is None and read_list("[1.0]", 2) is None and read_list(None, 2) is None
    history = pd.DataFrame({"seed": [0, 0], "step": [1, 2], "a": ["[1.0, null]", "[null, null]"]})
    assert listed_rows(history, "a", 2) == [(0, 1, [1.0, None])] and listed_rows(history, "b", 2) == []
    assert last_lists(history, "a", 2) == {0: [1.0, None]}


def test_head_and_tail_are_those_of_the_labels():
    made = make(count=10)
    (runs,) = class_runs(**made)
    assert runs.parts == {"head": 3, "mid": 4, "tail": 3} and runs.counts.tolist() == list(range(20, 0, -2))
    found = parts_by_seed(runs, runs.histories["FixMatch"], "final_recalls")
    assert found.loc[0].tolist() == pytest.approx([0.811, 0.5, 0.189], abs=1e-3)


def test_the_node_draws_them_with_the_rest():
    made, rng = make(), np.random.default_rng(0)
    runs = [{"experiment": name, "title": title, "method": name, "dataset": "fashion", "task": "few", "train": {}} for
            name, title in TITLES.items()]  # fmt: skip
    collected = {f"history.{name}": history for name, history in made["histories"].items()}
    collected |= {f"features.{name}": features for name, features in made["features"].items()}
    collected |= {f"metrics.{name}": {} for name in TITLES}
    data: dict[str, Any] = {"table.few": made["tables"]["few"], "collected.all": collected}
    data["images.fashion"] = rng.integers(0, 256, (200, 8, 8, 1), dtype=np.uint8)
    files, about, _ = draw(runs, {"dpi": 30}, {}, made["results"], **data)
    assert "kinds_few_2.svg" in files and "tsne_unlabeled_few_dark.png" in files
    assert {entry["family"] for entry in about if entry["name"].endswith("few")} >= {"few"}
