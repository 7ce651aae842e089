"""Long-tailed tasks are split as the released code splits, and refuse what that code silently makes smaller."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gristmill.data.schemas import Task, checked
from gristmill.data.source import sample_table
from gristmill.errors import UserError
from gristmill.labels import coarse
from gristmill.labels.distribution import distribution
from gristmill.labels.long_tail import COLUMNS, long_tail_counts, split_indices, split_long_tail
from gristmill.labels.seeds import of_seed, seeds_of
from tests.golden import Case, cases
from tests.golden_long_tail import KINDS

GOLDEN = [case for case in cases("semisup") if case.kind in KINDS]
NAMES = ("shirt", "coat", "bag", "boot")
TAIL = {
    "validation": 4, "head": 8, "ratio": 4.0, "unlabeled_head": 10, "unlabeled_ratio": 2.0, "reversed": False,
    "seeds": [0, 1, 7],
}  # fmt: skip


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.name)
def test_counts_and_indices_are_those_of_the_released_code(case: Case):
    case.load()
    results = KINDS[case.kind](case)
    for name, expected in case.outputs.items():
        np.testing.assert_array_equal(results[name], expected, err_msg=name)


def test_the_vectors_of_both_kinds_are_here():
    assert {case.kind for case in GOLDEN} == set(KINDS)


def prepared(sizes: tuple[int, ...] = (20, 20, 20, 20), test: int = 3, **parts: list[int]) -> pd.DataFrame:
    """A prepared table in mixed order; `parts`: the classes of images of further parts."""
    fine = np.random.default_rng(3).permutation(np.repeat(np.arange(len(sizes)), sizes))
    fine = np.concatenate([fine, np.repeat(np.arange(len(sizes)), test), *parts.values()]).astype(int)
    part = ["train"] * sum(sizes) + ["test"] * (test * len(sizes))
    part += [name for name, own in parts.items() for _ in own]
    names = [f"{i:03d}" for i in range(len(fine))]
    table = sample_table(names, part, fine, [*NAMES, "hat", ""])  # number -1 has the last name
    table.attrs["images_sha256"] = "abc"
    return table


def made(table: pd.DataFrame, **changed: Any) -> pd.DataFrame:
    return checked(Task, split_long_tail(table, {"dataset": "x", "long_tail": {**TAIL, **changed}}), "x")


def counts(task: pd.DataFrame, part: str, column: str = "fine") -> list[int]:
    return np.bincount(task.loc[task["part"] == part, column]).tolist()


def test_a_task_has_a_block_of_rows_for_each_seed():
    table = prepared()
    task = made(table)
    assert list(task) == COLUMNS == ["seed", *coarse.COLUMNS]
    assert task.attrs == {"images_sha256": "abc"} and seeds_of(task) == [0, 1, 7]
    for seed in (0, 1, 7):
        own = of_seed(task, seed)
        assert counts(own, "train") == [8, 5, 3, 2] and counts(own, "unlabeled") == [10, 7, 6, 5]
        assert counts(own, "validation") == [1] * 4 and counts(own, "test") == [3] * 4
        assert not own["row"].duplicated().any(), "no image has two parts"
        assert (own["fine"].to_numpy() == table["fine"].to_numpy()[own["row"]]).all()
        assert (own["sample"].to_numpy() == table["sample"].to_numpy()[own["row"]]).all()
    tests = [of_seed(task, seed).query("part == 'test'")["row"].tolist() for seed in (0, 1, 7)]
    trains = [of_seed(task, seed).query("part == 'train'")["row"].tolist() for seed in (0, 1, 7)]
    assert tests == [list(range(80, 92))] * 3
    assert trains[0] != trains[1] and trains[1] != trains[2]


def test_the_rows_of_a_seed_are_those_of_its_split_in_order():
    table = prepared()
    split = split_indices(
        table["fine"].to_numpy()[:80], 7, validation=4, head=8, ratio=4, unlabeled_head=10, unlabeled_ratio=2
    )
    own = of_seed(made(table), 7)
    for part, rows in (("train", split.labeled), ("unlabeled", split.unlabeled), ("validation", split.validation)):
        assert own.loc[own["part"] == part, "row"].tolist() == rows.tolist()


def test_a_seed_has_the_same_rows_whichever_others_there_are():
    table = prepared()
    pd.testing.assert_frame_equal(of_seed(made(table, seeds=[1]), 1), of_seed(made(table), 1))


def test_the_learner_sees_no_label_of_unlabeled_images_and_evaluation_the_truth():
    task = made(prepared())
    hidden = task["part"] == "unlabeled"
    assert (task.loc[hidden, "label"] == -1).all() and (task.loc[hidden, "label_name"] == "").all()
    assert (task.loc[hidden, "fine"] >= 0).all() and (task.loc[hidden, "fine_name"] != "").all()
    assert (task.loc[~hidden, "label"] == task.loc[~hidden, "fine"]).all()
    assert (task.loc[~hidden, "label_name"] == task.loc[~hidden, "fine_name"]).all()


def test_labeled_images_do_not_depend_on_what_is_asked_of_unlabeled_ones():
    table = prepared()
    labeled = [
        task.loc[task["part"] == "train", "row"].tolist()
        for task in (made(table), made(table, reversed=True), made(table, unlabeled_ratio=1.0, unlabeled_head=5))
    ]
    assert labeled[0] == labeled[1] == labeled[2]


def test_reversed_unlabeled_images_begin_with_the_last_class():
    own = of_seed(made(prepared(), reversed=True), 0)
    assert counts(own, "unlabeled") == [5, 6, 7, 10] and counts(own, "train") == [8, 5, 3, 2]
    assert own.loc[own["part"] == "unlabeled", "fine"].tolist() == [3] * 10 + [2] * 7 + [1] * 6 + [0] * 5
    flat, other = (made(prepared(), unlabeled_ratio=1.0, reversed=way) for way in (False, True))
    pd.testing.assert_frame_equal(flat, other)


def test_a_class_order_numbers_the_classes_from_head_to_tail():
    table = prepared()
    task = made(table, class_order=[2, 0, 3, 1])
    names = task.loc[task["label"] >= 0].drop_duplicates("label").sort_values("label")["label_name"]
    assert names.tolist() == ["bag", "shirt", "boot", "coat"]
    own = of_seed(task, 1)
    assert counts(own, "train") == [8, 5, 3, 2] == counts(own, "train", "label")
    assert (own["fine_name"].to_numpy() == table["fine_name"].to_numpy()[own["row"]]).all()
    pd.testing.assert_frame_equal(made(table, class_order=[0, 1, 2, 3]), made(table))
    pd.testing.assert_frame_equal(made(table, class_order=None), made(table))


def test_settings_may_be_an_object():
    table = prepared()
    as_object = SimpleNamespace(long_tail=SimpleNamespace(**TAIL))
    pd.testing.assert_frame_equal(split_long_tail(table, as_object), made(table))


OWN = {"unlabeled_head": None, "unlabeled_ratio": None, "reversed": None}


def test_a_data_sets_own_unlabeled_images_are_all_used_and_their_class_may_be_unknown():
    task = made(prepared(unlabeled=[-1, 2, -1, 4, 0]), **OWN, class_order=[3, 2, 1, 0])
    own = of_seed(task, 0)
    hidden = own.loc[own["part"] == "unlabeled"]
    assert hidden["row"].tolist() == [92, 93, 94, 95, 96] and hidden["fine"].tolist() == [-1, 1, -1, 4, 3]
    assert (hidden["label"] == -1).all() and hidden["fine_name"].tolist() == ["", "bag", "", "hat", "shirt"]
    assert counts(own, "train") == [8, 5, 3, 2]
    assert counts(of_seed(made(prepared(unlabeled=[-1]), **OWN, ratio=1.0), 0), "train") == [8] * 4


def test_a_data_sets_own_validation_images_stay_that():
    own = of_seed(made(prepared(validation=[1, 1]), validation=0), 0)
    assert own.loc[own["part"] == "validation", "row"].tolist() == [92, 93]


def test_without_validation_nothing_is_held_out():
    assert not (made(prepared(), validation=0)["part"] == "validation").any()


@pytest.mark.parametrize(
    ("changed", "sizes", "reason"),
    [
        (
            {"unlabeled_head": 12}, (20, 20, 19, 20),
            "class 'bag' has 18 images left, 20 wanted (head 8 and unlabeled_head 12); "
            "the largest unlabeled_head that works is 10",
        ),
        (
            {"head": 30}, (20, 20, 20, 20),
            "class 'shirt' has 19 images left, 40 wanted (head 30 and unlabeled_head 10); "
            "the largest head that works is 9",
        ),
        ({"head": 30, "unlabeled_head": 19}, (20, 20, 20, 20), "the largest sum of both that works is 19"),
        ({"ratio": 9.0}, (20, 20, 20, 20), "class 'boot' gets no image (head 8, ratio 9); "
                                          "the smallest head that works is 9"),
        ({"ratio": 49.0, "head": 8}, (20, 20, 20, 20), "the smallest head that works is 50"),
        (
            {"unlabeled_ratio": 11.0}, (20, 20, 20, 20),
            "class 'boot' gets no image (unlabeled_head 10, unlabeled_ratio 11); "
            "the smallest unlabeled_head that works is 11",
        ),
        ({"unlabeled_ratio": 11.0, "reversed": True}, (20, 20, 20, 20), "class 'shirt' gets no image (unlabeled_head"),
        ({"unlabeled_head": 0}, (20, 20, 20, 20), "unlabeled_head 0: no unlabeled images"),
        (OWN, (20, 20, 20, 20), "no unlabeled images: the data set has none of its own; give unlabeled_head"),
        ({"validation": 6}, (20, 20, 20, 20), "validation: 6 images, not the same number of 4 classes; take 4 or 8"),
        ({"validation": 3}, (20, 20, 20, 20), "take 0 or 4"),
        ({"validation": 84}, (20, 20, 20, 20), "class 'shirt' has 0 images left, 18 wanted"),
        ({"class_order": [0, 1, 2]}, (20, 20, 20, 20), "class_order: 3 is missing; list each of the 4 fine labels"),
        ({"class_order": [0, 1, 2, 2]}, (20, 20, 20, 20), "class_order: 2 stands twice"),
        ({"class_order": [0, 1, 2, 3, 4]}, (20, 20, 20, 20), "class_order: 4 is no class"),
        ({}, (), "part train of the data set is empty"),
        ({}, (20, 20, 0, 20), "class 'bag' of part test has no image in part train"),
    ],
)  # fmt: skip
def test_what_the_data_cannot_give_is_refused_in_one_line(changed: dict, sizes: tuple, reason: str):
    with pytest.raises(UserError) as error:
        made(prepared(sizes), **changed)
    assert reason in str(error.value)
    assert str(error.value).startswith("params.yaml: tasks: long_tail: ") and "\n" not in str(error.value)


@pytest.mark.parametrize(("sizes", "most"), [((20, 20, 20, 20), 19), ((20, 10, 20, 20), 15), ((20, 20, 20, 3), 11)])
def test_the_largest_head_beside_own_unlabeled_images_is_named_and_works(sizes: tuple, most: int):
    table = prepared(sizes, unlabeled=[-1])
    with pytest.raises(UserError, match=f"the largest head that works is {most}$"):
        made(table, **OWN, head=40)
    assert counts(of_seed(made(table, **OWN, head=most), 0), "train")[0] == most
    with pytest.raises(UserError):
        made(table, **OWN, head=most + 1)


def test_own_unlabeled_images_and_others_split_off_do_not_go_together():
    with pytest.raises(UserError, match="unlabeled_head: the data set has 2 unlabeled images of its own"):
        made(prepared(unlabeled=[-1, -1]))


def test_images_to_train_on_need_labels():
    table = prepared()
    table.loc[5, "fine"] = -1
    with pytest.raises(UserError, match="part train of the data set has images without a label"):
        made(table)


def test_the_largest_ratio_at_which_a_class_keeps_an_image_suffers_from_no_rounding():
    assert long_tail_counts(49, 49, 4)[-1] == 0  # 49 * (1 / 49) is below 1 in float64
    with pytest.raises(UserError, match="the smallest head that works is 50"):
        made(prepared((70,) * 4), head=49, ratio=49.0, unlabeled_head=10)


@given(st.integers(1, 5000), st.floats(1, 1000), st.integers(1, 100))
def test_counts_never_rise_and_begin_with_the_head(head: int, ratio: float, classes: int):
    found = long_tail_counts(head, ratio, classes)
    assert found[0] == head and len(found) == classes and found == sorted(found, reverse=True)


def test_one_class_is_the_head():
    assert long_tail_counts(5, 10, 1) == [5]
    one = split_indices(np.zeros(9, int), 0, validation=2, head=3, ratio=5, unlabeled_head=2, unlabeled_ratio=5)
    assert [len(part) for part in one] == [2, 3, 2]


def test_the_rows_of_a_run_are_its_seeds_and_the_whole_table_where_seeds_do_not_matter():
    task = made(prepared())
    own = of_seed(task, 1)
    assert (own["seed"] == 1).all() and own.index.tolist() == list(range(len(task) // 3))
    assert own.attrs == {"images_sha256": "abc"}
    pd.testing.assert_frame_equal(of_seed(own, 1), own)
    plain = task.drop(columns="seed")
    assert of_seed(plain, 5) is plain and seeds_of(plain) == []


def test_a_seed_that_a_task_lacks_is_one_line():
    with pytest.raises(UserError) as error:
        of_seed(made(prepared()), 5)
    assert str(error.value) == "seed 5: the task has the seeds 0, 1, 7; add it to the task's long_tail.seeds"


def test_a_task_survives_parquet(tmp_path):
    task = made(prepared(unlabeled=[-1, -1]), **OWN)
    task.to_parquet(tmp_path / "table.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "table.parquet"), task)
    assert pd.read_parquet(tmp_path / "table.parquet").attrs == task.attrs


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("sample", "091", "column 'sample': '091' in row 61 breaks the rule each_sample_once"),
        ("row", 91, "column 'row': 91 in row 61 breaks the rule each_row_once"),
        ("fine", -1, "column 'fine': -1 in row 0 breaks the rule fine_with_its_name_unless_unlabeled"),
    ],
)
def test_an_image_stands_once_within_a_seed_and_has_a_class_unless_it_is_unlabeled(column: str, value: Any, rule: str):
    task = split_long_tail(prepared(), {"long_tail": TAIL})
    task.loc[0, column] = value
    if column == "fine":
        task.loc[0, "fine_name"] = ""
    with pytest.raises(UserError, match=rule):
        checked(Task, task, "x")


def test_the_table_is_left_as_it_was():
    table = prepared()
    before = table.copy()
    made(table, class_order=[3, 2, 1, 0])
    pd.testing.assert_frame_equal(table, before)


def test_a_distribution_counts_each_class_by_rank():
    found = distribution(made(prepared(), reversed=True, class_order=[3, 0, 1, 2]))
    assert list(found) == ["class_name", "rank", "labeled", "unlabeled", "test"]
    assert found.to_numpy().tolist() == [
        ["boot", 0, 8, 5, 3], ["shirt", 1, 5, 6, 3], ["coat", 2, 3, 7, 3], ["bag", 3, 2, 10, 3],
    ]  # fmt: skip


def test_a_distribution_says_how_many_images_nobody_knows():
    found = distribution(made(prepared(unlabeled=[-1, -1, 2]), **OWN))
    assert found["rank"].tolist() == [0, 1, 2, 3, -1] and found["unlabeled"].tolist() == [0, 0, 1, 0, 2]
    assert found.iloc[-1].tolist() == ["", -1, 0, 2, 0]


def test_a_distribution_has_a_block_a_seed_where_seeds_differ():
    task = made(prepared())
    lost = task.drop(index=task.index[0])  # a labeled image of class 0, seed 0
    found = distribution(lost)
    assert found["seed"].tolist() == [0] * 4 + [1] * 4 + [7] * 4
    assert found.loc[found["rank"] == 0, "labeled"].tolist() == [7, 8, 8]
    assert distribution(task.query("seed == 1").drop(columns="seed")).equals(distribution(task))
