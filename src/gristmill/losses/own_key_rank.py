"""How often a query finds its own key: the accuracy that MoCo's training logs."""

import torch
from torch import Tensor

from gristmill.losses.contrast import BLOCK
from gristmill.losses.similarity import similarity


@torch.no_grad()
def own_key_rank(query: Tensor, key: Tensor, memory: Tensor) -> Tensor:
    """N: how many entries of the memory are nearer to the query than its own key.

    0 is a hit of the (K + 1)-way classification, below 5 one of its first five; an entry as near as the own key does
    not count.

    Args:
        query, key: N x D.
        memory: K x D. Block by block of rows: nothing of size N x K is held at once.
    """
    own = (query * key).sum(1, keepdim=True)
    step = max(1, BLOCK // len(memory))
    starts = range(0, len(query), step)
    nearer = [(similarity(query[s : s + step], memory) > own[s : s + step]).sum(1) for s in starts]
    return torch.cat(nearer)


def own_key_accuracy(query: Tensor, key: Tensor, memory: Tensor) -> dict[str, Tensor]:
    """`top1` and `top5`: shares of the batch, for the history."""
    rank = own_key_rank(query, key, memory)
    return {name: (rank < most).to(query.dtype).mean() for name, most in (("top1", 1), ("top5", 5))}
