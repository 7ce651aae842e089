"""Methods of two views, image by image: which runs, which queries, what is told."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gristmill.pipelines.summary import plot_curves
from gristmill.report.choice import compared, explored
from gristmill.report.draw_look import Look, placed
from gristmill.report.draw_view_looks import draw_view_looks
from gristmill.report.explorer import explorers
from tests.report.sample import make_tables
from tests.report.two_views_sample import TITLES, make_view_histories, make_view_runs

METHODS = ["simclr_drawings", "moco_drawings", "supcon_drawings", "cross_entropy_drawings"]


def make_view_looks(*names: str, evil: str = "") -> list[Look]:
    """Runs with made-up features of the 24 test images.

    Args:
        evil: title of the first.
    """
    runs = {run["experiment"]: run for run in make_view_runs()}
    rng, tables, looks = np.random.default_rng(0), make_tables(), []
    images = rng.integers(0, 256, (48, 8, 8, 1), dtype=np.uint8)
    for name in names or ("raw_pixels", *METHODS):
        run = runs[name] | ({"title": evil} if evil and not looks else {})
        features = rng.normal(size=(24, 4)).astype(np.float32)
        looks.append(Look(run, tables[run["task"]], images, features, np.arange(24, 48), 0))
    return looks


def test_raw_pixels_stand_beside_one_run_of_each_method():
    runs = make_view_runs()
    assert compared(runs) == explored(runs) == ["raw_pixels", *METHODS]
    again = [run | {"experiment": f"{run['experiment']}_again"} for run in runs]
    assert compared(runs + again) == explored(runs + again) == ["raw_pixels", *METHODS]


def test_other_methods_take_the_places_that_are_free_and_no_more():
    runs = [run for run in make_view_runs() if run["experiment"] in METHODS]
    others = [runs[0] | {"experiment": name, "method": name} for name in ("byol", "simsiam", "logo_moco")]
    assert explored(others + runs[:2]) == ["simclr_drawings", "moco_drawings", "byol", "simsiam"]
    assert explored(others + runs) == METHODS


def test_floors_alone_have_no_gallery():
    floors = [run for run in make_view_runs() if run["method"] == "untrained"]
    assert compared(floors) == [] and explored(floors) == ["raw_pixels"]
    assert draw_view_looks(make_view_looks("raw_pixels"), 50) == []


def test_galleries_show_the_same_queries_whatever_task_a_run_stands_on():
    sheet, *galleries = draw_view_looks(make_view_looks(), 50)
    assert [gallery.name for gallery in galleries] == [f"retrieval_{name}" for name in ("raw_pixels", *METHODS)]
    queries = [list(dict.fromkeys(line.split(",")[0] for line in each.data.splitlines()[1:])) for each in galleries]
    assert len(queries[0]) == 8 and queries.count(queries[0]) == 5
    assert galleries[0].title == "Raw pixels: the 10 nearest"
    assert {each.family for each in (sheet, *galleries)} == {"views"}


def test_queries_of_many_classes_are_spread_over_all_of_them():
    _, gallery = draw_view_looks(make_view_looks("simclr_drawings"), 50)
    looks = make_view_looks("simclr_drawings")[0].test.set_index("sample")["label"]
    assert [int(looks[s]) for s in dict.fromkeys(line.split(",")[0] for line in gallery.data.splitlines()[1:])] == [
        0, 2, 3, 5, 6, 8, 9, 11
    ]  # fmt: skip


def test_sheet_shows_both_views_and_says_whether_labels_are_read():
    sheet = draw_view_looks(make_view_looks("simclr_drawings"), 50)[0]
    assert sheet.name == "views_simclr_drawings" and sheet.caption.endswith("No label is read.")
    assert sheet.alt == "8 drawings, each with 2 randomly distorted copies"
    assert "recipe strokes" in sheet.settings and "None" not in sheet.settings
    assert "all that the learner is told" in draw_view_looks(make_view_looks("supcon_drawings"), 50)[0].caption


def test_runs_on_other_test_images_and_without_any_stand_apart():
    first, second, third = make_view_looks("raw_pixels", "simclr_drawings", "moco_drawings")
    fewer = replace(second, features=second.features[:12], row=second.row[:12])
    none = replace(third, features=third.features[:0], row=third.row[:0])
    assert [each.name for each in draw_view_looks([first, fewer, none], 50)] == [
        "views_simclr_drawings", "retrieval_simclr_drawings"
    ]  # fmt: skip


def test_explorer_has_them_beside_raw_pixels_and_knows_the_alphabets():
    looks = make_view_looks()
    (data,) = explorers(looks, placed(looks))
    titles = ["raw pixels", "SimCLR", "MoCo", "SupCon (batch)", "Cross entropy"]
    assert [method["title"] for method in data["methods"]] == titles
    assert (data["words"]["fine"], data["words"]["coarse"]) == ("character", "alphabet")


@pytest.mark.parametrize(
    ("protocols", "lost", "said", "unsaid"),
    [
        (["knn_logo_1"], [], ["kNN top-1", "share of test images, by knn_logo_1"], ["Recall@1"]),
        (["linear_moco_1", "knn_logo_1"], [], ["kNN top-1", "by knn_logo_1"], ["linear"]),
        (["knn_logo_1"], ["knn_logo_1_top1"], ["Recall@1"], ["kNN"]),
        ([], [], ["Recall@1"], ["kNN"]),
    ],
)
def test_curves_of_a_method_watch_its_monitors_protocol(
    protocols: list[str], lost: list[str], said: list[str], unsaid: list[str]
):
    runs: list[dict[str, Any]] = make_view_runs()
    for run in runs:
        run["train"]["monitor"] = {"every": 2, "k": [1], "protocols": protocols}
    history = make_view_histories()["simclr_drawings"].drop(columns=lost)
    drawn = plot_curves(runs, {"history.simclr_drawings": history}).decode()
    words = re.sub(r"<[^>]*>", " ", drawn.partition("</style>")[2])
    assert all(text in words for text in said) and not any(text in words for text in unsaid)


def test_curves_of_runs_with_and_without_protocols_stay_with_recall():
    runs = make_view_runs(titles={name: TITLES[name] for name in METHODS[:2]})
    runs[0]["train"]["monitor"] = {"protocols": ["knn_logo_1"]}
    bare = pd.DataFrame({"seed": 0, "epoch": [0, 1], "loss": [np.nan, 2.0], "recall_1": [0.1, 0.2]})
    histories = {"history.simclr_drawings": make_view_histories()["simclr_drawings"], "history.moco_drawings": bare}
    assert "Recall@1" in plot_curves(runs, histories).decode()
