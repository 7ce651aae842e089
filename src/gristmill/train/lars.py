"""LARS: the step of every weight tensor is in proportion to its own norm (You, Gitman & Ginsburg, arXiv 1708.03888)."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer


class LARS(Optimizer):
    """With w a parameter, g its gradient, beta weight decay, eta trust, mu the momentum buffer:

        u = eta |w| / |g + beta w| (g + beta w)   where w has more than one dimension; the factor is 1 if a norm is 0
        u = g                                     biases and batch norm: neither adapted nor decayed
        BYOL's form:    mu <- m mu + u,       w <- w - lr mu
        SimCLR's form:  mu <- m mu + lr u,    w <- w - mu

    The two are the same while lr is constant. In SimCLR's a step keeps the rate of the time when it was taken up.

    Args:
        params: parameters, or groups of them with `lr` and `weight_decay` of their own.
        lr: a number or a scalar tensor.
        rate_inside: SimCLR's form.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        trust: float = 1e-3,
        rate_inside: bool = False,
    ):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "trust": trust})
        self.rate_inside = rate_inside

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Move all parameters that have a gradient. Nothing asks the device.

        The gradients are used up: computing in their memory takes half the time of computing in new memory.
        """
        for group in self.param_groups:
            parameters: list[Tensor] = [p for p in group["params"] if p.grad is not None]
            if not parameters:
                continue
            updates = [p.grad for p in parameters if p.grad is not None]
            buffers, rate = [self.buffer(p) for p in parameters], group["lr"]
            adapt(parameters, updates, group["weight_decay"], group["trust"])
            if self.rate_inside:
                torch._foreach_mul_(updates, rate)  # pyright: ignore[reportPrivateImportUsage]
            torch._foreach_mul_(buffers, group["momentum"])  # pyright: ignore[reportPrivateImportUsage]
            torch._foreach_add_(buffers, updates)  # pyright: ignore[reportPrivateImportUsage]
            if not self.rate_inside:
                torch._foreach_copy_(updates, buffers)  # pyright: ignore[reportPrivateImportUsage]
                torch._foreach_mul_(updates, rate)  # pyright: ignore[reportPrivateImportUsage]
            moves = buffers if self.rate_inside else updates
            torch._foreach_sub_(parameters, moves)  # pyright: ignore[reportPrivateImportUsage]

    def buffer(self, parameter: Tensor) -> Tensor:
        """mu, which starts at 0."""
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        return state["momentum_buffer"]


def adapt(parameters: list[Tensor], gradients: list[Tensor], decay: float, trust: float) -> None:
    """Turn the gradient of every parameter into u.

    Args:
        decay: beta.
        trust: eta.
    """
    pairs = [(p, g) for p, g in zip(parameters, gradients, strict=True) if p.ndim > 1]
    if not pairs:
        return
    weights, updates = [p for p, _ in pairs], [g for _, g in pairs]
    torch._foreach_add_(updates, weights, alpha=decay)  # pyright: ignore[reportPrivateImportUsage]
    own, other = (torch.stack(torch._foreach_norm(some)) for some in (weights, updates))  # pyright: ignore[reportPrivateImportUsage]
    both = (own > 0) & (other > 0)
    ratios = torch.where(both, trust * own / torch.where(both, other, 1), 1)
    for update, ratio in zip(updates, ratios.unbind(), strict=True):
        update.mul_(ratio)
