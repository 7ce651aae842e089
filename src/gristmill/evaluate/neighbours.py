"""Nearest neighbours by cosine, for the gallery and for a look at a running training."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from gristmill.evaluate.cosine import Rows, blocks, cosines_of_pairs, cosines_of_rows, margin, packed, ranked
from gristmill.losses.similarity import similarity


def neighbours(
    features: np.ndarray, k: int, gallery: np.ndarray | None = None, *, rows: int | None = None
) -> np.ndarray:
    """The k nearest rows of the gallery for each row of the features, nearest first.

    Args:
        features: N x d, of any length; compared by cosine.
        k: at least 1.
        gallery: M x d. Without one the features are their own gallery and no row is its own neighbour (excluded by
            its index, so that a duplicate stays).
        rows: how many queries are compared at a time; the result does not depend on it.

    Returns:
        int64 N x min(k, M), or N x min(k, N - 1): indices of the gallery. Ties (cosines in float64 within 1e-12)
        go by rising index.

    Raises:
        ValueError: k below 1, features not finite, or dimensions that differ.
    """
    if k < 1:
        raise ValueError(f"k: at least 1 is needed, found {k}")
    query = Rows(features)
    bank = query if gallery is None else Rows(gallery, "gallery")
    if query.dim != bank.dim:
        raise ValueError(f"gallery: {bank.dim} values a row, but the features have {query.dim}")
    found = np.empty((len(query), min(k, len(bank) - (gallery is None))), np.int64)
    for block, index, _ in nearest(query, bank, k, rows):
        found[block] = index.numpy()
    return found


def nearest(query: Rows, bank: Rows, k: int, rows: int | None = None) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """Block by block: which queries, their k nearest rows of the bank, nearest first, and the cosines.

    Args:
        query: N rows.
        bank: M rows; if it is `query` itself, no row is its own neighbour.
        k: at least 1; cut to the rows that there are.
        rows: how many queries make a block.

    Yields:
        a slice, int64 R x k and float64 R x k. Ties go by rising row of the bank.
    """
    k = min(k, len(bank) - (bank is query))
    for block in blocks(len(query) if k else 0, len(bank), rows):
        similar = similarity(query.single[block], bank.single)  # R x M
        if bank is query:
            similar[:, block].diagonal().fill_(-torch.inf)
        last = similar.topk(k, sorted=False).values.amin(1, keepdim=True)
        yield block, *first(query, bank, block, similar >= last - margin(bank.dim), k)


def first(query: Rows, bank: Rows, block: slice, wanted: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """R x k: the first columns of each row of a block by falling cosine, and the cosines; ties by rising column.

    Args:
        wanted: R x M, the entries that can be among the first k.
    """
    if wanted.sum() > 0.1 * wanted.numel():  # features that hardly differ: as good as all
        cosines = cosines_of_rows(query, bank, torch.arange(block.start, block.stop))
        columns = torch.arange(len(bank)).expand(cosines.shape)
    else:
        row, column = wanted.nonzero(as_tuple=True)
        columns = packed(row, len(wanted), column, len(bank))
        cosines = packed(row, len(wanted), cosines_of_pairs(query, bank, row + block.start, column), -torch.inf)
    order = ranked(cosines)[:, :k]
    return columns.gather(1, order), cosines.gather(1, order)


def hit_rates(nearest: np.ndarray, labels: np.ndarray, ks: Sequence[int]) -> dict[int, float]:
    """Recall@K from neighbours: the share of images with one of their own label among the first K.

    Args:
        nearest: N x k, as `neighbours` gives them without a gallery.
        labels: N.
        ks: at most k, unless k already is all other images.
    """
    if max(ks) > nearest.shape[1] < len(labels) - 1:
        raise ValueError(f"ks: {max(ks)} wanted, but only {nearest.shape[1]} neighbours are given")
    hits = labels[nearest] == labels[:, None]  # N x k
    return {k: float(hits[:, :k].any(1).mean()) for k in ks}
