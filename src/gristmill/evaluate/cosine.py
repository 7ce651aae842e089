"""Cosines of many rows: screened by a product in float32, decided in float64.

A product in float32 is fast, and wrong in its last digits in a way that depends on the processor, the kernel and
the shape of a block. Whoever ranks by it lets these decide between near neighbours. Here it only says which few
entries can matter; their cosines are computed again in float64, and those decide. So the order of neighbours is that
of float64, whatever the features' precision, the blocks and the machine.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

TIE = 1e-12
"""Cosines at most this far apart are tied, and so are the ends of a chain of such."""
BLOCK = 2_000_000
"""Entries of a block of a product: 8 MB in float32."""


class Rows:
    """N rows of length 1, made from features of any length.

    Args:
        features: N x d, finite.
        name: what an error calls them.
        order: row i is the features' row `order[i]`.
    """

    def __init__(self, features: np.ndarray, name: str = "features", order: np.ndarray | None = None):
        if features.ndim != 2 or 0 in features.shape:
            raise ValueError(f"{name}: a table N x d of at least one row is needed, found the shape {features.shape}")
        self.source = torch.from_numpy(np.ascontiguousarray(features))
        self.order = torch.from_numpy(np.arange(len(features)) if order is None else order)
        self.length = torch.ones(len(features), dtype=torch.float64)
        self.single = torch.empty(features.shape, dtype=torch.float32)  # N x d
        self.dim = features.shape[1]
        for part in blocks(len(self), self.dim):
            self.length[part] = self.double(part).norm(dim=1).clamp_(min=1e-12)
            self.single[part] = self.double(part)
        bad = self.order[~self.length.isfinite()]
        if len(bad):
            raise ValueError(
                f"{name}: {len(bad)} of {len(self)} rows are not finite (the first is row {int(bad.min())}): "
                "the network has diverged; evaluate an earlier state of it"
            )

    def double(self, index: Tensor | slice) -> Tensor:
        """Some rows in float64."""
        return self.source[self.order[index]].double() / self.length[index, None]

    @cached_property
    def doubles(self) -> Tensor:
        """All rows in float64: taken only where features hardly differ."""
        return self.double(slice(None))

    def __len__(self) -> int:
        return len(self.length)


def blocks(rows: int, width: int, size: int | None = None) -> Iterator[slice]:
    """Cut `rows` rows of `width` entries into slices of `size` rows; by default a slice has about `BLOCK` entries."""
    step = size or max(1, BLOCK // max(width, 1))
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


def margin(dim: int) -> float:
    """How far apart two float32 cosines may be while float64 orders them the other way.

    Twice the bound of a product's error, dim u / (1 - dim u) with u = 2^-24 in any order of summation, and some u
    more for rounding rows and thresholds and for chains of ties.
    """
    u = 2.0**-24
    return 2 * (dim * u / (1 - dim * u) + 8 * u)


def cosines_of_pairs(queries: Rows, gallery: Rows, row: Tensor, column: Tensor) -> Tensor:
    """P, float64: the cosine of query `row[i]` and gallery entry `column[i]`."""
    product = torch.empty(len(row), dtype=torch.float64)
    for part in blocks(len(row), 4 * queries.dim):
        one, other = (rows.source[rows.order[at[part]]] for rows, at in ((queries, row), (gallery, column)))
        product[part] = one.double().mul_(other).sum(1)
    return product / queries.length[row] / gallery.length[column]


def cosines_of_rows(queries: Rows, gallery: Rows, row: Tensor) -> Tensor:
    """R x M, float64: the cosines of some queries with all of the gallery; -inf with itself if both are the same."""
    cosine = queries.double(row) @ gallery.doubles.T
    if queries is gallery:
        cosine[torch.arange(len(row)), row] = -torch.inf
    return cosine


def ranked(cosine: Tensor) -> Tensor:
    """R x C: each row's places by falling cosine (float64); ties, and chains of ties, by rising place."""
    falling, order = cosine.sort(dim=1, descending=True, stable=True)
    group = pad((falling[:, :-1] - falling[:, 1:] > TIE).cumsum(1), (1, 0))
    return order.gather(1, (group * cosine.shape[1] + order).argsort(1))


def packed(row: Tensor, rows: int, values: Tensor, fill: float) -> Tensor:
    """R x C: the values of each row side by side, in the order they came; C is the most that a row has, at least 1.

    Args:
        row: P, rising, the row of each value.
        rows: R.
        values: P.
        fill: what stands behind a row's last value.
    """
    counts = torch.bincount(row, minlength=rows)
    place = torch.arange(len(row)) - pad(counts.cumsum(0), (1, 0))[row]
    table = torch.full((rows, max(1, int(counts.max()))), fill, dtype=values.dtype)
    table[row, place] = values
    return table
