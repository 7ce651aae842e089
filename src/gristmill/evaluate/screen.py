"""Counting in float32 who is nearer than the own class, and naming those too near to be sure."""

import torch
from torch import Tensor

from gristmill.evaluate.cosine import BLOCK, Rows, blocks, margin
from gristmill.losses.similarity import similarity

CELL = 64
"""Entries whose smallest is looked at first when a block is searched for small ones."""


def nearest_of_own(bank: Rows, sizes: Tensor) -> Tensor:
    """N, float32: each row's largest cosine with another row of its class; infinity where it is alone.

    Args:
        bank: sorted by class.
        sizes: rows of each class, in that order.
    """
    best = torch.full((len(bank),), torch.inf)
    for own, result in zip(bank.single.split(sizes.tolist()), best.split(sizes.tolist()), strict=True):
        for part in blocks(len(own) if len(own) > 1 else 0, len(own)):
            similar = similarity(own[part], own)
            similar[:, part].diagonal().fill_(-torch.inf)
            torch.amax(similar, 1, out=result[part])
    return best


def small(values: Tensor, bound: float) -> Tensor:
    """Flat places, rising, of the few values that are at most `bound`; looks at cells before it looks at values."""
    flat = values.flatten()
    whole = len(flat) // CELL
    cells = (flat[: whole * CELL].view(whole, CELL).amin(1) <= bound).nonzero().flatten()
    cells = torch.cat([cells, torch.tensor([whole])])  # what does not fill a cell is always looked at
    places = (cells[:, None] * CELL + torch.arange(CELL)).flatten()
    places = places[places < len(flat)]
    return places[flat[places] <= bound]


class Screen:
    """What a float32 product can say about the rank of each row's nearest of its own class.

    Every pair is multiplied once and looked at from both sides.

    Attributes:
        before: N, how many rows are surely nearer.
        crowded: N, whether too many rows are too near to tell to keep them.

    Args:
        bank: sorted by class.
        sizes: rows of each class.
        tile: rows that are multiplied with as many rows at a time.
    """

    def __init__(self, bank: Rows, sizes: Tensor, tile: int | None = None):
        self.best, self.slack = nearest_of_own(bank, sizes), margin(bank.dim)
        self.before, self.unsure = torch.zeros(2, len(bank), dtype=torch.int64)
        self.limit = 64 + len(bank) // 500
        self.found: list[Tensor] = []
        tile = tile or int(BLOCK**0.5)
        self.work = torch.empty(2, min(tile, len(bank)) ** 2)
        for first in blocks(len(bank), 0, tile):
            for second in blocks(len(bank), 0, tile):
                if second.start >= first.start:
                    self.multiply(bank, first, second)

    def multiply(self, bank: Rows, first: slice, second: slice) -> None:
        """One tile, R x C: its rows as queries, and its columns too unless it is on the diagonal."""
        similar = similarity(bank.single[first], bank.single[second])
        if first == second:
            similar.diagonal().fill_(-torch.inf)
        else:
            self.look(similar, self.best[second], 0, second.start, first.start)
        self.look(similar, self.best[first, None], 1, first.start, second.start)

    def look(self, similar: Tensor, best: Tensor, dim: int, query: int, other: int) -> None:
        """Take the queries' side of a tile; `dim` is the direction of the others, `query` and `other` its corner."""
        mine = slice(query, query + similar.shape[1 - dim])
        if self.crowded[mine].all():
            return
        distance, above = (work[: similar.numel()].view_as(similar) for work in self.work)
        torch.sub(similar, best, out=distance)
        above = torch.gt(distance, self.slack, out=above)  # 0 and 1 in float32: faster than boolean
        self.before[mine] += above.sum(dim).long()
        place = small(distance.abs_(), self.slack)
        pair = torch.stack([place // similar.shape[1], place % similar.shape[1]])
        row, column = pair.flip(0) if dim == 0 else pair
        self.unsure[mine] += torch.bincount(row, minlength=similar.shape[1 - dim])
        keep = ~self.crowded[row + query]
        self.found.append(torch.stack([row[keep] + query, column[keep] + other]))

    @property
    def crowded(self) -> Tensor:
        return self.unsure > self.limit

    def pairs(self) -> tuple[Tensor, Tensor]:
        """Rows and columns of the pairs that float32 cannot tell from the best, where there are several.

        The best itself is one of a row's pairs. Crowded rows are left out.
        """
        row, column = torch.cat(self.found, 1)
        keep = ((self.unsure > 1) & ~self.crowded)[row]
        return row[keep], column[keep]
