"""From a step's number to its batch: indices, uint8 images, view parameters, views.

Nothing here has a state that a resume would have to restore: whatever is random comes from keys.
"""

from collections.abc import Callable, Iterator, Mapping
from time import perf_counter
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor

from gristmill.errors import UserError
from gristmill.methods.method import Batch, Method, Stream
from gristmill.train.keys import generator
from gristmill.views.recipes import View

CHUNK = 4  # batches whose views are made in one go: the fixed costs of small calls are shared


class Order:
    """Which rows of a stream make the batch of a step.

    Args:
        purpose: of the permutations' keys.
        count: rows of the stream; read at every step, since a method may change a stream's rows.
    """

    def __init__(self, seed: int, purpose: str, stream: Stream, count: Callable[[], int]):
        self.seed, self.purpose, self.stream, self.count = seed, purpose, stream, count
        self.last: tuple[int, int, np.ndarray] | None = None

    def permutation(self, number: int) -> np.ndarray:
        """The permutation of one pass over the stream."""
        count = self.count()
        if self.last is None or self.last[:2] != (number, count):
            self.last = (number, count, generator(self.seed, self.purpose, number).permutation(count))
        return self.last[2]

    def __call__(self, step: int) -> np.ndarray:
        """Positions in the stream's rows, for the global batch of a step."""
        size, count = self.stream.batch, self.count()
        if not self.stream.straddle:
            in_pass = count // size
            place = step % in_pass * size
            return self.permutation(step // in_pass)[place : place + size]
        places = np.arange(step * size, (step + 1) * size)
        passes = places // count
        return np.concatenate([self.permutation(p)[places[passes == p] % count] for p in np.unique(passes)])


class Batches:
    """The batches of one run, on the device, made a few at a time.

    Args:
        method: names streams, views and own draws.
        images: M x H x W x C uint8, may be memory-mapped.
        rows: stream -> positions in `images`; read anew at every chunk.
        labels: stream -> labels of those rows.
        views: role (`weak`, `strong`) -> View.
        rank, processes: this process makes slice `rank` of every global batch.
        prefix: of all purposes; `start/` for the batches before step 0.
    """

    def __init__(
        self,
        method: Method,
        images: np.ndarray,
        rows: Mapping[str, Tensor],
        labels: Mapping[str, Tensor],
        views: Mapping[str, View],
        seed: int,
        device: torch.device,
        dtype: torch.dtype = torch.float32,
        rank: int = 0,
        processes: int = 1,
        prefix: str = "",
    ):
        self.method, self.images, self.rows, self.labels, self.views = method, images, rows, labels, views
        self.seed, self.device, self.dtype, self.prefix = seed, device, dtype, prefix
        self.rank, self.processes = rank, processes
        self.streams = method.streams()
        for name, stream in self.streams.items():
            have = len(rows[name])
            if stream.batch > have and not stream.straddle:
                raise UserError(f"train.batch: {stream.batch} is more than the {have} images of stream '{name}'")
            if stream.batch % processes:
                raise UserError(f"train.batch: {stream.batch} cannot be shared by {processes} processes")
        self.orders = {
            name: Order(seed, f"{prefix}order/{name}", stream, lambda n=name: len(self.rows[n]))
            for name, stream in self.streams.items()
        }
        self.ready: dict[int, Batch] = {}
        self.seconds = 0.0  # spent in here: the share of time that training waits for data

    def __call__(self, step: int) -> Batch:
        """The batch of a step; those up to the next multiple of CHUNK are made along with it."""
        started = perf_counter()
        if step not in self.ready:
            steps = range(step, (step // CHUNK + 1) * CHUNK)
            self.ready = dict(zip(steps, self.make(steps), strict=True))
        batch = self.ready.pop(step)
        self.seconds += perf_counter() - started
        return batch

    def forget(self) -> None:
        """Drop what was made ahead: a method has changed a stream's rows."""
        self.ready = {}

    def endless(self) -> Iterator[Batch]:
        """Batch after batch."""
        step = 0
        while True:
            yield self(step)
            step += 1

    def make(self, steps: range) -> list[Batch]:
        """The batches of neighboring steps."""
        streams = {name: self.make_stream(name, steps) for name in self.streams}
        sizes = {name: stream.batch for name, stream in self.streams.items()}
        batches = []
        for place, step in enumerate(steps):
            drawn = self.method.draw(generator(self.seed, f"{self.prefix}draws", step), sizes)
            draws = {name: self.slice(value).to(self.device) for name, value in drawn.items()}
            parts = {name: made[place] for name, made in streams.items()}
            batches.append(Batch(draws=draws, **parts))
        return batches

    def make_stream(self, name: str, steps: range) -> list[SimpleNamespace]:
        """One stream's part of the batches: views, labels, positions."""
        stream = self.streams[name]
        index = torch.cat([self.slice(torch.from_numpy(self.orders[name](step))) for step in steps])
        images = torch.from_numpy(self.images[self.rows[name][index].numpy()])       # n x H x W x C, a copy
        images = images.permute(0, 3, 1, 2).to(self.device)
        made = {view: self.make_view(name, view, number, images, steps) for number, view in enumerate(stream.views)}
        size = stream.batch // self.processes
        label, index = self.labels[name][index].to(self.device).split(size), index.to(self.device).split(size)
        return [
            SimpleNamespace(label=label[i], index=index[i], **{view: made[view][i] for view in made})
            for i in range(len(steps))
        ]

    def make_view(self, name: str, view: str, number: int, images: Tensor, steps: range) -> tuple[Tensor, ...]:
        """One view of one stream: its parameters are drawn for the global batch of every step."""
        stream = self.streams[name]
        recipe = self.views[stream.views[view]]
        height, width = images.shape[2:]
        purpose = f"{self.prefix}view/{name}/{view}/{number}"
        drawn = [recipe.draw(generator(self.seed, purpose, s), stream.batch, height, width) for s in steps]
        parameters = {key: torch.cat([self.slice(d[key]) for d in drawn]) for key in drawn[0]} if drawn else {}
        seen = recipe.apply(images, parameters).to(self.dtype)
        size = stream.batch // self.processes
        return tuple(part.contiguous(memory_format=torch.channels_last) for part in seen.split(size))

    def slice(self, values: Tensor) -> Tensor:
        """This process's part of what belongs to a global batch."""
        size = len(values) // self.processes
        return values[self.rank * size : (self.rank + 1) * size]
