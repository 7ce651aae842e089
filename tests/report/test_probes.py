"""What the page says of probes: other data, few labels, corrupted images. What is said is what the numbers say."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gristmill.figures.corruption_sheet import corruption_sheet
from gristmill.figures.line_panels import Across, line_panels
from gristmill.figures.theme import DARK, LIGHT, style
from gristmill.report.claims import claims_of
from gristmill.report.draw_probes import corruptions_picture, probe_pictures
from gristmill.report.probes import Probes, Question, few_scores, kind_of, probes, transfer_scores
from gristmill.report.probes_claims import RULES, judge_probe_claims
from gristmill.report.probes_corrupted import (
    COUNTED,
    KEPT,
    LOST,
    MCE,
    corrupted_scores,
    counted,
    mean_over_corruptions,
)
from gristmill.report.probes_sentences import probe_sentences
from gristmill.report.probes_tables import probe_tables, transfer_table
from gristmill.report.tables import Row, Table
from tests.report.probes_sample import ENCODERS, FIFTEEN, MORE, make_probes

KNN, LINEAR = "knn_logo_1", "linear_lbfgs_1"
TABLE = make_probes()
FOUND = probes(TABLE)
SMALL = make_probes(corruptions=("fog", "snow"))


def select(**where: object) -> pd.DataFrame:
    """Top-1 rows of the made-up table."""
    rows = TABLE.loc[TABLE["figure"] == "top1"]
    for column, value in where.items():
        rows = rows.loc[rows[column] == value]
    return rows


def question(found: Sequence[Question]) -> Question:
    (one,) = found
    return one


def row(table: Table, title: str) -> Row:
    return next(one for one in table.rows if one.title == title)


def bold(table: Table, column: int = 0) -> list[str]:
    return [one.title for one in table.rows if one.cells[column].mark == "best"]


def lift(table: pd.DataFrame, title: str, by: float) -> pd.DataFrame:
    """One encoder higher or lower in everything."""
    return table.assign(value=table["value"].where(table["title"] != title, table["value"] + by))


def test_nothing_is_said_where_nothing_was_asked():
    for empty in (None, pd.DataFrame(), TABLE.iloc[:0], TABLE.assign(value=np.nan), TABLE.drop(columns="severity")):
        found = probes(empty)
        assert not (found.transfer or found.few or found.corrupted)
        assert probe_tables(found) == probe_pictures(found) == probe_sentences(found) == judge_probe_claims(found) == []


def test_other_data_is_data_that_the_encoder_was_not_trained_on():
    own = question(FOUND.transfer)
    assert own.place == "Omniglot to Digits, Fashion-MNIST" and set(own.rows["dataset"]) == {"digits", "fashion"}
    scores = transfer_scores(own)
    mine = scores.rows.loc[(scores.rows["title"] == "MoCo") & (scores.rows["seed"] == 1)].iloc[0]
    rows = select(title="MoCo", seed=1, probe="other", protocol=KNN)
    values = [rows.loc[rows["dataset"] == name, "value"].item() for name in ("digits", "fashion")]
    assert [mine[f"{KNN}|Digits"], mine[f"{KNN}|Fashion-MNIST"]] == values and mine[f"{KNN}|"] == np.mean(values)
    same = probes(TABLE.assign(trained_on=TABLE["dataset"]))
    assert not same.transfer and len(same.few) == len(same.corrupted) == 1


def test_trainings_on_different_data_are_never_in_one_table():
    both = pd.concat([TABLE, TABLE.assign(trained_on="cifar10")])
    assert [one.trained_on for one in probes(both).transfer] == ["omniglot", "cifar10"]
    assert "CIFAR-10 to Omniglot" in [one.place for one in probes(both).few]


def test_floors_stand_first_and_never_compete():
    table = transfer_table(question(probes(lift(TABLE, "raw pixels", 0.5)).transfer))
    assert [one.title for one in table.rows][:2] == ["untrained network", "raw pixels"]
    assert bold(table) == ["SupCon (batch)"] and row(table, "raw pixels").kind == "floor"
    assert kind_of("untrained", "raw pixels") == "floor"
    assert kind_of("untrained", "ResNet-50, ImageNet weights") != "floor"


def test_bold_needs_seeds():
    assert all(bold(table) for table in probe_tables(probes(SMALL)))
    single = probe_tables(probes(make_probes(1, corruptions=("fog", "snow"))))
    cells = [cell for table in single for one in table.rows for cell in one.cells]
    assert not any(cell.mark == "best" or cell.spread for cell in cells)
    assert any(cell.mark == "highest" for cell in cells)


def test_a_low_error_is_the_better_one_and_little_lost_is_no_merit():
    table = probe_tables(probes(SMALL))[2]
    error, lost = (table.columns.index(name) for name in ("mean error", "lost"))
    assert bold(table, error) == ["SupCon (batch)"]
    assert not any(one.cells[lost].mark for one in table.rows)
    values = [float(one.cells[error].text) for one in table.rows]
    assert min(values) == float(row(table, "SupCon (batch)").cells[error].text)


def test_mean_error_is_that_of_the_75_cells():
    own = question(FOUND.corrupted)
    assert counted(own) == list(FIFTEEN) and set(MORE) <= set(own.rows["corruption"])
    scores = corrupted_scores(own, KNN).rows
    mine = scores.loc[(scores["title"] == "SimCLR") & (scores["seed"] == 2)].iloc[0]
    rows = select(title="SimCLR", seed=2, protocol=KNN, probe="hard")
    cells = rows.loc[rows["corruption"].isin(FIFTEEN), "value"]
    clean = rows.loc[rows["corruption"] == "clean", "value"].item()
    assert len(cells) == 75 and mine[KEPT] == pytest.approx(cells.mean()) and mine["clean"] == clean
    assert mine[LOST] == pytest.approx(clean - cells.mean())
    assert mine["snow"] == pytest.approx(rows.loc[rows["corruption"] == "snow", "value"].mean())
    levels = mean_over_corruptions(own)
    at_3 = levels.loc[(levels["severity"] == 3) & (levels["title"] == "SimCLR") & (levels["seed"] == 2)]
    expected = rows.loc[rows["corruption"].isin(FIFTEEN) & (rows["severity"] == 3), "value"].mean()
    assert at_3.loc[at_3["protocol"] == KNN, "value"].item() == pytest.approx(expected)


def test_where_not_all_fifteen_are_there_all_count():
    own = question(probes(TABLE.loc[TABLE["corruption"] != "snow"]).corrupted)
    assert counted(own) == [name for name in (*FIFTEEN, *MORE) if name != "snow"]
    assert set(COUNTED) == set(FIFTEEN)


def test_a_run_that_lacks_a_cell_has_no_mean():
    gone = (SMALL["title"] == "MoCo") & (SMALL["corruption"] == "fog") & (SMALL["severity"] == 4)
    found = probes(SMALL.loc[~gone])
    cells = row(probe_tables(found)[2], "MoCo").cells
    assert [cell.text for cell in cells[1:3]] == ["–", "–"] and cells[0].text != "–"
    assert "nan" not in " ".join(probe_sentences(found)) + str(probe_tables(found))


def test_errors_as_parts_of_a_reference_come_from_a_function_of_errors_by_severity():
    seen: list[tuple[Mapping[str, Sequence[float]], float]] = []

    def half(errors: Mapping[str, Sequence[float]], clean: float) -> tuple[float, float]:
        seen.append((errors, clean))
        return float(100 * np.mean([np.mean(error) / 0.5 for error in errors.values()])), 50.0

    scores = corrupted_scores(question(FOUND.corrupted), KNN, half)
    errors, clean = seen[0]
    assert list(errors) == list(FIFTEEN) and all(len(error) == 5 for error in errors.values())
    assert 1 - clean == pytest.approx(scores.rows["clean"].iloc[0])
    rows = select(title=scores.rows["title"].iloc[0], seed=0, protocol=KNN, corruption="fog").sort_values("severity")
    assert list(errors["fog"]) == list(1 - rows["value"])
    assert scores.rows[MCE].to_numpy() == pytest.approx(200 * scores.rows["error"].to_numpy())
    small = probes(SMALL)
    table = probe_tables(small, {"omniglot": half})[2]
    assert "mCE, %" in table.columns and "AlexNet" in table.note
    assert "mCE, %" not in probe_tables(small, {"digits": half})[2].columns


@pytest.mark.parametrize(
    ("dataset", "figure"), [("flowers102", "mean_class"), ("fgvc_aircraft", "mean_class"), ("dtd", "top1")]
)
def test_each_data_set_is_judged_as_papers_judge_it(dataset: str, figure: str):
    found = probes(TABLE.assign(dataset=TABLE["dataset"].replace("digits", dataset)))
    mine = question(found.transfer).rows
    mine = mine.loc[(mine["dataset"] == dataset) & (mine["title"] == "MoCo"), "value"]
    rows = TABLE.loc[(TABLE["dataset"] == "digits") & (TABLE["title"] == "MoCo") & (TABLE["figure"] == figure)]
    assert sorted(mine) == sorted(rows["value"])
    words = {"mean_class": "mean over classes", "top1": "Figures: top-1."}[figure]
    assert words in transfer_table(question(found.transfer)).note


def test_images_of_several_classes_are_judged_by_average_precision():
    voc = TABLE.loc[TABLE["dataset"] == "digits"].assign(dataset="voc2007", figure="map_11")
    assert "11-point mean average precision" in transfer_table(question(probes(voc).transfer)).note


def test_few_labels_stand_by_number_and_say_what_the_training_read():
    scores = few_scores(question(FOUND.few))
    assert [said for said in scores.columns.values() if "kNN" in said] == [f"{n}, kNN" for n in (1, 3, 7, 14)]
    table = probe_tables(probes(SMALL))[1]
    read = {one.title: one.cells[-1].text for one in table.rows}
    assert read["raw pixels"] == "–" and read["SimCLR"] == "none" and read["MaskCon"] == "coarse"
    assert read["SupCon (batch)"] == read["cross entropy"] == "all"


def test_the_leader_is_named_with_its_distance_and_raw_pixels_beside():
    said = probe_sentences(probes(SMALL))
    assert said[0].startswith("Trained on Omniglot and asked about Digits and Fashion-MNIST (plain mean), by kNN Sup")
    assert "(batch) is above raw pixels (54 in 100; 95 % interval" in said[0] and "SimSiam is not (n = 3)." in said[0]
    assert "With 1 label a character (Omniglot), by kNN SupCon (batch) leads" in said[2]
    assert "of those whose training read no labels SimCLR leads" in said[2]
    assert "Under 2 corruptions at 5 severities" in said[4] and "LoGo on MoCo loses least of those above" in said[4]
    assert "SimSiam loses least" not in said[4]
    beaten = probe_sentences(probes(lift(SMALL, "raw pixels", 0.6)))
    assert "No trained encoder is above raw pixels" in beaten[0] and "SupCon (batch) leads" in beaten[0]


def test_with_one_seed_nothing_leads():
    single = probes(make_probes(1, corruptions=("fog", "snow")))
    said = probe_sentences(single)
    assert said and all("n = 1" in sentence and "interval" not in sentence for sentence in said)
    assert not any(" leads" in sentence or "is above" in sentence for sentence in said)
    assert {claim.verdict.words() for claim in judge_probe_claims(single)} == {
        "not separated at n = 1",
        "not run",
    }


@pytest.mark.parametrize("lost", ENCODERS)
def test_without_an_encoder_everything_is_still_said(lost: str):
    found, title = probes(SMALL.loc[SMALL["experiment"] != lost]), ENCODERS[lost][0]
    assert all(title not in [one.title for one in table.rows] for table in probe_tables(found))
    text = " ".join(probe_sentences(found)).replace("LoGo on MoCo", "LoGo")
    assert title.replace("LoGo on MoCo", "LoGo") not in text and "nan" not in text
    assert len(judge_probe_claims(found)) == len(RULES)


def test_floors_alone_lead_nothing():
    found = probes(SMALL.loc[SMALL["method"] == "untrained"])
    assert probe_sentences(found) == [] and len(probe_tables(found)) == 4
    assert {claim.verdict.words() for claim in judge_probe_claims(found)} == {"not run"}


def test_claims_are_judged_by_every_protocol_and_number_of_labels():
    rules = {row["rule"] for row in claims_of("probes")}
    assert rules == set(RULES) and all("not verified" in row["source"] for row in claims_of("probes"))
    words = [claim.verdict.words() for claim in judge_probe_claims(FOUND)]
    assert words == ["holds here", "holds here", "does not hold here", "does not hold here", "not run"]
    few = (TABLE["probe"] == "few") & (TABLE["title"] == "SupCon (batch)") & (TABLE["labels"] == 1)
    open_still = probes(TABLE.assign(value=TABLE["value"].where(~few, TABLE["value"] - 0.04)))
    claim = judge_probe_claims(open_still)[1]
    assert claim.verdict.words() == "not separated at n = 3" and "1, kNN: 0.28" in claim.verdict.here


@pytest.mark.parametrize("mode", [LIGHT, DARK])
def test_pictures_are_of_this_family_and_hold_their_numbers(mode):
    pictures = probe_pictures(probes(SMALL), mode)
    names = [picture.name for picture in pictures]
    assert names == [
        "probes_transfer_omniglot",
        "probes_few_omniglot_few",
        "probes_severity_omniglot_hard",
        "probes_severity_omniglot_hard_each",
    ]
    for picture in pictures:
        (file,) = picture.files
        assert file == f"{picture.name}{'' if mode == LIGHT else '_dark'}.svg"
        assert picture.files[file].startswith(b"<?xml") and picture.family == "probes"
        assert picture.data.count("\n") > 10 and "nan" not in picture.alt and "n = 3" in picture.caption
    assert "2 more methods stand in the table alone" in pictures[1].caption


def test_other_methods_are_drawn_where_the_usual_ones_were_not_run():
    odd = SMALL.loc[SMALL["method"].isin(["untrained", "simsiam", "logo_moco"])].replace("SimSiam", "Sim$iam <script>")
    picture = probe_pictures(probes(odd))[1]
    assert "Sim$iam <script>" in picture.data and "more method" not in picture.caption
    assert b"<script>" not in next(iter(picture.files.values()))


def test_ticks_are_the_numbers_of_labels_at_hand_each_doubling_as_far():
    values = pd.DataFrame({"at": [1, 3, 7, 14], "value": [0.1, 0.2, np.nan, 1]})
    values = values.assign(panel="kNN", line="MoCo", seed=0)
    figure = line_panels(values, {"MoCo": style("MoCo")}, Across("labels", doubling=True), "top-1", 2)
    panel = figure.axes[0]
    assert panel.get_xscale() == "log" and panel.get_ylim()[0] == 0
    assert [label.get_text() for label in panel.get_xticklabels()] == ["1", "3", "14"]
    line_panels(values.iloc[:0], {}, Across("labels"), "top-1", 2)


def test_a_sheet_has_every_corruption_and_the_same_bytes_each_time():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (28, 28, 1), dtype=np.uint8)
    corrupted = {name: rng.integers(0, 256, (5, 28, 28, 1), dtype=np.uint8) for name in FIFTEEN}
    words = [text.get_text() for text in corruption_sheet(image, corrupted).axes[0].texts]
    assert words == ["as it is", *(name.replace("_", " ") for name in FIFTEEN)]
    first, again = (corruptions_picture(image, corrupted, "omniglot", 60) for _ in range(2))
    assert first.files == again.files and set(first.files) == {f"{first.name}_{mode}.png" for mode in ("light", "dark")}
    color = np.repeat(image, 3, axis=2)
    assert len(corruption_sheet(color, {"fog": [color] * 2, "snow": [color]}).axes[0].images) == 4


def test_titles_that_share_a_name_are_told_apart():
    twin = SMALL.loc[SMALL["title"] == "MoCo"].assign(title="MoCo, lr 0.2", experiment="moco_lr")
    found = probes(pd.concat([SMALL, twin]))
    assert {"MoCo", "MoCo, lr 0.2"} <= {one.title for one in probe_tables(found)[0].rows}
    assert isinstance(replace(found, few=()), Probes)
