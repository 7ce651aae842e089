"""What a method remembers of earlier batches."""

import torch
from torch import Tensor, nn

from gristmill.networks.parallel import gather


class Memory(nn.Module):
    """The newest K keys and their labels, first in first out (MoCo's queue).

    Buffers: `keys` K x D unit rows, `labels` K, `pointer` (): where the next batch goes.
    """

    keys: Tensor
    labels: Tensor
    pointer: Tensor

    def __init__(self, size: int, dim: int):
        super().__init__()
        self.register_buffer("keys", torch.zeros(size, dim))
        self.register_buffer("labels", torch.full((size,), -1))
        self.register_buffer("pointer", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def push(self, keys: Tensor, labels: Tensor | None = None) -> None:
        """Overwrite the oldest N entries, in batch order. Call it after the update that read the old entries.

        Args:
            keys: N x D unit rows of this process; those of all processes are stored, in the order of their ranks.
            labels: N; None where nobody asks for them.
        """
        keys = gather(keys)
        places = (self.pointer + torch.arange(len(keys), device=keys.device)) % len(self.keys)
        self.keys.index_copy_(0, places, keys.to(self.keys.dtype))
        if labels is not None:
            self.labels.index_copy_(0, places, gather(labels))
        self.pointer.add_(len(keys)).remainder_(len(self.keys))
