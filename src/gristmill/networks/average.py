"""The exponential moving average of a network, which is evaluated in its stead."""

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor, nn

Lists = list[list[Tensor]]


class Average(nn.Module):
    """ema <- d ema + (1 - d) network after update number `it`, with d = min(1 - 1 / (it + 1), rho).

    So the first update copies, the second takes the mean of two, and from it = 1 / (1 - rho) - 1 on d is rho. Unlike a
    slow copy (`gristmill.networks.momentum`) it averages batch-norm statistics too, and starts afresh by itself (code
    that DASO, CVPR 2022, released; integer buffers are copied here, which that code averages to no effect).

    It is left in the mode that it is in: who runs it in training mode moves its own batch-norm statistics.

    Buffer: `updates` (), how many there were; 0 starts afresh.

    Args:
        original: copied now.
        rho: the largest d.
    """

    updates: Tensor

    def __init__(self, original: nn.Module, rho: float):
        super().__init__()
        self.network = deepcopy(original).requires_grad_(False)
        self.rho = rho
        self.register_buffer("updates", torch.zeros((), dtype=torch.long))
        self.pairs: tuple[nn.Module, Lists, Lists] | None = None  # found once: walking a network is slow

    def forward(self, *inputs: Tensor):
        return self.network(*inputs)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True):
        """A move to another device or type makes new buffers."""
        self.pairs = None
        return super()._apply(fn, recurse)

    def decay(self) -> Tensor:
        """(): d of the next update."""
        number = (self.updates + 1).to(next(self.network.parameters()).dtype)
        return (1 - 1 / number).clamp(max=self.rho)

    @torch.no_grad()
    def follow(self, original: nn.Module, shrink: Tensor | None = None) -> None:
        """Take up the network's weights after an update. All of it stays on the device.

        Args:
            shrink: (), factor for the average's convolutions and linear weights afterwards: 1 - lr * weight decay of
                the average; biases and batch norm keep theirs.
        """
        if self.pairs is None or self.pairs[0] is not original:
            self.pairs = original, parts(self.network), parts(original)
        _, (own, counters), (other, theirs) = self.pairs
        decay = self.decay()
        torch._foreach_mul_(own, decay)  # pyright: ignore[reportPrivateImportUsage]
        step = torch._foreach_mul(other, 1 - decay)  # pyright: ignore[reportPrivateImportUsage]
        torch._foreach_add_(own, step)  # pyright: ignore[reportPrivateImportUsage]
        if shrink is not None:
            weights: list[Tensor] = [p for p in self.network.parameters() if p.ndim > 1]
            torch._foreach_mul_(weights, shrink)  # pyright: ignore[reportPrivateImportUsage]
        if counters:
            torch._foreach_copy_(counters, theirs)  # pyright: ignore[reportPrivateImportUsage]
        self.updates.add_(1)


def parts(network: nn.Module) -> Lists:
    """Parameters and floating-point buffers, in the order of registration; and the other buffers: counts of batches."""
    buffers = list(network.buffers())
    floats = [buffer for buffer in buffers if buffer.is_floating_point()]
    return [[*network.parameters(), *floats], [buffer for buffer in buffers if not buffer.is_floating_point()]]
