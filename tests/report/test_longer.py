"""Longer trainings: which runs make which table, what is said of them, and where they are shown."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gristmill.errors import UserError
from gristmill.figures.theme import DARK
from gristmill.pipelines.evidence import EvidenceDataset
from gristmill.report.claims import judge_claims
from gristmill.report.differences import differences, machines
from gristmill.report.draw_longer import longer_pictures
from gristmill.report.longer import Longer, lengths, longer_trainings, t2_runs, w_runs
from gristmill.report.longer_sentences import longer_sentences, short_sentences
from gristmill.report.longer_tables import longer_tables
from gristmill.report.markdown import few, readme_section, replaced, results_section
from gristmill.report.page import make_page
from gristmill.report.results import having, summarize
from tests.report.sample import make_evidence, make_metrics, make_results, make_runs


def longer(evidence: pd.DataFrame | None = None) -> Longer:
    (found,) = longer_trainings(make_evidence() if evidence is None else evidence, ["omniglot", "omniglot"])
    return found


def said(evidence: pd.DataFrame | None = None) -> str:
    return "\n".join(longer_sentences(longer(evidence)))


def without(*experiments: str) -> pd.DataFrame:
    rows = make_evidence()
    return rows.loc[~rows["experiment"].isin(experiments)]


def test_a_data_set_without_evidence_has_no_longer_trainings():
    assert longer_trainings(make_evidence(), ["digits"]) == []
    assert longer_trainings(None, ["omniglot"]) == longer_trainings(pd.DataFrame(), ["omniglot"]) == []
    assert longer_trainings(make_evidence().drop(columns="w"), ["omniglot"]) == []
    assert longer_trainings(having(make_evidence(), "experiment", "maskcon_long"), ["omniglot"]) == []


def test_a_missing_file_is_an_empty_table(tmp_path: Path):
    dataset = EvidenceDataset(str(tmp_path / "omniglot.csv"))
    assert longer_trainings(dataset.load(), ["omniglot"]) == []
    make_evidence().to_csv(tmp_path / "omniglot.csv", index=False)
    assert longer(dataset.load()).epochs == 4
    with pytest.raises(Exception, match=r"scripts/evidence\.py"):
        dataset.save(make_evidence())


def test_grids_and_lengths_do_not_stand_in_the_table():
    assert set(longer().table["title"]) == {
        "SelfCon", "SupCon (queue)", "SupCE", "Grafit", "CoIns", "MaskCon", "SupFine"
    }  # fmt: skip


def test_a_grid_changes_one_setting_alone_and_all_curves_begin_at_w_0():
    runs = w_runs(longer())
    grids = {curve: sorted(set(own["w"])) for curve, own in runs.groupby("curve")}
    assert grids == {"CoIns": [0, 0.5, 0.8, 1], "Grafit": [0, 0.5, 1], "MaskCon": [0, 0.5, 0.8]}
    assert set(runs["epochs"]) == {4}
    assert not len(having(runs, "experiment", "maskcon_t01", "maskcon_long", "maskcon_bad"))
    assert sorted(set(t2_runs(longer())["T2"])) == [0.05, 0.1, 0.5]
    assert set(lengths(longer())["curve"]) == {"CoIns", "MaskCon"}


def test_the_share_right_within_a_coarse_class_is_that_of_coarse_labels_alone():
    rows = longer().rows
    assert np.allclose(having(rows, "kind", "coarse").eval("within * coarse_recall_1 - recall_1"), 0)
    assert having(rows, "kind", "upper")["within"].isna().all()


def test_passes_is_said_only_where_the_interval_excludes_zero():
    assert "After 12 epochs MaskCon passes CoIns" in said()
    assert "After 12 epochs MaskCon is not separated from CoIns" in said(make_evidence(gap=0.0, noise=0.02))
    assert "After 12 epochs MaskCon is behind CoIns" in said(make_evidence(gap=-0.05))
    assert "not separated" in said(make_evidence(seeds=1)).splitlines()[1]


def test_what_harms_is_named():
    assert "Told mixed groups, Grafit (0.4" in said() and "falls below SelfCon, which is told nothing" in said()
    assert "falls below" not in said(without("grafit_bad"))


def test_sentences_without_their_runs_are_left_out():
    assert "passes" not in said(without("maskcon_long", "coins_long"))
    assert "passes" not in said(without("coins_long"))
    assert "highest at w" not in said(without("maskcon_w08"))
    assert "against T2" not in said(without("maskcon_t05"))
    assert "mixed groups" not in said(without("maskcon_bad", "grafit_bad"))
    assert set(short_sentences(longer())) < set(longer_sentences(longer()))
    for experiment in dict.fromkeys(make_evidence()["experiment"]):
        assert longer_trainings(without(experiment), ["omniglot"])
        assert "nan" not in said(without(experiment)).replace("dominan", "")


def test_every_sentence_says_its_n():
    assert all("n = 3" in sentence for sentence in longer_sentences(longer()) if "falls below" not in sentence)


def test_differences_are_of_one_seed_each_and_say_where_machines_differ():
    found = {one.what: one for one in differences(longer())}
    one = found["MaskCon − CoIns, 12 epochs"]
    assert one.parts["recall_1"].n == 3 and one.parts["recall_1"].mean == pytest.approx(0.05, abs=0.02)
    assert one.across == 0 and set(found["MaskCon: mixed groups − alphabets"].parts) == {"recall_1"}
    rows = make_evidence()
    rows.loc[(rows["experiment"] == "maskcon_long") & (rows["seed"] == 2), "device"] = "NVIDIA"
    mixed = {one.what: one.across for one in differences(longer(rows))}
    assert mixed["MaskCon − CoIns, 12 epochs"] == 1 and mixed["MaskCon − CoIns, 4 epochs"] == 0
    assert few(longer(rows)) == "Not made on cpu, fp32, torch 2.14.1 (experiment, seeds): maskcon_long 2."


def test_runs_that_do_not_say_their_machine():
    rows = make_evidence()
    rows.loc[rows["seed"] == 0, "device"] = np.nan
    assert machines(rows) == {"cpu, fp32, torch 2.14.1": 30, "not recorded, fp32, torch 2.14.1": 15}
    assert machines(rows.drop(columns=["device", "torch"])) == {"not recorded, fp32, torch not recorded": 45}


def test_tables_show_the_demo_beside():
    results, _ = make_results(make_runs(), make_metrics())
    good, bad, _ = longer_tables(longer(), results)
    demo = {row.title: row.cells[1].text for row in good.rows}
    assert (demo["MaskCon"], demo["SupFine"], demo["SelfCon"]) == ("0.530", "0.790", "–")
    assert {row.title: row.cells[1].text for row in bad.rows}["MaskCon"] == "0.560"
    assert [row.title for row in good.rows][-3:] == ["CoIns, 12 epochs", "MaskCon, 12 epochs", "SupFine"]
    assert "R@1 of the demo" not in longer_tables(longer())[0].columns


def test_what_reads_no_labels_stands_under_both_groupings():
    bad = longer_tables(longer())[1]
    row = next(row for row in bad.rows if row.title == "SelfCon")
    assert row.cells[0].text.startswith("0.5") and row.cells[2].text == "–"  # its coarse figure is another grouping's


def test_claims_are_judged_by_both():
    results, tasks = make_results(make_runs(), make_metrics())
    claims = {claim.claim: claim for claim in judge_claims(results, summarize(results), tasks, [longer()])}
    better = claims["MaskCon is better with the bad grouping than with the good one"]
    assert better.verdict.words() == "holds here; not separated at n = 1"
    assert better.longer is not None and better.longer.words() == "holds here"
    assert judge_claims(results, summarize(results), tasks)[0].longer is None


def test_page_has_the_section_only_where_there_is_evidence():
    results, tasks = make_results(make_runs(), make_metrics())
    pictures = longer_pictures(longer())
    html = make_page(results, make_runs(), tasks, pictures, longer=[longer()])
    assert 'id="longer"' in html and 'href="#longer"' in html
    assert all(f'id="{picture.name}"' in html for picture in pictures)
    assert "Longer, 4 epochs: Recall@1" in html
    assert 'id="longer"' not in make_page(results, make_runs(), tasks, [])


def test_pictures_are_the_same_bytes_each_time_and_dark_ones_have_names_of_their_own():
    light, dark = longer_pictures(longer()), longer_pictures(longer(), DARK)
    assert [one.name for one in light] == [
        f"omniglot_{name}" for name in ("recall_good", "recall_bad", "groupings", "lengths", "w", "t2")
    ]
    assert light == longer_pictures(longer())
    assert [*dark[0].files] == ["omniglot_recall_good_dark.svg"]


def test_pictures_without_their_runs_are_left_out():
    lost = ("maskcon_t05", "maskcon_long", "coins_long", "grafit_bad")
    names = {one.name for one in longer_pictures(longer(without(*lost)))}
    assert not {"omniglot_t2", "omniglot_lengths"} & names and "omniglot_groupings" in names
    assert len(longer_pictures(longer(make_evidence(seeds=1)))) == 6


def test_markdown_stands_between_its_comments():
    text = "a\n<!-- omniglot: x -->\nold\n<!-- end of omniglot -->\nb\n"
    assert replaced(text, "omniglot", "new") == "a\n<!-- omniglot: x -->\n\nnew\n<!-- end of omniglot -->\nb\n"
    assert replaced(replaced(text, "omniglot", "new"), "omniglot", "new") == replaced(text, "omniglot", "new")
    with pytest.raises(UserError, match="no comments '<!-- digits -->'"):
        replaced(text, "digits", "new")


def test_markdown_has_every_method_and_every_figure():
    results, tasks = make_results(make_runs(), make_metrics())
    claims = judge_claims(results, summarize(results), tasks, [longer()])
    text = readme_section(longer(), results, claims)
    assert "| raw pixels | 0.180 |" in text and "| MaskCon | 0.530 | 0.730 | 0." in text
    assert "holds here" in text and "results/omniglot_lengths_dark.svg" in text
    assert all(f'src="omniglot_{name}.svg"' in results_section(longer()) for name in ("w", "t2", "groupings"))
