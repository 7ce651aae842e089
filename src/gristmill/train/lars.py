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
        """Move all parameters that have a gradient. Nothing asks the device."""
        for group in self.param_groups:
            parameters: list[Tensor] = [p for p in group["params"] if p.grad is not None]
            if not parameters:
                continue
            rate, updates = group["lr"], adapted(parameters, group["weight_decay"], group["trust"])
            buffers = [self.buffer(p) for p in parameters]
            torch._foreach_mul_(buffers, group["momentum"])  # pyright: ignore[reportPrivateImportUsage]
            taken = torch._foreach_mul(updates, rate) if self.rate_inside else updates  # pyright: ignore[reportPrivateImportUsage]
            torch._foreach_add_(buffers, taken)  # pyright: ignore[reportPrivateImportUsage]
            moves = buffers if self.rate_inside else torch._foreach_mul(buffers, rate)  # pyright: ignore[reportPrivateImportUsage]
            torch._foreach_sub_(parameters, moves)  # pyright: ignore[reportPrivateImportUsage]

    def buffer(self, parameter: Tensor) -> Tensor:
        """mu, which starts at 0."""
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        return state["momentum_buffer"]


def adapted(parameters: list[Tensor], decay: float, trust: float) -> list[Tensor]:
    """u of every parameter, in the same order.

    Args:
        decay: beta.
        trust: eta.
    """
    updates = [p.grad for p in parameters if p.grad is not None]
    places = [place for place, p in enumerate(parameters) if p.ndim > 1]
    if not places:
        return updates
    weights = [parameters[place] for place in places]
    decayed = torch._foreach_add([updates[place] for place in places], weights, alpha=decay)  # pyright: ignore[reportPrivateImportUsage]
    own, other = (torch.stack(torch._foreach_norm(tensors)) for tensors in (weights, decayed))  # pyright: ignore[reportPrivateImportUsage]
    both = (own > 0) & (other > 0)
    ratios = torch.where(both, trust * own / torch.where(both, other, 1), 1)
    for place, update, ratio in zip(places, decayed, ratios.unbind(), strict=True):
        updates[place] = update.mul_(ratio)
    return updates
