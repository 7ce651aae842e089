"""Two views over seeds, and all families in one table: what is said is what the numbers say."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gristmill.parameters.read import read
from gristmill.parameters.resolve import resolve_all
from gristmill.report.draw_families import families_pictures
from gristmill.report.draw_views_seconds import seconds_pictures
from gristmill.report.families import Families, all_families, is_families
from gristmill.report.families_sentences import families_sentences
from gristmill.report.families_tables import choice_table, families_table
from gristmill.report.longer_views import ALSO, QUESTIONS, STEPS, LongerViews, is_longer_views, longer_views
from gristmill.report.longer_views_sentences import longer_view_sentences
from gristmill.report.longer_views_tables import longer_view_tables
from gristmill.report.page import make_page
from gristmill.report.side_by_side import METRICS
from gristmill.report.tables import Table
from gristmill.report.two_views_claims import judge_view_claims
from scripts import evidence
from tests.project import ROOT
from tests.report.sample import make_metrics, make_results, make_runs
from tests.report.side_by_side_sample import FAMILIES, make_families, make_views
from tests.report.side_by_side_sample import VIEWS as TRAINED
from tests.report.two_views_sample import make_views as make_demo

KNN = next(iter(METRICS))


def families(table: pd.DataFrame | None = None) -> Families:
    (found,) = all_families(make_families() if table is None else table, ["omniglot"])
    return found


def views(table: pd.DataFrame | None = None) -> LongerViews:
    (found,) = longer_views(make_views() if table is None else table, ["omniglot"])
    return found


def without(table: pd.DataFrame, *experiments: str) -> pd.DataFrame:
    return table.loc[~table["experiment"].isin(experiments)]


def shifted(table: pd.DataFrame, experiment: str, by: float, *metrics: str) -> pd.DataFrame:
    """One experiment higher or lower by these figures."""
    changed = table.copy()
    changed.loc[changed["experiment"] == experiment, list(metrics or METRICS)] += by
    return changed


def bold(table: Table) -> list[str]:
    return [row.title for row in table.rows if row.cells[0].mark == "best"]


def test_each_table_is_known_by_its_columns():
    assert is_families(make_families()) and not is_longer_views(make_families())
    assert is_longer_views(make_views()) and not is_families(make_views())
    for name in ("omniglot", "fashion"):
        table = pd.read_csv(ROOT / f"results/{name}.csv")
        assert not is_families(table) and not is_longer_views(table)
    for empty in (None, pd.DataFrame(), make_families().iloc[:0], make_views().iloc[:2]):
        assert all_families(empty, ["omniglot"]) == [] and longer_views(empty, ["omniglot"]) == []
    assert all_families(make_families(), ["fashion"]) == [] and longer_views(make_views(), ["fashion"]) == []


def test_groups_are_what_the_methods_read():
    one = families()
    assert {told: set(rows["kind"]) for told, rows in one.groups().items()} == {
        "no labels": {"no_labels"},
        "alphabets of 3,388 drawings": {"coarse"},
        "characters of 726 drawings": {"few"},
        "characters of 3,388 drawings": {"all_labels"},
    }
    assert one.titles()[:2] == ["untrained network", "raw pixels"] and one.titles()[-1] == "cross entropy"
    assert one.leader("no labels") == "SimCLR" and one.images() == (266240, 266240)


def test_labels_that_nobody_recorded_are_said():
    table = make_families()
    table.loc[table["title"] == "SupCE", "labels"] = np.nan
    one = families(table)
    assert "SupCE" not in one.titles() and "not recorded: SupCE." in families_table(one).note


def test_bold_and_yes_need_seeds():
    assert bold(families_table(families())) == ["SimCLR", "cross entropy"]
    assert bold(longer_view_tables(views())[0]) == ["MoCo, 120 epochs"]
    one, two = families(make_families(1)), views(make_views(1))
    assert bold(families_table(one)) == [] and bold(longer_view_tables(two)[0]) == []
    said = families_sentences(one) + longer_view_sentences(two)
    assert not [sentence for sentence in said if "? Yes" in sentence or "? No" in sentence or "interval" in sentence]
    assert all("n = 1" in sentence for sentence in said)
    assert not any(cell.spread for row in families_table(one).rows for cell in row.cells)


def test_a_loss_is_said_as_such():
    said = " ".join(families_sentences(families()))
    assert "Does LoGo help MoCo? No: LoGo on MoCo is below MoCo by kNN, linear and Recall@1" in said
    assert "By kNN, SupCE (alphabets of 3,388 drawings) falls below SimCLR, which is told nothing" in said
    assert "By kNN SimSiam is not above raw pixels (35 in 100)" in said
    said = " ".join(longer_view_sentences(views()))
    assert "Does LoGo help MoCo at equal steps? Yes: MoCo + LoGo is above MoCo by" in said
    assert "at about equal processor seconds? No: MoCo + LoGo is below MoCo (120 epochs) by" in said


def test_figures_that_disagree_are_named():
    table = shifted(make_families(), "logo_moco_all", 0.3, KNN)
    said = " ".join(families_sentences(families(table)))
    assert "MoCo? Yes and no: LoGo on MoCo is above MoCo by kNN and below it by linear and Recall@1" in said
    table = shifted(make_families(), "logo_moco_all", 0.1)
    same = " ".join(families_sentences(families(table)))
    assert "Does LoGo help MoCo? Open: LoGo on MoCo is not separated from MoCo by kNN, linear and Recall@1" in same


@pytest.mark.parametrize("metric", METRICS)
def test_what_was_not_measured_is_left_out(metric: str):
    table = make_families()
    table.loc[table["experiment"] == "moco_all", metric] = np.nan
    row = next(row for row in families_table(families(table)).rows if row.title == "MoCo")
    assert row.cells[list(METRICS).index(metric)].text == "–"
    assert "nan" not in " ".join(families_sentences(families(table)))
    one = families(table.drop(columns=[metric, "cpu_seconds"]))
    assert METRICS[metric] not in families_table(one).columns
    assert "processor seconds" not in " ".join(families_sentences(one))
    two = views(make_views().drop(columns=[metric, "cpu_seconds"]))
    text = " ".join(longer_view_sentences(two)) + str(longer_view_tables(two))
    assert "nan" not in text and "processor seconds;" not in text


def test_a_seed_that_is_missing_counts_in_n_alone():
    table = make_families()
    table.loc[(table["experiment"] == "moco_all") & (table["seed"] == 0), KNN] = np.nan
    said = next(one for one in families_sentences(families(table)) if "LoGo help MoCo" in one)
    assert "n = 2 to 3" in said


@pytest.mark.parametrize("lost", [row[0] for row in FAMILIES])
def test_families_without_a_method(lost: str):
    one = families(without(make_families(), lost))
    title = next(row[1] for row in FAMILIES if row[0] == lost)
    assert title not in [row.title for row in families_table(one).rows]
    assert families_sentences(one) and len(choice_table(one).rows) == 4


@pytest.mark.parametrize("lost", [row[0] for row in TRAINED])
def test_two_views_without_a_method(lost: str):
    two = views(without(make_views(), lost))
    title = next(row[1] for row in TRAINED if row[0] == lost)
    assert title not in two.titles() and longer_view_sentences(two) and longer_view_tables(two)


def test_choice_names_who_is_not_separated():
    rows = {row.title: row.cells[0].text for row in choice_table(families()).rows}
    assert rows["no labels"].startswith("SimCLR 0.") and ";" not in rows["no labels"]
    assert "; not separated: " in rows["alphabets of 3,388 drawings"]


def test_the_settings_are_what_the_questions_say():
    runs = {run["experiment"]: run["train"] for run in resolve_all(read(ROOT / "results/two_views.yaml"))["runs"]}
    for _, first, second, alike in QUESTIONS:
        one, two = runs[first]["train"], runs[second]["train"]
        if alike == STEPS:
            assert (one["epochs"], one["batch"]) == (two["epochs"], two["batch"])
    base = runs[ALSO["K"][0]]
    assert (base["memory"]["size"], base["memory"]["momentum"]) == (ALSO["K"][1], ALSO["m"][1])
    assert runs["logo_on_moco"]["train"]["lr"] == runs["moco_lr02"]["train"]["lr"]


def test_curves_go_through_the_run_that_they_start_from():
    assert [*views().curves["m"]["value"].unique()] == [0, 0.99, 0.999]
    assert [*views().curves["K"]["value"].unique()] == [128, 2048]
    assert "MoCo, K 128" not in views().titles() and "MoCo" in views().titles()


def test_page_has_the_sections_only_where_there_are_tables():
    results, tasks = make_results(make_runs(), make_metrics())
    one, two = families(make_families(1)), views(make_views(1))
    pictures = families_pictures(one) + seconds_pictures(two)
    html = make_page(results, make_runs(), tasks, pictures, longer_two_views=[two], together=[one])
    assert html.index('id="together"') < html.index('<section id="coarse"') < html.index('id="views-longer"')
    assert 'href="#together"' in html and all(f'id="{picture.name}"' in html for picture in pictures)
    bare = make_page(results, make_runs(), tasks, [])
    assert 'id="together"' not in bare and "views-longer" not in bare


@pytest.mark.parametrize(("name", "make"), [("families", make_families), ("two_views", make_views)])
def test_shown_in_both_readmes_with_figures_in_two_modes(name: str, make, tmp_path: Path, capsys):
    (tmp_path / "results").mkdir()
    for file in ("README.md", "results/README.md", f"results/{name}.yaml"):
        shutil.copy(ROOT / file, tmp_path / file)
    make().to_csv(tmp_path / f"results/{name}.csv", index=False)
    evidence.show(Path(f"results/{name}.yaml"), tmp_path)
    files = {file.name for file in (tmp_path / "results").glob("*.svg")}
    assert files and all(file.replace(".svg", "_dark.svg") in files for file in files if "_dark" not in file)
    texts = [(tmp_path / file).read_text("utf-8") for file in ("README.md", "results/README.md")]
    for text, folder in zip(texts, ("results/", ""), strict=True):
        own = text.partition(f"<!-- {name}:")[2].partition(f"<!-- end of {name} -->")[0]
        assert "So far" in own and "Does LoGo help MoCo" in texts[1] and f'src="{folder}{name}_omniglot' in own
    evidence.show(Path(f"results/{name}.yaml"), tmp_path)
    assert texts == [(tmp_path / file).read_text("utf-8") for file in ("README.md", "results/README.md")]
    assert "Omniglot" in capsys.readouterr().out


def test_claims_are_judged_by_longer_trainings_too():
    demo = make_demo(3, 0.01)
    found = {claim.claim: claim for claim in judge_view_claims(demo, [views()], [families()])}
    logo, contrast = (
        found["LoGo raises the kNN accuracy of MoCo"],
        found["SupCon has a higher linear accuracy than cross entropy"],
    )
    assert logo.verdict.words() == "not run"
    assert logo.longer is not None and logo.longer.words() == "holds here"
    assert logo.trained == "longer, at equal steps" and logo.longer.here.startswith("kNN: MoCo + LoGo 0.60")
    assert contrast.longer is not None and contrast.longer.words() == "does not hold here"
    assert contrast.trained == "longer, at equal images" and "SupCon (batch) 0.95" in contrast.longer.here


def test_claims_on_logo_are_judged_at_equal_images_where_nothing_else_was_run():
    alone = without(make_views(), "logo_on_moco")
    (claim,) = [one for one in judge_view_claims(make_demo(), [views(alone)], [families()]) if "of MoCo" in one.claim]
    assert claim.trained == "longer, at equal images"
    assert claim.longer is not None and claim.longer.words() == "does not hold here"
    assert {one.longer for one in judge_view_claims(make_demo())} == {None}


def probed(table: pd.DataFrame, **columns: float) -> pd.DataFrame:
    """With figures of probes: kNN and so much."""
    return table.assign(**{name: table[KNN] + plus for name, plus in columns.items()})


def test_probes_of_the_same_encoders_stand_beside_what_methods_are_judged_by():
    bare = families_table(families())
    table = probed(make_families(), other_top1=0.1, one_label_top1=-0.05, corrupted_top1=-0.08)
    full = families_table(families(table))
    assert full.columns == ["kNN", "linear", "Recall@1", "other data", "1 drawing", "corrupted", *bare.columns[3:]]
    assert [row.title for row in full.rows] == [row.title for row in bare.rows]
    row = next(row for row in full.rows if row.title == "cross entropy")
    own = table.loc[table["title"] == "cross entropy", "other_top1"]
    assert row.cells[3].text == f"{own.mean():.3f}" and row.cells[3].mark == "best"
    assert "1 drawing: kNN with one training drawing of each character" in full.note and "1 drawing" not in bare.note
    assert all(len(row.cells) == len(full.columns) for row in full.rows)


def test_a_probe_that_no_run_has_is_no_column_and_one_that_some_lack_a_dash():
    table = probed(make_families(), other_top1=0.1, corrupted_top1=-0.08).assign(one_label_top1=np.nan)
    table.loc[table["experiment"] == "moco_all", "corrupted_top1"] = np.nan
    found = families_table(families(table))
    assert found.columns[3:5] == ["other data", "corrupted"]
    assert next(row for row in found.rows if row.title == "MoCo").cells[4].text == "–"
    assert "one training drawing" not in found.note
    assert families_sentences(families(table)) == families_sentences(families())
