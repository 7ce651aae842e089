"""What the page says of methods that compare two views, and that no other family says anything of them."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gristmill.figures.save import svg
from gristmill.figures.spread import spread_curves
from gristmill.figures.theme import DARK, LIGHT
from gristmill.parameters.read import read
from gristmill.pipelines.report import draw, tabulate, write_page
from gristmill.pipelines.results import print_results, result_tables
from gristmill.report.choice import ALL_LABELS, compared, explored, looked_at, two_views
from gristmill.report.draw_results import curves_picture
from gristmill.report.draw_two_views import draw_two_views
from gristmill.report.page import make_page
from gristmill.report.pictures import Picture
from gristmill.report.results import coarse_tasks, summarize
from gristmill.report.tables import Table
from gristmill.report.two_views import ViewRuns
from gristmill.report.two_views_claims import judge_view_claims
from gristmill.report.two_views_sentences import view_sentences
from gristmill.report.two_views_tables import view_tables
from tests.report.sample import TITLES as COARSE
from tests.report.sample import make_history, make_metrics, make_results, make_runs, make_tables
from tests.report.two_views_sample import (
    KNN,
    TITLES,
    make_view_histories,
    make_view_metrics,
    make_view_results,
    make_view_runs,
    make_views,
)

ROOT = Path(__file__).parents[2]
EVIL = "<b>{0}</b>"


def table(views: list[ViewRuns], runs: list[dict[str, Any]] | None = None, **states: str) -> Table:
    (found,) = view_tables(views, make_view_runs() if runs is None else runs, states)
    return found


def column(found: Table, name: str) -> dict[str, str]:
    place = found.columns.index(name)
    return {row.title: row.cells[place].text for row in found.rows}


def drawn(seeds: int = 1, **spreads: float) -> dict[str, Picture]:
    results, tasks = make_view_results(make_view_metrics(seeds), make_view_runs(seeds))
    pictures = draw_two_views(results, tasks, make_view_histories(seeds, TITLES, **spreads))
    return {picture.name.split("_")[0]: picture for picture in pictures}


def only(*names: str) -> dict[str, Any]:
    return {name: TITLES[name] for name in names}


def test_methods_of_two_views_and_their_classifier_are_a_family_and_no_others():
    methods = {path.stem for path in (ROOT / "src/gristmill/methods").glob("*.py")}
    assert {name for name in methods if two_views(name)} == {
        "simclr", "moco", "simsiam", "byol", "logo_moco", "logo_simsiam", "supcon", "cross_entropy",
    }  # fmt: skip
    assert set(ALL_LABELS) <= {name for name in methods if two_views(name)}


def test_floors_stand_first_then_no_labels_then_all_labels_each_by_rising_neighbors():
    found = table(make_views())
    assert [row.title for row in found.rows] == [
        "untrained network", "raw pixels", "MoCo", "SimCLR", "SupCon (batch)", "Cross entropy",
    ]  # fmt: skip
    assert found.columns == ["kNN top-1", "linear top-1", "Recall@1", "spread", "outputs", "labels read"]
    assert [cell.text for cell in found.rows[3].cells] == ["0.460", "0.620", "0.350", "0.900", "healthy", "none"]
    assert [*column(found, "labels read").values()] == ["none"] * 4 + ["all"] * 2
    assert column(found, "spread")["raw pixels"] == "–" and found.n == "n = 1"


def test_note_says_the_protocols_in_words_and_what_each_method_took():
    note = table(make_views()).note
    assert "(knn_logo_1): of 24 training drawings the 20 nearest vote for their character" in note
    assert "exp(cosine / 0.07)" in note and "(linear_lbfgs_1): a linear classifier" in note
    assert "SimCLR, SupCon (batch) and Cross entropy, 12 epochs (36 steps of 8 drawings); MoCo, 24 epochs (72" in note
    assert note.endswith("A residual network of 2 blocks from random weights.")


def test_who_has_no_spread_is_named():
    views = make_views()
    views[0].histories["Cross entropy"] = views[0].histories["Cross entropy"].drop(columns=["spread", "rank"])
    found = table(views)
    assert "Cross entropy compares no outputs, so there is none." in found.note
    assert column(found, "outputs")["Cross entropy"] == "–" and "no outputs" not in table(make_views()).note


def test_a_limit_is_said_and_one_length_is_said_once():
    runs = make_view_runs()
    for run in runs:
        run["recipe_epochs"] = 50
        run["train"].setdefault("train", {})["epochs"] = 12
    assert "for 12 of 50 epochs (36 steps" in table(make_views(titles=only("simclr_drawings")), runs[2:3]).note


def test_protocols_of_one_kind_are_told_apart():
    metrics = make_view_metrics()
    metrics["simclr_drawings"]["seeds"]["0"]["knn_moco_1_top1"] = 0.2
    found = table(make_views(metrics=metrics))
    assert found.columns[:3] == ["kNN top-1 (knn_logo_1)", "kNN top-1 (knn_moco_1)", "linear top-1"]
    assert "outputs of the head" in found.note and column(found, found.columns[1])["MoCo"] == "–"


def test_bold_needs_seeds_and_is_given_within_each_group():
    several, one = table(make_views(3, 0.01)), table(make_views())
    assert [row.cells[0].mark for row in several.rows] == ["", "", "", "best", "", "best"]
    assert [row.cells[0].mark for row in one.rows] == ["", "", "", "highest", "", "highest"]
    assert several.rows[3].cells[0].spread == "0.010" and several.rows[3].n == 3


def test_without_protocols_recall_is_what_counts():
    metrics = make_view_metrics()
    for entry in metrics.values():
        entry["seeds"] = {seed: {"recall_1": block["recall_1"]} for seed, block in entry["seeds"].items()}
    views = make_views(metrics=metrics)
    assert table(views).columns[0] == "Recall@1"
    first, second, last = view_sentences(views)
    assert "SimCLR finds the character of 35 in 100" in first and "(Recall@1; n = 1)" in first
    assert "raw pixels (18 in 100" in second and last.startswith("By Recall@1, SupCon (batch)")


def test_a_run_without_results_is_named_and_nan_is_no_figure():
    metrics = make_view_metrics(2)
    del metrics["moco_drawings"]
    metrics["simclr_drawings"]["seeds"]["0"][KNN] = float("nan")
    views = make_views(2, metrics=metrics)
    found = table(views, supcon_drawings="stale")
    assert [(row.title, row.state) for row in found.rows if row.state] == [
        ("SupCon (batch)", "stale"), ("MoCo", "not run"),
    ]  # fmt: skip
    assert {len(row.cells) for row in found.rows} == {6}
    assert next(row.n for row in found.rows if row.title == "SimCLR") == 1
    assert "nan" not in f"{found} {view_sentences(views)} {judge_view_claims(views)}"


def test_sentences_follow_from_the_numbers():
    ladder, leads, contrast = view_sentences(make_views())
    assert ladder == (
        "Without any label, SimCLR finds the character of 46 in 100 test drawings and MoCo 39; told all labels: Cross "
        "entropy 69 and SupCon (batch) 48; not trained: raw pixels 31 and untrained network 12 (kNN top-1; n = 1)."
    )
    assert "SimCLR comes out highest without labels, 7.0 in 100 ahead of MoCo (not separated at n = 1)" in leads
    assert "Cross entropy comes out highest with all labels, 21.0 in 100 ahead" in leads
    assert leads.endswith("Every trained method is above raw pixels (31 in 100; n = 1).")
    assert contrast.startswith("By the same linear classifier on both, SupCon (batch) is right in 62 of 100 and Cross")
    assert "13.0 behind (not separated at n = 1)" in contrast and contrast.endswith("here that stays open.")


def test_seeds_separate():
    views = make_views(3, 0.01)
    assert "SimCLR leads without labels" in view_sentences(views)[1]
    assert view_sentences(views)[2].endswith("reports SupCon above; here it is not.")
    other = TITLES | {"supcon_drawings": ("SupCon (batch)", "supcon", "omniglot_fine", 0.8, 0.9, 0.34, 12)}
    assert view_sentences(make_views(3, 0.01, other))[2].endswith("reports SupCon above; here it is too.")


def test_who_is_not_above_the_floors_is_said():
    low = TITLES | {"moco_drawings": ("MoCo", "moco", "omniglot_fine", 0.3, 0.55, 0.27, 24)}
    assert "MoCo is not above raw pixels (31 in 100; n = 1)." in view_sentences(make_views(titles=low))[1]


@pytest.mark.parametrize(
    ("spread", "word", "said"),
    [(0.004, "collapsed", "outputs have collapsed (spread 0.0040"), (0.05, "shrinking", ""),
     (np.nan, "collapsed", "outputs are no numbers any more")],
)  # fmt: skip
def test_a_collapse_is_said_in_table_and_sentence(spread: float, word: str, said: str):
    views = make_views(moco_drawings=spread)
    assert column(table(views), "outputs")["MoCo"] == word
    assert column(table(views), "spread")["MoCo"] == ("no number" if np.isnan(spread) else f"{spread:.3f}")
    sentence = view_sentences(views)[1]
    assert (f"MoCo, in 1 of 1 seed: the {said}" in sentence) if said else ("collapsed" not in sentence)


def test_a_collapse_of_one_seed_is_counted():
    views = make_views(3)
    history = views[0].histories["MoCo"]
    history.loc[(history["seed"] == 1) & (history["epoch"] == 24), "spread"] = 0.001
    assert column(table(views), "outputs")["MoCo"] == "collapsed in 1 of 3 seeds, healthy in 2"
    assert "MoCo, in 1 of 3 seeds: the outputs have collapsed" in view_sentences(views)[1]


def test_one_method_alone_is_compared_with_nothing():
    views = make_views(titles=only("simclr_drawings"))
    assert view_sentences(views) == ["Without any label, SimCLR finds the character of 46 in 100 test drawings (kNN "
                                     "top-1; n = 1)."]  # fmt: skip
    assert [row.title for row in table(views, []).rows] == ["SimCLR"]
    assert {claim.verdict.words() for claim in judge_view_claims(views)} == {"not run"}
    alone = view_sentences(make_views(titles=only("raw_pixels", "cross_entropy_drawings")))
    assert alone[0].startswith("Told all labels, Cross entropy finds the character of 69 in 100")
    assert alone[1] == "Cross entropy is above raw pixels (31 in 100; n = 1)."


def test_one_method_on_two_tasks_is_two_rows_and_coarse_labels_are_not_all():
    more = {"coarse": ("SupCon (batch)", "supcon", "omniglot_good", 0.9, 0.9, 0.4, 12)}
    views = make_views(titles=TITLES | more)
    found = column(table(views), "labels read")
    assert found["SupCon (batch), omniglot_good"] == "all alphabets" and found["SupCon (batch), omniglot_fine"] == "all"
    assert "SupCon (batch), omniglot_fine is right in 62" in view_sentences(views)[2]
    assert "0.620" in judge_view_claims(views)[0].verdict.here


def test_claims_are_judged_by_intervals():
    words = [claim.verdict.words() for claim in judge_view_claims(make_views(3, 0.01))]
    assert words == ["does not hold here", "does not hold here; not separated at n = 3", "not run", "not run"]
    claims = judge_view_claims(make_views())
    assert claims[0].verdict.words() == "does not hold here; not separated at n = 1"
    assert claims[0].verdict.here == "linear top-1: SupCon (batch) 0.620, Cross entropy 0.750"
    logo = {"logo_drawings": ("LoGo-MoCo", "logo_moco", "omniglot_fine", 0.5, 0.6, 0.4, 12)}
    found = judge_view_claims(make_views(3, 0.01, TITLES | logo))[2].verdict
    assert found.words() == "holds here" and found.here == "kNN top-1: LoGo-MoCo 0.500, MoCo 0.390"


def test_pictures_show_all_methods_floors_and_levels():
    found = drawn(moco_drawings=0.0001)
    assert {picture.family for picture in found.values()} == {"views"}
    assert len({picture.pair for picture in found.values()}) == 1
    words = {name: next(iter(picture.files.values())).decode() for name, picture in found.items()}
    assert all(title in words["curves"] for title, *_ in TITLES.values()) and "kNN top-1" in words["curves"]
    assert "untrained network lies at 0.12, raw pixels lies at 0.31, MoCo ends at 0.39" in found["curves"].alt
    assert "knn_logo_1_top1" in found["curves"].data.splitlines()[0]
    assert "healthy" in words["spread"] and "raw pixels" not in words["spread"]
    assert "MoCo 0.0001, collapsed" in found["spread"].alt
    assert "what is smaller is drawn there" in found["spread"].caption
    assert "drawn there" not in drawn()["spread"].caption


def test_pictures_of_several_seeds_have_a_line_each():
    lines = drawn(3)["spread"].data.splitlines()
    assert len(lines) == 1 + 3 * (3 * 13 + 25)


def test_pictures_are_left_out_without_a_course():
    results, tasks = make_view_results(make_view_metrics())
    assert draw_two_views(results, tasks, {}) == []
    bare = {name: history.drop(columns="spread", errors="ignore") for name, history in make_view_histories().items()}
    assert [picture.name for picture in draw_two_views(results, tasks, bare)] == ["curves_omniglot_fine_views"]


@pytest.mark.parametrize("mode", [LIGHT, DARK])
def test_a_spread_of_nothing_is_an_empty_picture(mode):
    assert svg(spread_curves({}, (0.1, 0.01), mode)).startswith(b"<?xml")


def test_other_families_say_the_same_beside_two_views():
    runs, metrics = make_runs(), make_metrics()
    before, tasks = make_results(runs, metrics)
    trained = {name: entry for name, entry in TITLES.items() if entry[1] != "untrained"}
    wide = make_view_runs(titles=trained)
    wide[1]["task"] = "omniglot_good"  # without labels it does not matter on which task
    both_runs, both_metrics = runs + wide, metrics | make_view_metrics(titles=trained)
    after, _ = make_view_results(both_metrics, both_runs)
    assert coarse_tasks(summarize(after)) == coarse_tasks(summarize(before))
    first, second = make_page(before, runs, tasks, []), make_page(after, both_runs, tasks, [])
    for start, end in (('<section id="results"', "<a download"), ('<section id="claims"', "</section>")):
        assert cut(first, start, end) == cut(second, start, end)
    sentences = re.findall(r'<ul class="sentences">.*?</ul>', second)
    assert re.findall(r'<ul class="sentences">.*?</ul>', first) == sentences[:1] and len(sentences) == 2
    assert looked_at(both_runs) == looked_at(runs) and compared(runs) == []
    before_views, views = explored(both_runs)[: len(explored(runs))], explored(both_runs)[len(explored(runs)) :]
    assert before_views == explored(runs)
    assert views == ["simclr_drawings", "supcon_drawings", "cross_entropy_drawings"]  # on the task with most of them
    histories = {name: make_history(value) for name, (_, _, _, value) in COARSE.items()}
    wider = histories | make_view_histories(titles=trained)
    same = curves_picture(before, tasks, "omniglot_good", histories)
    assert curves_picture(after, tasks, "omniglot_good", wider) == same


def cut(html: str, start: str, end: str) -> str:
    """The text between two marks."""
    return html[html.index(start) :].partition(end)[0]


def test_page_without_the_family_has_nothing_of_it():
    results, tasks = make_results(make_runs(), make_metrics())
    html = make_page(results, make_runs(), tasks, [])
    assert "No labels" not in html and "SimCLR" not in html and 'id="views' not in html


def test_page_has_the_family_alone_and_escapes_its_titles():
    titles = TITLES | {"simclr_drawings": (EVIL, "simclr", "omniglot_fine", 0.46, 0.62, 0.35, 12)}
    titles |= {"cross_entropy_drawings": (f"{EVIL}!", "cross_entropy", "omniglot_fine", 0.69, 0.75, 0.58, 12)}
    runs = make_view_runs(titles=titles)
    results, tasks = make_view_results(make_view_metrics(titles=titles), runs, EVIL)
    histories = make_view_histories(titles=titles)
    html = make_page(results, runs, tasks, draw_two_views(results, tasks, histories), histories=histories)
    assert re.findall(r'<section id="([\w-]+)"', html) == [
        "came-out", "views", "views-results", "views-claims", "views-figures", "provenance",
    ]  # fmt: skip
    assert EVIL not in html and "&lt;b&gt;{0}" in html
    ids = re.findall(r'\bid="([\w-]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'<li><a href="#([\w-]+)"', html)) <= set(ids)


def test_nodes_draw_and_write_the_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    runs, metrics, histories = make_view_runs(2), make_view_metrics(2), make_view_histories(2)
    rng = np.random.default_rng(0)
    arrays = {"features": rng.normal(size=(24, 4)).astype(np.float32), "row": np.arange(24, 48)}
    collected = {f"metrics.{name}": block for name, block in metrics.items()}
    collected |= {f"history.{name}": history for name, history in histories.items()}
    collected |= {f"features.{name}": {"0": lambda: arrays} for name in metrics}
    data: dict[str, Any] = {f"table.{name}": found for name, found in make_tables().items()}
    data["images.omniglot"] = rng.integers(0, 256, (48, 8, 8, 1), dtype=np.uint8)
    data["collected.simclr"] = collected
    results = tabulate(runs, simclr=collected)
    files, about, explorers = draw(runs, {"dpi": 50}, {}, results, **data)
    assert {"curves_omniglot_fine_views.svg", "spread_omniglot_fine_views.svg"} <= set(files)
    readers = {name: partial(bytes, content) for name, content in files.items()}
    page = write_page(runs, {}, results, readers, about, explorers, **data).decode()
    assert 'id="views-figures"' in page and "72 steps" in page and 'id="coarse"' not in page
    look = page[page.index('<section id="views-look"') :].partition("</section>")[0]
    galleries = ["raw_pixels", *list(TITLES)[2:]]
    drawn = ["views_simclr_drawings", *(f"retrieval_{g}" for g in galleries), "tsne_omniglot_fine_views"]
    assert re.findall(r'<figure id="(\w+)"', look) == drawn
    assert [method["name"] for method in explorers[0]["methods"]] == galleries and len(explorers) == 1


def test_terminal_has_a_table_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    parameters = read(ROOT / "params.yaml")
    without = {name: entry for name, entry in parameters["experiments"].items() if not two_views(entry["method"])}
    entries = {
        name: {"title": title, "method": method, "dataset": "omniglot", "task": task, "seeds": [0]}
        for name, (title, method, task, *_) in TITLES.items()
    }
    monkeypatch.chdir(tmp_path)
    for name, block in make_view_metrics().items():
        Path("data/runs", name).mkdir(parents=True)
        Path("data/runs", name, "metrics.json").write_text(json.dumps(block))
    before = result_tables(parameters | {"experiments": without})
    after = result_tables(parameters | {"experiments": without | entries})
    (added,) = set(after) - set(before)
    assert {name: after[name] for name in before} == before
    assert [row["role"] for row in after[added]] == ["floor"] * 2 + ["no_labels"] * 2 + ["all_labels"] * 2
    print_results(parameters | {"experiments": without | entries}, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert any(re.fullmatch(r" +kNN top-1 +linear top-1 +Recall@1", line) for line in lines)
    assert any(re.fullmatch(r"SimCLR  \(no labels\) +0.460 +0.620 +0.350", line) for line in lines)
