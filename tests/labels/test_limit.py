"""A task with a limit of images, to try the whole way."""

import pandas as pd

from gristmill.labels.coarse import group_coarse


def table(counts: dict[str, list[int]]) -> pd.DataFrame:
    rows = [(part, fine) for part, of in counts.items() for fine, n in enumerate(of) for _ in range(n)]
    found = pd.DataFrame(rows, columns=["part", "fine"])
    found["fine_name"] = [f"class {fine}" for fine in found["fine"]]
    found["sample"] = [f"image {i}" for i in range(len(found))]
    return found


def test_a_limit_keeps_the_same_share_of_every_class_in_every_part_and_their_order():
    task = group_coarse(table({"train": [50, 50, 50], "test": [20, 20, 20]}), {"grouping": "fine", "limit": 6})
    assert task.groupby(["part", "fine"]).size().tolist() == [2] * 6
    assert task["row"].tolist() == sorted(task["row"])
    assert task.attrs["whole"] == {"train": 150, "test": 60}


def test_a_limit_takes_what_there_is_of_a_small_class():
    task = group_coarse(table({"train": [1, 50], "test": [1, 2]}), {"grouping": "fine", "limit": 10})
    assert task.groupby(["part", "fine"]).size().to_dict() == {
        ("test", 0): 1, ("test", 1): 2, ("train", 0): 1, ("train", 1): 9,
    }  # fmt: skip


def test_without_a_limit_nothing_is_said_of_one():
    assert "whole" not in group_coarse(table({"train": [3], "test": [3]}), {"grouping": "fine"}).attrs
