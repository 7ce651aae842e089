"""Fine classes found inside coarse ones, as the page shows them."""

from dataclasses import replace
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gristmill.report.draw_look import Look
from gristmill.report.draw_proposals import by_confidence, evenly, number_words, proposals_picture
from gristmill.report.found import found_tables
from gristmill.report.page import make_page
from gristmill.report.results import summarize
from gristmill.report.words import words
from tests.report.sample import TITLES, make_metrics, make_results, make_runs, make_tables

EVIL = "<script>alert(1)</script> $x$"


def with_found(seeds: int = 1, noise: float = 0.0) -> dict[str, dict[str, Any]]:
    """Metrics with what was found: not for the upper bound, whose labels leave nothing to find."""
    metrics = make_metrics(seeds, noise)
    for name, (*_, task, value) in TITLES.items():
        for block in metrics[name]["seeds"].values() if task != "omniglot_fine" else ():
            shift = block["recall_1"] - value
            block |= {"discover_accuracy": value / 2 + shift, "discover_ari": value / 4, "discover_nmi": value}
    return metrics


def tables(metrics: dict[str, Any], seeds: int = 1, states: dict[str, str] | None = None) -> list[Any]:
    runs = make_runs(seeds)
    results, tasks = make_results(runs, metrics)
    return found_tables(results, summarize(results), tasks, runs, states or {})


def test_a_table_a_task_floors_first_without_the_upper_bound():
    good, bad = tables(with_found(), states={"supce_good": "stale: train"})
    assert [row.title for row in good.rows] == ["raw pixels", "SupCon (queue)", "SupCE", "MaskCon", "CoIns"]
    assert good.columns == ["accuracy", "ARI", "NMI"]
    assert [cell.text for cell in good.rows[0].cells] == ["0.090", "0.045", "0.180"]
    assert [row.state for row in good.rows] == ["", "", "stale: train", "", ""]
    assert [row.title for row in bad.rows] == ["SupCE", "MaskCon"]  # raw pixels were cut inside other coarse classes


def test_sentence_names_the_highest_beside_raw_pixels_and_supce():
    good, bad = tables(with_found())
    assert good.note.endswith(
        "Of the methods with coarse labels CoIns comes out highest: 30 in 100 drawings right, MaskCon 26 and SupCE 22; "
        "raw pixels: 9 (not separated at n = 1)."
    )
    assert "raw pixels" not in bad.note and "as many classes as it has characters" in bad.note
    assert tables(with_found(3, 0.01), 3)[0].note.endswith(
        "CoIns leads: 30 in 100 drawings right, MaskCon 26 and SupCE 22; raw pixels: 9 (n = 3)."
    )


def test_without_such_figures_there_is_no_table():
    assert tables(make_metrics()) == []
    assert tables({}) == []


def test_page_shows_the_table_and_the_main_one_stays_as_it_is():
    runs = make_runs()
    results, tasks = make_results(runs, with_found())
    html = make_page(results, runs, tasks, [])
    assert html.count("Fine classes found: Omniglot, inside alphabets") == 2  # heading, name of the region
    plain = make_page(make_results(runs, make_metrics())[0], runs, tasks, [])
    for part in ("claims", "came-out"):
        cut = [page[page.index(f'id="{part}"') :].split("</section>")[0] for page in (html, plain)]
        assert cut[0] == cut[1]
    first = [page[page.index('id="results"') :].split("</table>")[0] for page in (html, plain)]
    assert first[0] == first[1]


def look(name: str = "Greek", noise: float = 0.1, **changes: Any) -> Look:
    """Test images around one point a fine class."""
    table = make_tables(name)["omniglot_good"]
    run = next(run for run in make_runs() if run["experiment"] == "maskcon_good")
    rng, row = np.random.default_rng(0), np.arange(24, 48)
    features = np.eye(12)[table["fine"].to_numpy()[row]] + noise * rng.normal(size=(24, 12))
    images = rng.integers(0, 256, (48, 8, 8, 1), dtype=np.uint8)
    return replace(Look(run, table, images, features.astype(np.float32), row, 0), **changes)


def test_proposals_are_drawn_in_both_modes_with_all_of_them_as_csv():
    picture = proposals_picture(look(), 50)
    assert picture is not None and proposals_picture(look(), 50) == picture
    assert sorted(picture.files) == ["proposals_maskcon_good_dark.png", "proposals_maskcon_good_light.png"]
    assert "12 classes of 24 drawings" in picture.caption and "2 of 2" in picture.alt
    table = pd.read_csv(StringIO(picture.data))
    assert list(table) == ["sample", "coarse", "proposed", "confidence", "second"]
    assert list(table["sample"]) == [f"s{i}" for i in range(24, 48)]
    assert set(table["proposed"]) == set(range(1, 7)) and table["confidence"].between(0, 1).all()
    assert (table["proposed"] != table["second"]).all()


def test_names_are_words_and_never_more():
    picture = proposals_picture(look(EVIL), 50)
    assert picture is not None and EVIL in picture.alt


@pytest.mark.parametrize("number", ["truth", 3, 100, "silhouette"])
def test_unknown_labels_are_left_out_and_unknown_truth_is_not_named(number: Any):
    own = look()
    table = own.table.assign(fine=-1)
    run = {**own.run, "evaluate": {"discover": {"number": number, "most": 5, "restarts": 1}}}
    picture = proposals_picture(replace(own, run=run, table=table), 50)
    if number == "truth":
        assert picture is None
        return
    assert picture is not None and "character" not in picture.alt
    half = table.assign(label=table["label"].where(table["label"] == 0, -1))
    one = proposals_picture(replace(own, run=run, table=half), 50)
    assert one is not None and set(pd.read_csv(StringIO(one.data))["coarse"]) == {"Greek"}


def test_where_nothing_is_found_there_is_no_picture():
    own = look()
    assert proposals_picture(replace(own, table=own.table.assign(label=-1)), 50) is None
    assert proposals_picture(replace(own, table=own.table.assign(fine=own.table["label"])), 50) is None
    assert proposals_picture(replace(own, features=np.ones((24, 3), np.float32)), 50) is None


def test_classes_shown_go_from_certain_to_uncertain_and_are_not_tiny():
    own = np.repeat(np.arange(6), [6, 5, 4, 3, 2, 1])
    confidence = np.repeat([0.2, 0.4, 0.3, 0.1, 0.9, 1.0], [6, 5, 4, 3, 2, 1])
    assert by_confidence(own, confidence).tolist() == [1, 2, 0, 3]
    assert by_confidence(own[-6:], confidence[-6:]).tolist() == [5, 4, 3]  # too few large ones: all
    assert evenly(np.arange(10), 4).tolist() == [0, 3, 6, 9] and evenly(np.arange(2), 4).tolist() == [0, 1]


def test_the_number_of_classes_is_told_in_words():
    say = words("omniglot_good")
    told = [number_words(number, say) for number in ("truth", "silhouette", 5)]
    assert told == [
        "as many classes as it has characters",
        "the number of classes with the highest silhouette",
        "5 classes",
    ]
