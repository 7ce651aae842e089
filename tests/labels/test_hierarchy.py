"""Hierarchies from files: what is wrong is named, what is right is cut as documented."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gristmill.data.source import sample_table
from gristmill.errors import UserError
from gristmill.labels.coarse import group_coarse
from gristmill.labels.cut import CUTS, Cut, cut
from gristmill.labels.hierarchy import Hierarchy
from gristmill.labels.hierarchy_files import read_hierarchy
from gristmill.labels.placed import place_classes
from gristmill.labels.sketch import from_json, sketch, to_json
from gristmill.parameters import hierarchy as parameters

CSV = """child,parent
animal,thing
vehicle,thing
dog,canine
dog,pet
cat,feline
cat,pet
canine,animal
feline,animal
pet,animal
car,vehicle
truck,vehicle
bike,vehicle
tree,thing
"""
YAML = """
thing:
  animal: {canine: {dog: , wolf: }, feline: [cat], pet: [dog, cat]}
  vehicle: [car, truck, bike]
  tree:
"""
CLASSES = ["dog", "cat", "car", "truck", "bike", "tree"]


def read_text(folder: Path, text: str, name: str = "things.csv") -> Hierarchy:
    path = folder / name
    path.write_text(text, "utf-8")
    return read_hierarchy(str(path))


@pytest.fixture
def things(tmp_path: Path) -> Hierarchy:
    return read_text(tmp_path, CSV)


def table_of(classes: list[str]) -> pd.DataFrame:
    fine = np.arange(len(classes))
    return sample_table([str(i) for i in fine], "train", fine, classes)


def cut_things(things: Hierarchy, of: list[str] = CLASSES, **settings: Any) -> dict[str, str]:
    """Class -> coarse class."""
    made = cut(things, place_classes(things, table_of(of), settings), settings)
    return {name: made.labels[number] for name, number in made.label.items()}


def refused(things: Hierarchy, of: list[str] = CLASSES, **settings: Any) -> str:
    with pytest.raises(UserError) as error:
        cut_things(things, of, **settings)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_csv_and_yaml_say_the_same(tmp_path: Path, things: Hierarchy):
    nested = read_text(tmp_path, YAML, "things.yaml")
    assert nested.nodes.keys() - things.nodes.keys() == {"wolf"}
    for name, node in things.nodes.items():
        assert nested.nodes[name].parents == node.parents
    assert things.above("dog") == {"dog": 0, "canine": 1, "pet": 1, "animal": 2, "thing": 3}
    assert things.path("dog") == ["thing", "animal", "canine", "dog"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "", "not a readable CSV file (not enough values to unpack (expected at least 1, got 0))"),
        ("a.csv", "name,parent\na,b\n", "columns must be child,parent, not name,parent"),
        ("a.csv", "child,parent\n", "there is nothing in it"),
        ("a.csv", "child,parent\na,b,c\n", "line 2 must be a child and its parent, not 'a,b,c'"),
        ("a.csv", "child,parent\n,b\n", "line 2 must be a child and its parent, not ',b'"),
        ("a.csv", "child,parent\na,b\na,b\n", "'a' stands below 'b' twice; keep one line"),
        ("a.csv", "child,parent\na,a\n", "a cycle: 'a' below 'a'; take one of these out"),
        ("a.csv", "child,parent\na,b\nb,c\nc,a\n", "a cycle: 'a' below 'b' below 'c' below 'a'; take one of these out"),
        (
            "a.csv",
            "child,parent\nthing,\nvehicle,thing\ncar,vehicel\n",
            "'car' lies below 'vehicel', which is not there; did you mean 'vehicle'?",
        ),
        (
            "a.csv",
            "child,parent\ndog,animal\ncar,vehicle\n",
            "'animal', 'vehicle' have no parent; with several tops each has a line: 'animal,'",
        ),
        ("a.yaml", "", "there is nothing in it"),
        ("a.yaml", "a: {b: {a: }}\n", "a cycle: 'a' below 'b' below 'a'; take one of these out"),
        ("a.yaml", "a: [b\n", "line 2: expected ',' or ']', but got '<stream end>'"),
        ("a.yaml", "a: {b: 1.5}\n", "1.5 is not a name; put quotes round it"),
        ("a.yaml", "a: {b: }\na: {c: }\n", 'line 2: found duplicate key "a" with value "{}" (original value: "{}")'),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(tmp_path: Path, name: str, text: str, says: str):
    with pytest.raises(UserError) as error:
        read_text(tmp_path, text, name)
    assert str(error.value) == f"{tmp_path / name}: {says}"


def test_what_is_no_hierarchy_is_one_line(tmp_path: Path):
    for source, says in {
        str(tmp_path / "no.csv"): f"{tmp_path / 'no.csv'}: No such file or directory",
        "wordnett": "wordnett: not a hierarchy; give wordnet, a folder with data.noun, or a .csv or .yaml file",
        str(tmp_path): f"{tmp_path / 'data.noun'}: No such file or directory",
    }.items():
        with pytest.raises(UserError) as error:
            read_hierarchy(source)
        assert str(error.value) == says


def test_several_tops_and_numbers_are_names(tmp_path: Path):
    odd = read_text(tmp_path, "child,parent\nodd,\neven,\n1,odd\n2,even\n")
    assert cut_things(odd, ["1", "2"], depth=0) == {"1": "odd", "2": "even"}
    assert read_text(tmp_path, "odd: [1]\neven: [2]\n", "a.yaml").nodes.keys() == odd.nodes.keys()


def test_a_depth_counts_from_the_top_and_high_classes_stand_alone(things: Hierarchy):
    assert set(cut_things(things, depth=0).values()) == {"thing"}
    first = {"dog": "animal", "cat": "animal", "car": "vehicle", "truck": "vehicle", "bike": "vehicle", "tree": "tree"}
    assert cut_things(things, depth=1) == first
    assert cut_things(things, depth=2)["dog"] == "canine"  # the first parent, not pet
    assert cut_things(things, depth=2)["tree"] == "tree"
    assert refused(things, depth=4) == "depth 4: all classes are higher; the deepest lies at 3"


def test_a_number_of_classes_divides_the_largest_group(things: Hierarchy):
    assert set(cut_things(things, classes=1).values()) == {"thing"}
    assert set(cut_things(things, classes=3).values()) == {"animal", "vehicle", "tree"}
    assert set(cut_things(things, classes=4).values()) == {"cat", "dog", "vehicle", "tree"}  # vehicle would make 5
    assert set(cut_things(things, classes=5).values()) == {"animal", "bike", "car", "truck", "tree"}
    assert refused(things, classes=2) == "classes 2: no cut has so many; nearest: 1 and 3"
    assert refused(things, classes=7) == "classes 7: no cut has so many; nearest: 6"


def test_a_class_above_another_stays_when_its_group_is_divided(things: Hierarchy):
    family = ["animal", "dog", "cat"]
    assert cut_things(things, family, classes=3) == {name: name for name in family}
    assert set(cut_things(things, ["animal", "dog"], classes=1).values()) == {"animal"}


def test_named_nodes_number_the_classes_in_their_order(things: Hierarchy):
    settings = {"nodes": ["vehicle", "tree", "animal"]}
    made = cut(things, place_classes(things, table_of(CLASSES), settings), settings)
    assert made.labels == ["vehicle", "tree", "animal"] and made.label["cat"] == 2


def test_of_several_nodes_the_nearest_decides_then_the_first(things: Hierarchy):
    def made(*nodes: str) -> Cut:
        settings = {"nodes": [*nodes, "thing"]}
        return cut(things, place_classes(things, table_of(CLASSES), settings), settings)

    assert made("pet").node["dog"] == "pet"
    assert made("pet").other == {}  # pet lies below thing: nothing is open
    assert made("feline", "pet").node["cat"] == "feline"
    assert made("feline", "pet").other == {"cat": ["pet"]}
    assert made("canine", "pet").node["dog"] == "canine"
    assert made("canine", "pet").other == {"dog": ["pet"]}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (
            {"nodes": ["canine", "vehicle", "tree"]},
            "nodes: class 'cat' left out; nearest to 'cat' is canine: both lie below animal; add a node above, "
            "or list them under drop",
        ),
        ({"nodes": ["thing", "anmal"]}, "nodes: anmal: no 'anmal' in things.csv; did you mean 'animal'?"),
        (
            {"nodes": ["pet", "canine", "thing"]},
            "nodes: canine: decides no class: what lies below it belongs to others ('dog' to pet)",
        ),
        (
            {"nodes": ["thing", "canine"], "drop": ["dog"]},
            "nodes: canine: no class of the data lies below it; the nearest node with classes below it is animal",
        ),
        ({"depth": 1, "drop": ["dgo"]}, "drop: 'dgo' is none of the 6 classes of the data; did you mean 'dog'?"),
        (
            {"depth": 1, "names": {"dgo": "dog"}},
            "names: 'dgo' is none of the 6 classes of the data; did you mean 'dog'?",
        ),
        ({"depth": 1, "drop": CLASSES}, "drop: no class is left"),
        (
            {"depth": 1, "names": {"dog": "wolf", "cat": "puma"}},
            "names: class 'dog' (and 1 more): no 'wolf' in things.csv; give its node under names, "
            "or list it under drop",
        ),
        (
            {"rules": [{"label": "a", "nodes": ["animal"]}, {"label": "b", "nodes": ["pet"]}, {"label": "c"}]},
            "rules: rule 2 (pet) never matches: decides no class: what lies below it belongs to others "
            "('dog' to animal)",
        ),
        (
            {"rules": [{"label": "a", "nodes": ["thing"]}, {"label": "c"}]},
            "rules: rule 2 (the rest) never matches: nothing is left for it; take it out",
        ),
        (
            {"rules": [{"label": "a", "nodes": ["animal"]}]},
            "rules: classes 'car', 'truck', 'bike', 'tree' left out; nearest to 'car' is animal: both lie below thing; "
            "add a rule, or a last one without nodes for the rest",
        ),
        (
            {"rules": [{"label": "a", "nodes": ["anmial"]}, {"label": "c"}]},
            "rules: 1: no 'anmial' in things.csv; did you mean 'animal'?",
        ),
    ],
)
def test_a_cut_that_does_not_fit_is_one_line(things: Hierarchy, settings: dict[str, Any], says: str):
    assert refused(things, **settings) == says


def test_the_first_rule_that_holds_decides_over_all_parents(things: Hierarchy):
    rules = [
        {"label": "at home", "nodes": ["pet"]},
        {"label": "drives", "nodes": ["car", "truck"]},
        {"label": "the rest"},
    ]
    found = cut_things(things, rules=rules)
    assert found == dict(zip(CLASSES, ["at home"] * 2 + ["drives"] * 2 + ["the rest"] * 2, strict=True))
    made = cut(
        things,
        place_classes(things, table_of(CLASSES), {}),
        {"rules": rules, "order": ["the rest", "at home", "drives"]},
    )
    assert made.labels[0] == "the rest" and made.label["tree"] == 0


def test_two_nodes_of_one_name_make_two_classes(tmp_path: Path):
    birds = read_hierarchy("wordnet")
    keys = {"a": "n02012849", "b": "n03126707"}
    made = cut(birds, keys, {"nodes": list(keys.values())})
    assert made.labels == ["crane (n02012849)", "crane (n03126707)"]


def test_a_task_carries_its_tree(things: Hierarchy, tmp_path: Path):
    table = table_of(CLASSES)
    table.attrs["images_sha256"] = "abc"
    hierarchy = {"source": str(tmp_path / "things.csv"), "nodes": ["pet", "canine", "thing"], "drop": ["cat"]}
    with pytest.raises(UserError, match=r"^params.yaml: tasks: hierarchy: nodes: canine: "):
        group_coarse(table, {"hierarchy": hierarchy})
    hierarchy["nodes"] = ["pet", "thing"]
    task = group_coarse(table, {"hierarchy": hierarchy})
    assert task.attrs["images_sha256"] == "abc" and table.attrs == {"images_sha256": "abc"}
    tree = from_json(task.attrs["hierarchy"])
    assert to_json(tree) == task.attrs["hierarchy"]
    rows = [(level, branch.names, branch.label, len(branch.all_classes)) for level, branch in tree.rows()]
    assert rows == [(0, ["thing"], 1, 5), (1, ["animal", "pet"], 0, 1)]


def test_a_tree_adds_up_and_the_rest_comes_last(things: Hierarchy):
    rules = [{"label": "a", "nodes": ["canine", "pet"]}, {"label": "b"}]
    made = cut(things, place_classes(things, table_of(CLASSES), {}), {"rules": rules})
    tree = sketch(things, made, {"rules": rules})
    assert tree.title == "things.csv, cut by 2 rules" and tree.count == len(CLASSES)
    assert sum(len(top.all_classes) for top in tree.tops) == len(CLASSES)
    assert [top.names for top in tree.tops] == [["thing", "animal"], ["everything else"]]
    assert tree.sentence() == ""
    nodes = {"nodes": ["canine", "pet", "thing"]}
    several = cut(things, place_classes(things, table_of(CLASSES), {}), nodes)
    assert sketch(things, several, nodes).sentence() == (
        "1 class lies below several nodes of the cut, for example dog also below pet"
    )


def test_the_kinds_of_cut_are_those_of_the_parameters():
    assert parameters.CUTS == CUTS and set(CUTS) < set(parameters.Hierarchy.model_fields)
