"""Probes as stages: what runs again, and what lies there afterwards."""

import pandas as pd
import yaml

from tests.project import PARAMETERS, make_project

PROBES = {"few": {"task": "digits_parity", "protocols": ["knn_logo_1"], "labels": [1, 3]}}


def test_adding_a_question_trains_nothing_and_another_encoder_is_asked_alone(tmp_path):
    parameters = yaml.safe_load(PARAMETERS)
    parameters["probe"]["experiments"], parameters["probes"] = ["pixels"], {}
    project = make_project(tmp_path, yaml.safe_dump(parameters))
    project.run("dvc", "repro", "evaluate@pixels")
    parameters["probes"] = PROBES
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(parameters), "utf-8")
    said = project.run("dvc", "repro", "probe@few-pixels").stdout
    assert "train@pixels' didn't change" in said and "Running stage 'probe@few-pixels'" in said
    table = pd.read_csv(tmp_path / "data/runs/pixels/probes/few.csv")
    assert set(table["labels"]) == {1, 3} and set(table["corruption"]) == {"clean"}
    top1 = table.query("figure == 'top1'").set_index("labels")["value"]
    assert top1[3] > top1[1] > 0.2  # ten digits, by their pixels
    assert "Running stage 'probe" not in project.run("dvc", "repro", "probe@few-pixels").stdout
