"""Retrieval in float64, one query at a time, as slowly and plainly as it can be written."""

import numpy as np

TIE = 1e-12


def cosines(features: np.ndarray, gallery: np.ndarray | None = None) -> np.ndarray:
    """N x M."""
    rows = [np.asarray(f, np.float64) for f in (features, features if gallery is None else gallery)]
    one, other = (f / np.maximum(np.linalg.norm(f, axis=1, keepdims=True), 1e-12) for f in rows)
    return one @ other.T


def ranking(features: np.ndarray, gallery: np.ndarray | None = None) -> list[list[int]]:
    """For each query all others, nearest first; chains of ties by index."""
    lists = []
    for query, row in enumerate(cosines(features, gallery)):
        others = [j for j in np.argsort(-row, kind="stable") if gallery is not None or j != query]
        groups: list[list[int]] = []
        for position, j in enumerate(others):
            if position and row[others[position - 1]] - row[j] <= TIE:
                groups[-1].append(int(j))
            else:
                groups.append([int(j)])
        lists.append([j for group in groups for j in sorted(group)])
    return lists


def first_hits(features: np.ndarray, labels: np.ndarray) -> list[int]:
    """Rank of the first neighbour with the query's label, 0 without one."""
    ranks = []
    for query, others in enumerate(ranking(features)):
        hits = [place for place, j in enumerate(others, start=1) if labels[j] == labels[query]]
        ranks.append(hits[0] if hits else 0)
    return ranks
