"""A task holds the right samples in the right order, with labels for the learner and classes for evaluation."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gristmill.data import cifar10, cifar100, omniglot
from gristmill.data.schemas import Task, checked
from gristmill.data.source import sample_table
from gristmill.errors import UserError
from gristmill.labels.coarse import COLUMNS, group_coarse


@pytest.fixture(scope="module")
def drawings() -> pd.DataFrame:
    table = omniglot.read({}).table
    table.attrs["images_sha256"] = "abc"
    return table


def photographs(layout, rows: int = 300) -> pd.DataFrame:
    """A table as CIFAR's readers make it, classes in no order, two thirds train."""
    fine = np.random.default_rng(0).permutation(np.arange(rows) % len(layout.fine_names))
    part = np.where(np.arange(rows) < rows * 2 // 3, "train", "test")
    return sample_table([str(i) for i in range(rows)], part, fine, layout.fine_names)


@pytest.mark.parametrize("grouping", ["omniglot_good", "coarse"])
def test_omniglot_good_is_the_alphabets(drawings, grouping):
    task = group_coarse(drawings, {"grouping": grouping})
    assert list(task) == COLUMNS and len(task) == 4840
    assert (task["label_name"] == drawings["coarse_name"]).all() and (task["label"] == drawings["coarse"]).all()
    assert (task["fine"] == drawings["fine"]).all() and (task["row"] == np.arange(4840)).all()
    assert checked(Task, task, "x").attrs == {"images_sha256": "abc"}


def test_omniglot_bad_mixes_the_characters_of_all_alphabets(drawings):
    task = checked(Task, group_coarse(drawings, {"grouping": "omniglot_bad"}), "x")
    assert (task["label"] == task["fine"] % 8).all() and (task["fine"] == drawings["fine"]).all()
    train = task[task["part"] == "train"]["label"].value_counts().sort_index()
    assert train.tolist() == [434, 434, 420, 420, 420, 420, 420, 420]
    assert drawings.assign(label=task["label"]).groupby("label")["coarse"].nunique().eq(8).all()


def test_fine_grouping_shows_the_learner_the_classes(drawings):
    task = checked(Task, group_coarse(drawings, SimpleNamespace(grouping="fine")), "x")
    assert (task["label"] == drawings["fine"]).all() and (task["label_name"] == task["fine_name"]).all()


@pytest.mark.parametrize(
    ("grouping", "order", "fine_ids"),
    [
        ("cifartoy_good", [0, 1, 8, 9, 2, 3, 5, 7], [0, 1, 2, 3, 4, 5, 6, 7]),
        ("cifartoy_bad", [0, 1, 5, 3, 8, 9, 2, 7], [0, 1, 6, 3, 4, 5, 2, 7]),
        ("cifartoy_bad_paper", [0, 1, 2, 3, 8, 9, 5, 7], [0, 1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_cifartoy_concatenates_the_classes_group_by_group(grouping, order, fine_ids):
    table = photographs(cifar10.LAYOUT)
    task = checked(Task, group_coarse(table, {"grouping": grouping}), "x")
    expected = np.concatenate([np.flatnonzero(table["fine"] == old) for old in order])   # in file order
    assert task["row"].tolist() == expected.tolist()
    assert task["fine"].tolist() == np.repeat(fine_ids, 30).tolist()
    assert task["label"].tolist() == [0] * 120 + [1] * 120
    assert not {"deer", "frog"} & set(task["fine_name"])
    assert (task["fine_name"] == table["fine_name"].iloc[expected].to_numpy()).all()
    assert (task["part"] == table["part"].iloc[expected].to_numpy()).all()
    assert (task["sample"] == table["sample"].iloc[expected].to_numpy()).all()


def test_cifar100_20_keeps_the_official_numbers():
    table = photographs(cifar100.LAYOUT)
    task = checked(Task, group_coarse(table, {"grouping": "cifar100_20"}), "x")
    assert (task["fine"].to_numpy() == table["fine"].to_numpy()[task["row"]]).all()
    assert sorted(task["label_name"].unique()) == list(cifar100.LAYOUT.coarse_names)
    assert task["label_name"].tolist() == [cifar100.LAYOUT.coarse_names[label] for label in task["label"]]


def test_a_split_takes_the_rows_by_a_column(drawings):
    split = {"column": "drawer", "train": list(range(1, 13)), "test": [13, 14]}
    task = checked(Task, group_coarse(drawings, {"grouping": "omniglot_good", "split": split}), "x")
    drawer = drawings["drawer"].to_numpy()[task["row"]]
    assert len(task) == 242 * 14 and ((task["part"] == "train") == (drawer <= 12)).all()
    as_object = SimpleNamespace(grouping="omniglot_good", split=SimpleNamespace(**split))
    pd.testing.assert_frame_equal(group_coarse(drawings, as_object), task)


@pytest.mark.parametrize(
    ("split", "reason"),
    [
        ({"column": "drawr", "train": [1], "test": [2]}, "no column 'drawr'"),
        ({"column": "drawer", "train": [1, 2], "test": [2]}, "drawer 2 stands in two parts"),
        ({"column": "drawer", "train": [1], "test": [21]}, "test: no row has drawer 21"),
        ({"column": "drawer", "train": [1]}, "test has no rows"),
    ],
)
def test_a_split_that_does_not_fit_is_one_line(drawings, split, reason):
    with pytest.raises(UserError, match=reason) as error:
        group_coarse(drawings, {"grouping": "coarse", "split": split})
    assert "\n" not in str(error.value)


def test_groupings_of_other_data_name_what_does_not_fit(drawings):
    with pytest.raises(UserError, match=r"grouping 'cifar100_20': classes 'apple', .* not among the 242 classes"):
        group_coarse(drawings, {"grouping": "cifar100_20"})
    with pytest.raises(UserError, match="grouping 'coarse'"):
        group_coarse(photographs(cifar10.LAYOUT), {"grouping": "coarse"})
    with pytest.raises(UserError, match="no such grouping 'None'"):
        group_coarse(drawings, {})


def test_the_table_is_left_as_it_was(drawings):
    before = drawings.copy()
    group_coarse(drawings, {"grouping": "omniglot_bad"})
    pd.testing.assert_frame_equal(drawings, before)
