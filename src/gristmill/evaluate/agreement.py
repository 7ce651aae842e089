"""How well two partitions of the same images agree, from the table of how many images they share."""

import numpy as np


def shared(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """A x B: how many images the i-th class of the first partition and the j-th of the second have in common.

    Args:
        first, second: N integers each.
    """
    kinds, one = np.unique(first, return_inverse=True)
    others, other = np.unique(second, return_inverse=True)
    return np.bincount(one * len(others) + other, minlength=len(kinds) * len(others)).reshape(len(kinds), len(others))


def mutual_information(table: np.ndarray) -> float:
    """Normalized mutual information, 0 to 1: I / ((H1 + H2) / 2) (Vinh, Epps & Bailey, JMLR 11, 2010).

    Args:
        table: A x B counts, as `shared` gives them. Two partitions of one class each agree: 1.
    """
    share = table / table.sum()
    rows, columns = share.sum(1), share.sum(0)
    entropy = -sum(float((part * np.log(part)).sum()) for part in (rows[rows > 0], columns[columns > 0]))
    if entropy <= 0:
        return 1.0
    both = share > 0
    information = float((share[both] * np.log(share[both] / np.outer(rows, columns)[both])).sum())
    return min(1.0, max(0.0, 2 * information / entropy))


def adjusted_rand(table: np.ndarray) -> float:
    """Adjusted Rand index: 1 for the same partition, 0 on average for a random one.

    Hubert & Arabie, Journal of Classification 2 (1985).

    Args:
        table: A x B counts. Where no pair could be told differently (one image, say) it is 1.
    """
    count = int(table.sum())
    together, first, second = (int((n * (n - 1) // 2).sum()) for n in (table, table.sum(1), table.sum(0)))
    pairs = count * (count - 1) // 2
    expected, most = first * second, pairs * (first + second) / 2
    return (pairs * together - expected) / (most - expected) if most != expected else 1.0


def matched(table: np.ndarray) -> int:
    """The most images that can be right when each class of one partition is given one of the other's, none twice.

    Args:
        table: A x B counts.
    """
    chosen = assign(table.max() - table)
    return int(sum(table[row, column] for row, column in chosen))


def assign(cost: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of a row and a column, none twice, as many as can be, of the smallest sum.

    The Hungarian method by shortest augmenting paths (Kuhn 1955; Jonker & Volgenant, Computing 38, 1987). SciPy has
    it too, but its import takes longer than everything here together.

    Args:
        cost: A x B, finite.
    """
    if cost.shape[0] > cost.shape[1]:
        return [(row, column) for column, row in assign(cost.T)]
    rows, columns = cost.shape
    of_row, of_column = np.zeros(rows), np.zeros(columns + 1)  # prices; the last column is where a path starts
    taken = np.full(columns + 1, -1)  # the row that has a column
    for row in range(rows):
        taken[columns], here = row, columns
        least, came = np.full(columns, np.inf), np.full(columns, -1)
        seen = np.zeros(columns + 1, bool)
        while taken[here] >= 0:
            seen[here] = True
            reduced = cost[taken[here]] - of_row[taken[here]] - of_column[:columns]
            better = ~seen[:columns] & (reduced < least)
            least[better], came[better] = reduced[better], here
            following = int(np.where(seen[:columns], np.inf, least).argmin())
            step = least[following]
            of_row[taken[seen]] += step
            of_column[seen] -= step
            least[~seen[:columns]] -= step
            here = following
        while here != columns:  # everyone on the path moves on by one
            taken[here], here = taken[came[here]], int(came[here])
    return sorted((int(taken[column]), column) for column in range(columns) if taken[column] >= 0)
