"""k-means of a few thousand rows, and which number of clusters fits them.

In float64 on one thread, every draw from a key: the same bits with any number of threads. Not scikit-learn's: its
import alone takes longer than the clustering of a whole test set, and a machine that evaluates need not have it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from gristmill.evaluate.cosine import TIE, blocks

STEPS = 300
"""Most rounds of assigning and averaging."""


def kmeans(rows: Tensor, number: int, restarts: int, key: int = 0) -> tuple[Tensor, Tensor]:
    """Lloyd's algorithm from several starts of k-means++ (Arthur & Vassilvitskii, SODA 2007); the tightest is kept.

    Args:
        rows: n x d, float64, finite.
        number: of clusters; where there are fewer distinct rows, there are fewer clusters.
        restarts: starts, at least 1.
        key: of the draws.

    Returns:
        n int64, the cluster of each row, none of them empty; and the sum of squared distances to the means.
    """
    with one_thread():
        rows = narrow(rows)
        starts = [first_means(rows, number, np.random.default_rng((key, start))) for start in range(restarts)]
        found = [lloyd(rows, means) for means in starts]
    loss = torch.stack([loss for _, loss in found])
    best = int((loss <= loss.amin() + TIE).nonzero()[0])
    return found[best][0].unique(return_inverse=True)[1], loss[best]


def narrow(rows: Tensor) -> Tensor:
    """The same distances in at most n coordinates: n x min(n, d)."""
    return torch.linalg.qr(rows.T, mode="r").R.T.contiguous() if rows.shape[1] > len(rows) else rows


def squares(rows: Tensor, means: Tensor, lengths: Tensor | None = None) -> Tensor:
    """n x K: squared distances.

    Args:
        lengths: n, the rows' squared lengths, if they are known.
    """
    lengths = rows.square().sum(1) if lengths is None else lengths
    return torch.addmm(means.square().sum(1), rows, means.T, alpha=-2).add_(lengths[:, None]).clamp_(min=0)


def first_means(rows: Tensor, number: int, rng: np.random.Generator) -> Tensor:
    """K x d: rows far apart (the greedy form of k-means++).

    Of a few rows, each drawn with a chance of its squared distance to the nearest of those before, the one that leaves
    the least of it.
    """
    lengths, tries = rows.square().sum(1), 2 + int(np.log(number))
    chosen = [int(rng.integers(len(rows)))]
    least = squares(rows, rows[chosen], lengths)[:, 0]
    while len(chosen) < number:
        chance = least.where(least > TIE, 0).cumsum(0)
        if not chance[-1]:  # no further distinct row
            break
        drawn = torch.searchsorted(chance, torch.from_numpy(rng.random(tries)) * chance[-1], right=True)
        drawn.clamp_(max=int((least > TIE).nonzero()[-1]))  # where the product was rounded up
        left = torch.minimum(squares(rows, rows[drawn], lengths), least[:, None])  # n x tries
        best = int(left.sum(0).argmin())
        chosen.append(int(drawn[best]))
        least = left[:, best]
    return rows[chosen]


def lloyd(rows: Tensor, means: Tensor) -> tuple[Tensor, Tensor]:
    """From first means to a fixed point: n clusters, and the sum of squared distances to their means.

    A cluster that loses its last row starts again at the row that is farthest from its mean.
    """
    lengths, before = rows.square().sum(1), torch.full((len(rows),), -1)
    for _ in range(STEPS):
        own, least = nearest(rows, means, lengths)
        empty = (torch.bincount(own, minlength=len(means)) == 0).nonzero().flatten()
        if len(empty):
            own[least.topk(len(empty)).indices] = empty
        if own.equal(before):
            break
        before, means = own, averages(rows, own, len(means))
    return before, (rows - means[before]).square().sum()


def nearest(rows: Tensor, means: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """The nearest mean of each row, and how far it is, squared; a few rows at a time."""
    parts = [squares(rows[part], means, lengths[part]).min(1) for part in blocks(len(rows), len(means))]
    return torch.cat([part.indices for part in parts]), torch.cat([part.values for part in parts])


def averages(rows: Tensor, own: Tensor, number: int) -> Tensor:
    """K x d: the mean of each cluster."""
    sums = torch.zeros(number, rows.shape[1], dtype=rows.dtype).index_add_(0, own, rows)
    return sums / torch.bincount(own, minlength=number).clamp(min=1)[:, None]


def silhouettes(rows: Tensor, owns: Sequence[Tensor]) -> Tensor:
    """How well each of several clusterings fits: the mean silhouette (Rousseeuw, J. Comput. Appl. Math. 20, 1987).

    Of a row: (b - a) / max(a, b), a its mean distance to the others of its cluster, b that to the nearest other
    cluster; 0 where it is alone in its cluster.

    Args:
        rows: n x d.
        owns: n each, from 0, no cluster empty.

    Returns:
        a value from -1 to 1 for each; 0 for a single cluster.
    """
    total = torch.zeros(len(owns), dtype=rows.dtype)
    with one_thread():
        for part in blocks(len(rows), len(rows)):
            apart = squares(rows[part], rows).sqrt_()  # r x n
            apart[:, part].diagonal().zero_()
            for place, own in enumerate(owns):
                total[place] += widths(apart, own, part).sum()
    return total / len(rows)


def widths(apart: Tensor, own: Tensor, part: slice) -> Tensor:
    """r: the silhouettes of some rows.

    Args:
        apart: r x n, their distances to all rows.
        own: n.
        part: which rows they are.
    """
    member = one_hot(own).to(apart.dtype)  # n x K
    size, mine = member.sum(0), own[part, None]
    sums = apart @ member  # r x K
    within = sums.gather(1, mine)[:, 0] / (size[mine[:, 0]] - 1).clamp(min=1)
    between = (sums / size).scatter(1, mine, torch.inf).amin(1)
    width = (between - within) / torch.maximum(between, within).clamp(min=TIE)
    return width.where((size[mine[:, 0]] > 1) & between.isfinite(), 0)


@contextmanager
def one_thread() -> Iterator[None]:
    """Small products, and bits that do not depend on the number of threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
