"""A task by a hierarchy in the stage graph: a changed cut or file makes the task anew, and prepares nothing again."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from gristmill.labels.hierarchy_files import read_hierarchy
from gristmill.parameters.check import problems
from gristmill.pipelines.configure import step_code
from tests.project import PARAMETERS, ROOT, Project, make_project

TREE = """
number:
  small: {even: [zero, two, four], odd: [one, three]}
  large: [five, six, seven, eight, nine]
"""
TINY = yaml.safe_load(PARAMETERS)


def with_hierarchy(**hierarchy: Any) -> dict[str, Any]:
    parameters = deepcopy(TINY)
    parameters["tasks"]["digits_parity"] = {"dataset": "digits", "hierarchy": hierarchy}
    return parameters


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    parameters = yaml.safe_dump(with_hierarchy(source="hierarchies/digits.yaml", depth=1))
    project = make_project(tmp_path_factory.mktemp("tree"), parameters)
    (project.folder / "hierarchies/digits.yaml").write_text(TREE, "utf-8")
    assert project.repro("task@digits_parity") == ["configure", "prepare@digits", "task@digits_parity"]
    return project


def labels(project: Project) -> list[str]:
    table = pd.read_parquet(project.folder / "data/tasks/digits_parity/table.parquet")
    assert "hierarchy" in table.attrs and "images_sha256" in table.attrs
    return sorted(set(table["label_name"]))


def test_a_changed_cut_prepares_no_image_again(project: Project):
    assert labels(project) == ["large", "small"]
    project.replace("params.yaml", "depth: 1", "depth: 0")
    assert project.repro("task@digits_parity") == ["configure", "task@digits_parity"]
    assert labels(project) == ["number"]
    project.replace("params.yaml", "depth: 0", "depth: 1")


def test_a_changed_file_makes_the_task_anew(project: Project):
    project.repro("task@digits_parity")
    project.replace("hierarchies/digits.yaml", "eight, nine]", "eight]\n  nine:")
    assert "code changed: hierarchies/digits.yaml" in project.gristmill("why", "parity").stdout
    assert project.repro("task@digits_parity") == ["configure", "task@digits_parity"]
    assert labels(project) == ["large", "nine", "small"]
    assert project.repro("task@digits_parity") == []


@pytest.mark.parametrize(
    ("source", "file"),
    [("wordnet", "labels/wordnet/nouns.tsv"), ("hierarchies/cifar10.csv", "hierarchies/cifar10.csv")],
)
def test_the_hierarchy_is_part_of_what_decides_a_task(monkeypatch: pytest.MonkeyPatch, source: str, file: str):
    monkeypatch.chdir(ROOT)
    assert file in step_code("task", {"dataset": "x", "hierarchy": {"source": source, "depth": 1}})
    assert file not in step_code("task", {"dataset": "x", "grouping": "fine"})


def test_a_folder_of_wordnet_is_known_by_its_database(tmp_path: Path):
    (tmp_path / "data.noun").write_text("x", "utf-8")
    code = step_code("task", {"dataset": "x", "hierarchy": {"source": str(tmp_path), "depth": 1}})
    assert str(tmp_path / "data.noun") in code


def test_the_example_file_is_a_hierarchy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    assert read_hierarchy("hierarchies/cifar10.csv").path("cat") == ["thing", "animal", "mammal", "cat"]


@pytest.mark.parametrize(
    ("hierarchy", "says"),
    [
        ({"depth": 2}, ".source: missing"),
        ({"source": "wordnet"}, ": one cut is needed: depth, classes, nodes or rules; there is none"),
        (
            {"source": "wordnet", "depth": 2, "nodes": ["a"]},
            ": one cut is needed: depth, classes, nodes or rules; there are depth and nodes",
        ),
        ({"source": "wordnet", "dpth": 2}, ".dpth: no such parameter; did you mean 'depth'?"),
        ({"source": "wordnet", "depth": -1}, ".depth: -1 is out of range (at least 0)"),
        ({"source": "wordnet", "nodes": ["a", "b", "a"]}, ": nodes: a stands twice"),
        (
            {"source": "wordnet", "depth": 1, "order": ["a"]},
            ": order: belongs to rules; the list of nodes is their order already",
        ),
        (
            {"source": "elsewhere/a.csv", "depth": 1},
            ": source: elsewhere/a.csv: put the file into hierarchies/, so that dvc sees when it changes",
        ),
        (
            {"source": "wordnet", "depth": 1, "names": {"a": "b"}, "drop": ["a"]},
            ": a stands in names and in drop; keep one",
        ),
        (
            {"source": "wordnet", "rules": [{"lable": "x"}, {"label": "y"}]},
            ".rules.0.lable: no such parameter; did you mean 'label'?",
        ),
        (
            {"source": "wordnet", "rules": [{"label": "x"}, {"label": "y", "nodes": ["b"]}]},
            ": rules: 'x' has no nodes, so that all classes are its; such a rule comes last",
        ),
        (
            {"source": "wordnet", "rules": [{"label": "x", "nodes": ["b"]}], "order": ["y", "x"]},
            ": order: 'y' stands in order only; list every label",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_hierarchy_is_said_by_its_place(hierarchy: dict[str, Any], says: str):
    assert f"params.yaml: tasks.digits_parity.hierarchy{says}" in problems(with_hierarchy(**hierarchy))


def test_a_task_has_a_grouping_or_a_hierarchy():
    parameters = with_hierarchy(source="wordnet", depth=1)
    assert problems(parameters) == []
    parameters["tasks"]["digits_parity"]["grouping"] = "fine"
    place = "params.yaml: tasks.digits_parity"
    assert problems(parameters) == [f"{place}: both grouping and hierarchy are given; a task has one of them"]
    parameters["tasks"]["digits_parity"] = {"dataset": "digits"}
    assert problems(parameters) == [f"{place}: no grouping and no hierarchy; a task has one of them"]
