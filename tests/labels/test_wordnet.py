"""WordNet's excerpt says what WordNet says; the papers' groupings come out of it."""

import os
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from gristmill.data import cifar10, cifar100
from gristmill.data.schemas import Task, checked
from gristmill.data.source import sample_table
from gristmill.errors import UserError
from gristmill.labels.coarse import group_coarse
from gristmill.labels.grouping import grouping_path, read_grouping
from gristmill.labels.hierarchy import Hierarchy
from gristmill.labels.nouns import EXCERPT, read_excerpt, read_wordnet
from gristmill.parameters.entries import Task as TaskEntry

TASKS = YAML(typ="safe", pure=True).load(Path(__file__).with_name("wordnet_tasks.yaml"))
DOCUMENT = Path(__file__).parents[2] / "docs/data.md"
GOLDEN = Path(__file__).parents[1] / "golden/coarse/labels_imagenet32.npz"
LICENCE = "  1 This software and database is being provided to you\n  2 WordNet 3.0 Copyright 2006 by Princeton\n"


@pytest.fixture(scope="module")
def wordnet() -> Hierarchy:
    return read_excerpt()


@pytest.fixture(scope="module")
def classes() -> list[str]:
    """The wnids of ImageNet's classes."""
    with np.load(GOLDEN) as table:
        return [f"n{number:08d}" for number in table["wnid"]]


def photographs(names) -> pd.DataFrame:
    """A table with two images of each class."""
    fine = np.arange(2 * len(names)) % len(names)
    return sample_table([str(i) for i in range(len(fine))], "train", fine, names)


def settings(name: str) -> dict:
    """As the node gets them."""
    return TaskEntry.model_validate(TASKS[name]).model_dump(exclude_none=True)


def test_excerpt_has_the_facts_of_wordnet(wordnet: Hierarchy, classes: list[str]):
    ancestors = {wnid: set(wordnet.above(wnid)) - {wnid} for wnid in classes}
    every = set().union(*ancestors.values())
    below = Counter(key for found in ancestors.values() for key in found)
    several = [sum(len(wordnet.nodes[key].parents) > 1 for key in keys) for keys in (classes, every)]
    assert (len(classes), len(every), len(every & set(classes)), several) == (1000, 860, 0, [38, 37])
    shortest = [wordnet.above(wnid)["n00001740"] for wnid in classes]
    assert (min(shortest), max(shortest)) == (4, 17)
    counts = {
        "n00015388": 398, "n00021939": 522, "n01861778": 218, "n01503061": 59, "n01661091": 36, "n02512053": 16,
        "n02159955": 27, "n02084071": 118, "n02085374": 8, "n01726692": 17, "n02121620": 7, "n02121808": 5,
        "n03791235": 22, "n02958343": 10, "n12992868": 7,
    }  # fmt: skip
    assert {key: below[key] for key in counts} == counts
    husky = (
        "sled_dog working_dog dog canine domestic_animal carnivore placental mammal vertebrate chordate animal "
        "organism living_thing whole object physical_entity entity"
    )
    assert sorted(wordnet.name(key) for key in ancestors["n02110185"]) == sorted(husky.split())
    first = Counter(wordnet.name(wnid) for wnid in classes)
    assert {name for name, count in first.items() if count > 1} == {"crane", "maillot"}


def test_excerpt_is_whole_small_and_carries_its_notice(wordnet: Hierarchy):
    tops = [key for key, node in wordnet.nodes.items() if not node.parents]
    assert tops == ["n00001740"]
    assert all(parent in wordnet.nodes for node in wordnet.nodes.values() for parent in node.parents)
    assert EXCERPT.stat().st_size < 200_000
    notice = EXCERPT.with_name("LICENSE").read_text("utf-8")
    assert "WordNet 3.0 Copyright 2006 by Princeton University.  All rights reserved." in notice


def test_excerpt_has_every_meaning_of_the_names_of_cifar(wordnet: Hierarchy):
    assert {name: len(wordnet.meanings[name]) for name in cifar10.LAYOUT.fine_names} == {
        "airplane": 1, "automobile": 1, "bird": 5, "cat": 8, "deer": 1, "dog": 7, "frog": 3, "horse": 5, "ship": 1,
        "truck": 2,
    }  # fmt: skip
    assert set(cifar100.LAYOUT.fine_names) - set(wordnet.meanings) == {"aquarium_fish", "maple_tree"}
    assert wordnet.meanings["dog"][0] == "n02084071"  # the commonest first


def test_imagenet_in_twelve_classes_is_the_published_table(wordnet: Hierarchy, classes: list[str]):
    table = photographs([f"{wordnet.name(wnid)} {i}" for i, wnid in enumerate(classes)])
    table["wnid"] = np.array(classes, object)[table["fine"]]
    task = checked(Task, group_coarse(table, settings("imagenet32_12")), "imagenet32_12")
    with np.load(GOLDEN) as golden:
        assert (task["label"] == golden["fine_to_coarse"][task["fine"]]).all() and len(task) == 2000
    assert (
        task.drop_duplicates("label").sort_values("label")["label_name"].tolist()
        == (TASKS["imagenet32_12"]["hierarchy"]["order"])
    )


def test_cifartoy_good_is_a_cut():
    task = checked(Task, group_coarse(photographs(cifar10.LAYOUT.fine_names), settings("cifartoy_wordnet")), "toy")
    found = dict(zip(task["fine_name"], task["label_name"], strict=True))
    good = read_grouping(grouping_path("cifartoy_good"))
    kept = good[good["coarse"] != ""]
    names = {"vehicles": "vehicle", "vertebrates": "vertebrate"}
    assert found == dict(zip(kept["fine"], kept["coarse"].map(names), strict=True))
    assert task["fine"].drop_duplicates().tolist() == list(range(8))
    assert task["row"].tolist() == [row for row in range(20) if row % 10 not in (4, 6)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("dgo", "no 'dgo' in WordNet's excerpt; did you mean 'dingo (n02115641)'?"),
        ("n02084072", "no 'n02084072' in WordNet's excerpt; did you mean 'n02084071'?"),
        (
            "truck",
            "'truck' has 2 meanings in WordNet's excerpt: n04490091 (truck: motor_vehicle), "
            "n03490119 (hand_truck: handcart); write one",
        ),
    ],
)
def test_what_no_synset_is_called_is_named_with_the_nearest(wordnet: Hierarchy, text: str, says: str):
    with pytest.raises(UserError) as error:
        wordnet.meant(text)
    assert str(error.value) == says


def test_names_are_found_however_they_are_written(wordnet: Hierarchy):
    assert {wordnet.meant(text) for text in ("Siberian_husky", "siberian husky", "n02110185")} == {"n02110185"}


def synset(offset: int, words: str, parents: str = "", kind: str = "n") -> str:
    names, above = words.split(), parents.split()
    fields = [f"{offset:08d} 05 {kind} {len(names):02x}", *(f"{name} 0" for name in names), f"{len(above):03d}"]
    return " ".join([*fields, *(f"@ {parent} n 0000" for parent in above), "~ 00000009 n 0000 | a gloss\n"])


def test_a_whole_wordnet_is_read_from_a_folder(tmp_path: Path):
    lines = [synset(1, "entity"), synset(2, "Dog domestic_dog", "00000001"), synset(3, "cad dog", "00000001 00000002")]
    (tmp_path / "data.noun").write_text(LICENCE + "".join(lines), "latin-1")
    wordnet = read_wordnet(tmp_path)
    assert wordnet.nodes["n00000003"].parents == ("n00000001", "n00000002")
    assert wordnet.meanings["dog"] == ["n00000002", "n00000003"]
    index = "dog n 2 1 @ 2 0 00000003 00000002  \n"
    (tmp_path / "index.noun").write_text("  1 licence\n" + index, "latin-1")
    assert read_wordnet(tmp_path).meanings["dog"] == ["n00000003", "n00000002"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "data.noun: No such file or directory"),
        ("", "data.noun: there is nothing in it"),
        (synset(1, "entity"), "data.noun: not WordNet 3.0: its wnids would name other things"),
        (LICENCE + "00000001 05 n\n", "data.noun: not a noun database of WordNet (line 3)"),
        (LICENCE + synset(1, "run", kind="v"), "data.noun: not a noun database of WordNet (line 3)"),
        (LICENCE + synset(1, "dog", "00000002"), "data.noun: 'n00000001' lies below 'n00000002', which is not there"),
        (
            LICENCE + synset(1, "a", "00000002") + synset(2, "b", "00000001"),
            "data.noun: a cycle: 'n00000001' below 'n00000002' below 'n00000001'; take one of these out",
        ),
    ],
)
def test_what_is_no_wordnet_is_one_line(tmp_path: Path, text: str | None, says: str):
    if text is not None:
        (tmp_path / "data.noun").write_text(text, "latin-1")
    with pytest.raises(UserError) as error:
        read_wordnet(tmp_path)
    assert str(error.value).startswith(f"{tmp_path}/{says}")


def test_the_examples_of_the_documents_run(tmp_path: Path):
    section = DOCUMENT.read_text("utf-8").split("## Coarse classes from a hierarchy")[1]
    task, file = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)[:2]
    table = photographs(cifar10.LAYOUT.fine_names)
    entry = YAML(typ="safe", pure=True).load(task)["tasks"]["cifartoy_wordnet"]
    assert entry == TASKS["cifartoy_wordnet"]
    (tmp_path / "things.yaml").write_text(file, "utf-8")
    made = group_coarse(table, {"hierarchy": {"source": str(tmp_path / "things.yaml"), "depth": 1}})
    assert set(made["label_name"]) == {"animal", "vehicle"}


@pytest.mark.skipif("GRISTMILL_WORDNET" not in os.environ, reason="GRISTMILL_WORDNET names no folder of WordNet 3.0")
def test_excerpt_is_a_part_of_the_whole(wordnet: Hierarchy, classes: list[str]):
    whole = read_wordnet(Path(os.environ["GRISTMILL_WORDNET"]))
    assert len(whole.nodes) == 82_115
    assert all(whole.nodes[key] == node for key, node in wordnet.nodes.items())
    for name in (*cifar10.LAYOUT.fine_names, *cifar100.LAYOUT.fine_names):
        assert whole.meanings.get(name, []) == wordnet.meanings.get(name, [])
    assert set(classes) <= set(whole.nodes)
