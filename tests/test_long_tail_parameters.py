"""What params.yaml may say of a long-tailed task."""

from copy import deepcopy
from typing import Any

import pytest

from gristmill.parameters.check import problems
from gristmill.parameters.read import read
from gristmill.parameters.resolve import resolve_all
from tests.project import ROOT

OWN = read(ROOT / "params.yaml")
TAIL = {
    "validation": 0, "head": 8, "ratio": 4, "unlabeled_head": 5, "unlabeled_ratio": 4, "reversed": True,
    "class_order": [1, 0], "seeds": [0, 1],
}  # fmt: skip
EXPERIMENT = {"method": "coins", "title": "tail", "dataset": "omniglot", "task": "tailed", "seeds": [1]}


def parameters(tail: Any = TAIL, **more: Any) -> dict[str, Any]:
    """The project's parameters with a long-tailed task and an experiment on it; an Ellipsis takes a key away."""
    found = deepcopy(OWN)
    tail = {key: value for key, value in tail.items() if value is not ...} if isinstance(tail, dict) else tail
    found["tasks"]["tailed"] = {"dataset": "omniglot", "long_tail": tail, **more}
    found["experiments"]["tailed_coins"] = dict(EXPERIMENT)
    return found


def test_a_long_tailed_task_keeps_what_was_written():
    assert problems(parameters()) == []
    assert resolve_all(parameters())["tasks"]["tailed"] == {"dataset": "omniglot", "long_tail": TAIL}


def test_what_is_null_is_as_if_it_were_not_there():
    own = {"validation": 500, "head": 150, "ratio": 10, "seeds": [1]}
    null = dict.fromkeys(("unlabeled_head", "unlabeled_ratio", "reversed", "class_order"))
    assert problems(parameters(own)) == problems(parameters({**own, **null})) == []
    assert resolve_all(parameters({**own, **null}))["tasks"]["tailed"]["long_tail"] == own


WRONG = [
    ({"ratio": 0.5}, {}, "tasks.tailed.long_tail.ratio: 0.5 is out of range (at least 1, at most 1000000)"),
    ({"unlabeled_ratio": 0.01}, {}, "long_tail.unlabeled_ratio: 0.01 is out of range (at least 1, at most 1000000)"),
    ({"ratio": float("nan")}, {}, "long_tail.ratio: nan is out of range"),
    ({"head": 0}, {}, "long_tail.head: 0 is out of range (at least 1)"),
    ({"head": 1.5}, {}, "long_tail.head: expected a whole number, found 1.5"),
    ({"unlabeled_head": 0}, {}, "long_tail.unlabeled_head: 0 is out of range (at least 1)"),
    ({"validation": -1}, {}, "long_tail.validation: -1 is out of range (at least 0, at most 100000000)"),
    ({"validation": ...}, {}, "long_tail.validation: missing"),
    ({"seeds": ...}, {}, "long_tail.seeds: missing"),
    ({"seeds": []}, {}, "long_tail.seeds: [] is too short (at least 1 long)"),
    ({"seeds": [1, 0, 1]}, {}, "tasks.tailed.long_tail: seeds: 1 stands twice"),
    ({"class_order": [0, 0]}, {}, "tasks.tailed.long_tail: class_order: 0 stands twice"),
    ({"class_order": ["shirt"]}, {}, "long_tail.class_order.0: expected a whole number, found 'shirt'"),
    ({"reversed": 1}, {}, "long_tail.reversed: expected true or false, found 1"),
    ({"reversed": None}, {}, "long_tail: reversed: missing; unlabeled_head, unlabeled_ratio, reversed are given toge"),
    ({"unlabeled_head": None}, {}, "long_tail: unlabeled_head: missing; unlabeled_head, unlabeled_ratio, reversed"),
    ({"unlabeled_hed": 3}, {}, "long_tail.unlabeled_hed: no such parameter; did you mean 'unlabeled_head'?"),
    ({}, {"grouping": "fine"}, "tasks.tailed: grouping and long_tail are given; a task has one of them"),
    ({}, {"split": {"column": "drawer", "train": [1], "test": [2]}}, "tasks.tailed: split: long_tail makes the parts"),
    ({}, {"limit": {"images": 3}}, "tasks.tailed.limit: no such parameter"),
    ({"seeds": [0, 2]}, {}, "tailed_coins.seeds: no split for seed 1: tasks.tailed.long_tail.seeds has 0, 2; add it"),
]


@pytest.mark.parametrize(("tail", "more", "message"), WRONG, ids=[w[2][:60] for w in WRONG])
def test_a_wrong_value_gives_one_line_with_its_place(tail: dict, more: dict, message: str):
    found = problems(parameters({**TAIL, **tail}, **more))
    assert len(found) == 1 and found[0].startswith("params.yaml: ") and message in found[0]


def test_a_task_without_labels_says_which_there_are():
    found = problems(parameters(None))
    assert found == ["params.yaml: tasks.tailed: no grouping, no hierarchy, no long_tail; a task has one of them"]


@pytest.mark.parametrize("tail", [[], "fashion", 3])
def test_a_long_tail_is_a_block_of_keys(tail: Any):
    (found,) = problems(parameters(tail))
    assert "tasks.tailed.long_tail: expected a block of keys" in found


def test_a_limit_of_images_is_refused_unless_the_data_set_lifts_it():
    limited = parameters()
    limited["limit"]["images"] = 100
    assert problems(limited) == [
        "params.yaml: tasks.tailed.long_tail: does not go with limit.images 100; "
        "set datasets.omniglot.limit.images to null"
    ]
    limited["datasets"]["omniglot"]["limit"] = {"images": None}
    assert problems(limited) == []


def test_experiments_on_other_tasks_may_have_any_seed():
    other = parameters()
    other["experiments"]["maskcon_good"]["seeds"] = [7]
    assert problems(other) == []
