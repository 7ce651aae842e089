"""A training step as a CUDA graph: one call starts hundreds of kernels.

Starting them one by one takes longer than they run.
"""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from gristmill.methods.method import Batch, Clock, Method, Objective
from gristmill.train.step import Optimizer, advance, carry_out

WARM = 3  # steps of a phase before it is recorded: they make optimizer states and let libraries choose their kernels

Done = list[tuple[Objective, Tensor]]


class PlainSteps:
    """`advance`, its operations started one by one."""

    def __init__(self, method: Method, optimizers: Mapping[str, Optimizer]):
        self.method, self.optimizers = method, optimizers

    def __call__(self, batch: Batch, now: Clock) -> Done:
        """One step."""
        return advance(self.method, batch, now, self.optimizers)


class GraphSteps(PlainSteps):
    """`advance`, recorded once for each phase of a method, then replayed.

    The first steps of a phase run as usual; recording runs nothing, so no state has to be restored. What a replay
    returns lies in the same memory each time: read it before the next step.
    """

    def __init__(self, method: Method, optimizers: Mapping[str, Optimizer]):
        super().__init__(method, optimizers)
        self.seen: dict[str, int] = {}
        self.recorded: dict[str, tuple[torch.cuda.CUDAGraph, Batch, Done]] = {}
        self.stream = torch.cuda.Stream()

    def __call__(self, batch: Batch, now: Clock) -> Done:
        """One step; a phase that is None is never recorded."""
        phase = self.method.phase(now)
        if phase is None:
            return super().__call__(batch, now)
        self.seen[phase] = self.seen.get(phase, 0) + 1
        if self.seen[phase] <= WARM:
            return self.aside(batch, now)
        if phase not in self.recorded:
            self.recorded[phase] = self.record(batch, now)
        graph, inputs, done = self.recorded[phase]
        for optimizer in self.optimizers.values():
            optimizer.follow(now.step)
        for own, given in zip(tensors(inputs), tensors(batch), strict=True):
            own.copy_(given)
        graph.replay()
        return done

    def aside(self, batch: Batch, now: Clock) -> Done:
        """A step on the stream that recording will use."""
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            done = super().__call__(batch, now)
        torch.cuda.current_stream().wait_stream(self.stream)
        return done

    def record(self, batch: Batch, now: Clock) -> tuple[torch.cuda.CUDAGraph, Batch, Done]:
        """The graph, the batch that it reads, what it returns."""
        inputs: Batch = copied(batch)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=self.stream):
            done = carry_out(self.method, inputs, now, self.optimizers)
        return graph, inputs, done


def tensors(batch: Any) -> Iterator[Tensor]:
    """Every tensor of a batch, always in the same order."""
    if isinstance(batch, Tensor):
        yield batch
        return
    for _, value in sorted((vars(batch) if isinstance(batch, SimpleNamespace) else batch).items()):
        yield from tensors(value)


def copied(batch: Any) -> Any:
    """A batch of its own memory."""
    if isinstance(batch, Tensor):
        return batch.clone()
    if isinstance(batch, SimpleNamespace):
        return type(batch)(**{name: copied(value) for name, value in vars(batch).items()})
    return {name: copied(value) for name, value in batch.items()}
