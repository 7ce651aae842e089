"""Slow copies of a network."""

from copy import deepcopy

import torch
from torch import Tensor, nn


class SlowCopy(nn.Module):
    """A copy that never receives gradients and follows its original (MoCo's key encoder, section 2 of its paper).

    Parameters follow; batch-norm statistics do not: a copy that is run in training mode keeps its own.
    """

    def __init__(self, original: nn.Module):
        super().__init__()
        self.network = deepcopy(original).requires_grad_(False)

    def forward(self, *inputs: Tensor):
        return self.network(*inputs)

    @torch.no_grad()
    def follow(self, original: nn.Module, momentum: float) -> None:
        """theta_k <- m theta_k + (1 - m) theta_q, for every parameter."""
        own: list[Tensor] = list(self.network.parameters())
        other: list[Tensor] = list(original.parameters())
        torch._foreach_lerp_(own, other, 1 - momentum)  # pyright: ignore[reportPrivateImportUsage]

    @torch.no_grad()
    def approach(self, original: nn.Module, rate: Tensor) -> None:
        """theta_k <- theta_k + r (theta_q - theta_k), for every parameter.

        Args:
            rate: r = 1 - m, a scalar tensor on the device, for a momentum that changes from step to step.
        """
        own: list[Tensor] = list(self.network.parameters())
        gaps = torch._foreach_sub(list(original.parameters()), own)  # pyright: ignore[reportPrivateImportUsage]
        torch._foreach_mul_(gaps, rate)  # pyright: ignore[reportPrivateImportUsage]
        torch._foreach_add_(own, gaps)  # pyright: ignore[reportPrivateImportUsage]
