"""Images whose class nobody knows go through every kind of task, with label -1 and last."""

import numpy as np
import pandas as pd
import pytest

from gristmill.data import cifar10
from gristmill.data.schemas import Prepared, Task, checked
from gristmill.data.source import sample_table
from gristmill.errors import UserError
from gristmill.labels.coarse import COLUMNS, group_coarse
from gristmill.labels.placed import searched_names

NAMES = cifar10.LAYOUT.fine_names
HIERARCHY = {
    "source": "wordnet",
    "names": {
        "bird": "n01503061", "cat": "n02121620", "dog": "n02084071", "horse": "n02374451", "truck": "n04490091",
    },
    "drop": ["deer", "frog"],
    "classes": 2,
}  # fmt: skip
TASKS = [{"grouping": "fine"}, {"grouping": "cifartoy_good"}, {"hierarchy": HIERARCHY}]


def table(split: bool = False) -> pd.DataFrame:
    """Forty images of CIFAR-10's classes; every third from the second on is unlabeled, without a class."""
    i = np.arange(40)
    unknown = i % 3 == 1
    part = np.where(unknown, "unlabeled", np.where(i % 3 == 0, "train", "test"))
    made = sample_table([str(n) for n in i], part, np.where(unknown, -1, i % 10), NAMES)
    made.attrs["images_sha256"] = "abc"
    return checked(Prepared, made.assign(turn=np.where(unknown, 9, i % 2)), "x")


@pytest.mark.parametrize("settings", TASKS, ids=["fine", "file", "hierarchy"])
def test_they_keep_their_part_and_row_and_have_no_label(settings):
    prepared = table()
    task = checked(Task, group_coarse(prepared, settings), "x")
    unknown = task[task["part"] == "unlabeled"]
    assert list(task) == COLUMNS and task.attrs["images_sha256"] == "abc"
    assert unknown["row"].tolist() == list(range(1, 40, 3)) == np.flatnonzero(prepared["fine"] == -1).tolist()
    assert unknown.index.tolist() == list(range(len(task) - 13, len(task)))
    assert set(unknown["label"]) == set(unknown["fine"]) == {-1}
    assert set(unknown["label_name"]) == set(unknown["fine_name"]) == {""}


@pytest.mark.parametrize("settings", TASKS, ids=["fine", "file", "hierarchy"])
def test_the_others_are_as_without_them(settings):
    prepared = table()
    known = prepared[prepared["fine"] >= 0]
    alone = group_coarse(known, settings)
    task = group_coarse(prepared, settings)
    both = task[task["part"] != "unlabeled"]
    pd.testing.assert_frame_equal(both.drop(columns="row"), alone.drop(columns="row"))
    assert (both["row"] == np.flatnonzero(prepared["fine"] >= 0)[alone["row"]]).all()
    assert task.attrs.get("hierarchy") == alone.attrs.get("hierarchy")


@pytest.mark.parametrize("column", ["label", "fine"])
def test_a_split_that_leaves_classes_out_numbers_the_others_and_leaves_them_alone(column):
    prepared = table()
    prepared = prepared.assign(turn=prepared["turn"].where(~prepared["fine"].isin([0, 4]), 5))
    split = {"column": "turn", "train": [0], "test": [1], "unlabeled": [9]}
    task = checked(Task, group_coarse(prepared, {"grouping": "fine", "split": split}), "x")
    unknown = task["part"] == "unlabeled"
    assert unknown.sum() == 13 and set(task.loc[unknown, column]) == {-1}
    assert sorted(set(task.loc[~unknown, column])) == list(range(8))


def test_a_split_that_trains_or_tests_on_them_is_refused():
    for split in ({"train": [9], "test": [0]}, {"train": [0], "test": [9]}):
        task = group_coarse(table(), {"grouping": "fine", "split": {"column": "turn", **split}})
        with pytest.raises(UserError, match="breaks the rule fine_with_its_name_unless_unlabeled"):
            checked(Task, task, "task 'x'")


def test_a_limit_holds_for_them_too():
    task = group_coarse(table(), {"grouping": "fine", "limit": 5})
    assert task["part"].value_counts().to_dict() == {"train": 5, "unlabeled": 5, "test": 5}
    assert task.attrs["whole"] == {"train": 14, "unlabeled": 13, "test": 13}


def test_no_hierarchy_is_asked_for_a_class_without_a_name():
    assert list(searched_names(table())) == list(NAMES)
