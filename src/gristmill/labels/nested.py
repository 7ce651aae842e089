"""Fewer images of every class: subsets of a part of a task, a smaller one inside a larger one."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

Size = TypeVar("Size", int, float)


def by_count(
    table: pd.DataFrame, counts: Sequence[int], seed: int, part: str = "train"
) -> dict[int, np.ndarray]:
    """So many images of every class of a part; a class that has fewer gives all it has.

    Every class stands in a random order, of which a subset is the beginning. The order depends on the seed and the
    table alone: whoever asks is given the same images.

    Args:
        table: the task, of one seed, with the columns `part` and `fine`.
        counts: at least 1 each.

    Returns:
        count -> bool, one a row of the table.

    Raises:
        ValueError: a count below 1.
    """
    if any(count < 1 for count in counts):
        raise ValueError(f"counts: at least 1 image a class is needed, found {min(counts)}")
    turn, _ = turns(table, seed, part)
    return {count: (turn >= 0) & (turn < count) for count in counts}


def by_share(table: pd.DataFrame, shares: Sequence[float], seed: int) -> dict[float, np.ndarray]:
    """The same share of the training images of every class, at least 1.

    To the nearest whole number, a half is rounded up. Classes of equal size give equally many. The order is that
    of `by_count`.

    Args:
        table: the task, of one seed, with the columns `part` and `fine`.
        shares: above 0, at most 1, which is all.

    Returns:
        share -> bool, one a row of the table.

    Raises:
        ValueError: a share that is not possible.
    """
    if any(not 0 < share <= 1 for share in shares):
        raise ValueError(f"shares: above 0 and at most 1 are possible, found {list(shares)}")
    turn, size = turns(table, seed, "train")
    # 1e-9: 0.35 of 10 is a half, which its binary fraction is just below
    wanted = {share: np.maximum(np.floor(share * size + 0.5 + 1e-9), 1) for share in shares}
    return {share: (turn >= 0) & (turn < count) for share, count in wanted.items()}


def turns(table: pd.DataFrame, seed: int, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Of each row its place in the random order of its class, and how many images that has; -1 and 0 where a row is
    no image of the part with a fine label."""
    places = np.flatnonzero((table["part"] == part).to_numpy() & (table["fine"] >= 0).to_numpy())
    fine = table["fine"].to_numpy()[places]
    drawn = np.random.RandomState(seed).random_sample(len(places))  # the same in every version of NumPy
    order = np.lexsort((drawn, fine))
    _, first, count = np.unique(fine[order], return_index=True, return_counts=True)
    turn, size = np.full(len(table), -1, np.int64), np.zeros(len(table), np.int64)
    turn[places[order]] = np.arange(len(places)) - np.repeat(first, count)
    size[places[order]] = np.repeat(count, count)
    return turn, size


def coinciding(subsets: Mapping[Size, np.ndarray]) -> list[list[Size]]:
    """Sizes whose subsets are the same images, as where a class has no more; nothing of those that differ."""
    alike: dict[bytes, list[Size]] = {}
    for size, rows in subsets.items():
        alike.setdefault(rows.tobytes(), []).append(size)
    return [sizes for sizes in alike.values() if len(sizes) > 1]
