"""One step of any method: run its generator, and where it yields a loss, update its weights."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD

from gristmill.methods.method import Batch, Clock, Method, Objective
from gristmill.methods.method import Optimizer as Settings
from gristmill.networks.parallel import average_gradients
from gristmill.train.lars import LARS
from gristmill.train.schedules import SCHEDULES


class Optimizer:
    """SGD or LARS whose learning rate is a tensor that follows a table.

    Args:
        settings: what the method asks for.
        epochs, epoch_steps: the run's length, for the schedule.
    """

    def __init__(self, settings: Settings, epochs: int, epoch_steps: int):
        self.parameters = settings.parameters + settings.spared
        self.clipped = settings.clipped or self.parameters
        rates = SCHEDULES[settings.schedule](settings.lr, epochs, settings.warmup, epoch_steps)
        device = settings.parameters[0].device
        kind, place = (torch.float32, device) if device.type == "cuda" else (torch.float64, None)
        self.rates = torch.tensor(rates, dtype=kind, device=place)  # CUDA's kernel reads a rate there, in float32
        self.rate = torch.zeros((), dtype=kind, device=place)
        self.sgd = self.descend(settings, device.type in ("cpu", "cuda"))

    def descend(self, settings: Settings, fused: bool) -> SGD | LARS:
        """The rule, with a group for every weight decay and rate."""
        kept, steady = torch.full_like(self.rate, settings.lr), set(settings.steady)
        groups = [
            {"params": members, "weight_decay": decay, "lr": rate}
            for moved, decay in ((settings.parameters, settings.weight_decay), (settings.spared, 0.0))
            for rate, members in ((self.rate, [p for p in moved if p not in steady]),
                                  (kept, [p for p in moved if p in steady]))
            if members
        ]  # fmt: skip
        if settings.rule == "sgd":
            return SGD(groups, self.rate, settings.momentum, nesterov=settings.nesterov, fused=fused)
        inside = {"lars": False, "lars_simclr": True}[settings.rule]
        return LARS(groups, self.rate, settings.momentum, trust=settings.trust, rate_inside=inside)

    def follow(self, step: int) -> None:
        """Take up the learning rate of a step."""
        self.rate.copy_(self.rates[step])

    def update(self, loss: Tensor, clip: float | Tensor | None) -> Tensor:
        """Move the parameters down the gradient of `loss`; the norm of that gradient, before clipping."""
        self.sgd.zero_grad(set_to_none=True)
        loss.backward()
        average_gradients(self.parameters)
        gradients = [p.grad for p in self.clipped if p.grad is not None]
        norm = torch.stack(torch._foreach_norm(gradients)).norm()  # pyright: ignore[reportPrivateImportUsage]
        if clip is not None:
            torch._foreach_mul_(gradients, (clip / (norm + 1e-6)).clamp(max=1))  # pyright: ignore[reportPrivateImportUsage]
        self.sgd.step()
        return norm

    def state(self) -> dict[str, Tensor]:
        """Momentum buffers by position; a parameter that never had a gradient has none."""
        states = [self.sgd.state.get(p, {}) for p in self.parameters]
        return {str(i): s["momentum_buffer"] for i, s in enumerate(states) if s.get("momentum_buffer") is not None}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Take up a state again; a buffer gets its parameter's memory layout, which the fused kernel relies on."""
        for i, buffer in state.items():
            parameter = self.parameters[int(i)]
            self.sgd.state[parameter]["momentum_buffer"] = torch.empty_like(parameter).copy_(buffer).detach()


def make_optimizers(method: Method, epochs: int, epoch_steps: int) -> dict[str, Optimizer]:
    """The optimizers that a method names."""
    return {name: Optimizer(settings, epochs, epoch_steps) for name, settings in method.optimizers().items()}


def advance(
    method: Method, batch: Batch, now: Clock, optimizers: Mapping[str, Optimizer]
) -> list[tuple[Objective, Tensor]]:
    """Run one step of a method to its end.

    Returns:
        Each objective that the method yielded, with the norm of its gradient.
    """
    for optimizer in optimizers.values():
        optimizer.follow(now.step)
    return carry_out(method, batch, now, optimizers)


def carry_out(
    method: Method, batch: Batch, now: Clock, optimizers: Mapping[str, Optimizer]
) -> list[tuple[Objective, Tensor]]:
    """`advance` without taking up the step's learning rate: nothing here depends on the step's number."""
    steps: Any = method.step(batch, now)
    done: list[tuple[Objective, Tensor]] = []
    norm = None
    while True:
        try:
            objective = steps.send(norm)
        except StopIteration:
            return done
        norm = optimizers[objective.optimizer].update(objective.loss, objective.clip)
        done.append((objective, norm))
