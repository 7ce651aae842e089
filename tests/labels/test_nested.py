"""Subsets with fewer labels, one inside the other."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gristmill.labels.nested import by_count, by_share, coinciding


def make_table(sizes: list[int], tests: int = 2) -> pd.DataFrame:
    """So many training images of each class, mixed, and some of other kinds."""
    fine = np.repeat(np.arange(len(sizes)), sizes)
    np.random.RandomState(7).shuffle(fine)
    rest = [("test", c) for c in range(len(sizes)) for _ in range(tests)] + [("unlabeled", -1), ("train", -1)]
    parts, more = zip(*rest, strict=True)
    return pd.DataFrame({"part": ["train"] * len(fine) + list(parts), "fine": np.concatenate([fine, more])})


def per_class(table: pd.DataFrame, rows: np.ndarray) -> list[int]:
    return [int((table["fine"][rows] == c).sum()) for c in range(table["fine"].max() + 1)]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.lists(st.integers(1, 12), min_size=2, max_size=4),
       st.integers(0, 2**32 - 1))  # fmt: skip
def test_a_smaller_subset_lies_in_a_larger_one_and_classes_give_as_many_as_they_can(sizes, counts, seed):
    table = make_table(sizes)
    found = by_count(table, sorted(counts), seed)
    before = np.zeros(len(table), bool)
    for count, rows in found.items():
        assert per_class(table, rows) == [min(count, size) for size in sizes]
        assert not (before & ~rows).any()
        before = rows


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=5), st.integers(0, 9))
def test_shares_are_nested_have_at_least_one_and_end_with_all(sizes, seed):
    table = make_table(sizes)
    found = list(by_share(table, [0.01, 0.1, 0.35, 0.5, 1.0], seed).values())
    for smaller, larger in pairwise(found):
        assert not (smaller & ~larger).any()
    assert min(per_class(table, found[0])) == 1 and per_class(table, found[-1]) == sizes


def test_halves_are_rounded_up_though_binary_fractions_lie_below_them():
    table = make_table([10, 14, 50])
    found = by_share(table, [0.35, 0.05], 0)  # 3.5, 4.9, 17.5; 0.5, 0.7, 2.5
    assert [per_class(table, rows) for rows in found.values()] == [[4, 5, 18], [1, 1, 3]]


def test_only_training_images_with_a_label_are_chosen():
    table = make_table([3, 3])
    (rows,) = by_count(table, [99], 0).values()
    assert set(table["part"][rows]) == {"train"} and (table["fine"][rows] >= 0).all()


def test_the_order_of_the_counts_does_not_matter_and_shares_take_from_the_same_order():
    table = make_table([10, 10])
    one, other = by_count(table, [1, 5], 3), by_count(table, [5, 1], 3)
    assert all(np.array_equal(one[count], other[count]) for count in one)
    assert np.array_equal(by_share(table, [0.5], 3)[0.5], one[5])


def test_another_seed_chooses_others():
    table = make_table([20, 20])
    first, second = (by_count(table, [5], seed)[5] for seed in (0, 1))
    assert (first & ~second).any()


def test_every_image_of_a_class_is_as_likely():
    table = make_table([5, 2])
    drawn = sum(by_count(table, [1], seed)[1].astype(int) for seed in range(500))
    own = (table["part"] == "train") & (table["fine"] == 0)
    assert drawn[own].min() > 70 and drawn[own].max() < 130  # 100 each


def test_counts_that_give_the_same_images_are_told():
    table = make_table([14, 14])
    assert coinciding(by_count(table, [1, 7, 14, 20, 50], 0)) == [[14, 20, 50]]
    assert coinciding(by_share(table, [0.01, 0.05, 0.1, 0.25], 0)) == [[0.01, 0.05, 0.1]]
    assert coinciding(by_count(table, [1, 3], 0)) == []


def test_without_training_images_nothing_is_chosen():
    table = make_table([2])
    assert not by_count(table[table["part"] == "test"], [1], 0)[1].any()
    assert not by_count(table.iloc[:0], [1], 0)[1].size


@pytest.mark.parametrize("counts", [[0], [1, -1]])
def test_a_count_below_one_is_refused(counts):
    with pytest.raises(ValueError, match="at least 1 image"):
        by_count(make_table([2]), counts, 0)


@pytest.mark.parametrize("share", [0.0, 1.5, -1.0, float("nan")])
def test_a_share_that_is_not_possible_is_refused(share):
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        by_share(make_table([2]), [share], 0)
