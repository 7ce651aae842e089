"""A task by a hierarchy in the stage graph: a changed cut or file makes the task anew, and prepares nothing again."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from gristmill.labels.coarse import group_coarse
from gristmill.labels.hierarchy_files import read_hierarchy
from gristmill.labels.sketch import from_json
from gristmill.parameters.check import problems
from gristmill.pipelines.configure import step_code
from gristmill.pipelines.files import missing_files
from gristmill.pipelines.hierarchy import coarse_classes
from tests.labels.test_unlabeled import HIERARCHY as WITH_UNLABELED
from tests.labels.test_unlabeled import table as unlabeled
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


def test_a_task_has_one_kind_of_label():
    parameters = with_hierarchy(source="wordnet", depth=1)
    assert problems(parameters) == []
    parameters["tasks"]["digits_parity"]["grouping"] = "fine"
    place = "params.yaml: tasks.digits_parity"
    assert problems(parameters) == [f"{place}: grouping and hierarchy are given; a task has one of them"]
    parameters["tasks"]["digits_parity"] = {"dataset": "digits"}
    assert problems(parameters) == [f"{place}: no grouping, no hierarchy, no long_tail; a task has one of them"]


def test_the_terminal_shows_the_tree_of_a_task(project: Project):
    project.repro("task@digits_parity")
    said = project.gristmill("hierarchy", "digits_parity", "--depth", "1").stdout
    assert said.startswith("digits_parity: 10 classes in digits.yaml, cut at depth 1: ")
    assert "number  10 classes\n" in said
    assert "small  5 classes  ● " in said and "zero, one, two, three, four" in said
    (line,) = [line for line in said.splitlines() if line.split()[1:2] == ["small"] and "●" not in line]
    table = pd.read_parquet(project.folder / "data/tasks/digits_parity/table.parquet")
    own = table[table["label_name"] == "small"]["part"].value_counts()
    assert line.split()[2:] == ["5", str(own["train"]), str(own["test"])]


def test_the_terminal_tries_another_cut(project: Project):
    said = project.gristmill("hierarchy", "digits_parity", "--node", "odd", "--node", "number").stdout
    assert "odd  2 classes  ● 0  one, three" in said and "number  8 of 10 classes  ● 1" in said
    wrong = project.gristmill("hierarchy", "digits_parity", "--node", "ood", status=1)
    assert wrong.stderr == "digits_parity: nodes: ood: no 'ood' in digits.yaml; did you mean 'odd'?\n"
    assert wrong.stdout == ""
    both = project.gristmill("hierarchy", "digits_parity", "--depth", "1", "--classes", "3", status=1)
    assert both.stderr.startswith("hierarchy: one cut is needed")


def test_the_terminal_proposes_nodes_for_the_classes_of_a_data_set(project: Project):
    said = project.gristmill("hierarchy", "--dataset", "digits", status=1)
    assert said.stdout.startswith("10 of 10 classes need a node; below names: in the task, for example\n\n  zero:  ?")
    assert said.stderr == "no class of digits has a node in WordNet's excerpt\n"
    other = project.gristmill("hierarchy", "--dataset", "digits", "--source", "hierarchies/digits.yaml").stdout
    assert other.startswith("digits: 10 classes in digits.yaml, cut at depth ") and "odd › one" not in other
    wrong = project.gristmill("hierarchy", "digits_party", status=1)
    assert wrong.stderr == "params.yaml: tasks: no 'digits_party'; did you mean 'digits_parity'?\n"
    assert project.gristmill("hierarchy", status=2).stderr.endswith("Error: give a task, or --dataset\n")


def test_the_lines_of_coarse_classes_count_no_image_without_a_class():
    made = group_coarse(unlabeled(), {"hierarchy": WITH_UNLABELED})
    shown = coarse_classes(from_json(made.attrs["hierarchy"]), made)
    heads = ["", "coarse class", "classes", "train images", "test images"]
    assert [column.header for column in shown.columns] == heads
    counted = sum(int(str(cell)) for column in shown.columns[3:] for cell in column.cells)
    assert counted == (made["label"] >= 0).sum() == len(made) - 13


def test_check_files_names_a_node_that_does_not_exist(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    wrong = with_hierarchy(source="wordnet", rules=[{"label": "a", "nodes": ["anmal"]}, {"label": "b"}])
    place = "params.yaml: tasks.digits_parity.hierarchy"
    assert missing_files(wrong) == [
        f"{place}: rules: no 'anmal' in WordNet's excerpt; did you mean 'animal (n00015388)'?"
    ]
    absent = with_hierarchy(source="hierarchies/no.csv", depth=1)
    assert missing_files(absent) == [f"{place}: hierarchies/no.csv: No such file or directory"]
