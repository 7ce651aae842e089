"""From a step's number to its batch: indices, uint8 images, view parameters, views.

Nothing here has a state that a resume would have to restore: whatever is random comes from keys.
"""

from collections.abc import Callable, Iterator, Mapping
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gristmill.data.packed import Images, gather, parts, sizes_of
from gristmill.errors import UserError
from gristmill.methods.method import Batch, Method, Stream
from gristmill.train.class_order import ClassOrder
from gristmill.train.keys import generator
from gristmill.views.recipes import View

CHUNK = {"cuda": 16}  # batches whose views are made in one go, else 4: the fixed costs of small calls are shared
PIXELS = 2**22  # of the views of a stream that are made in one go: of large images fewer batches, at least one


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
        images: M x H x W x C uint8, or packed ones of many sizes; may be memory-mapped.
        rows: stream -> positions in `images`; read anew at every chunk.
        labels: stream -> labels of those rows.
        views: role (`weak`, `strong`) -> View.
        rank, processes: this process makes slice `rank` of every global batch.
        prefix: of all purposes; `start/` for the batches before step 0.
    """

    def __init__(
        self,
        method: Method,
        images: Images,
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
        seen = [stream.batch // processes * views[role].size ** 2 for stream in self.streams.values() for role in
                stream.views.values()]  # fmt: skip
        self.chunk = min(CHUNK.get(device.type, 4), max(1, PIXELS // max(seen, default=1)))
        for name, stream in self.streams.items():
            have = len(rows[name])
            if not have:
                raise UserError(f"the task has no images for stream '{name}' (part {stream.part})")
            if stream.batch > have and (not stream.straddle or stream.part == "train"):
                raise UserError(f"train.batch: {stream.batch} is more than the {have} images of stream '{name}'")
            if stream.batch % processes:
                raise UserError(f"train.batch: {stream.batch} cannot be shared by {processes} processes")
        self.orders = {name: self.order(name, stream) for name, stream in self.streams.items()}
        self.ready: dict[int, Batch] = {}
        self.seconds = 0.0  # spent in here: the share of time that training waits for data

    def order(self, name: str, stream: Stream) -> Callable[[int], np.ndarray]:
        """From a step to positions in a stream's rows."""
        purpose = f"{self.prefix}order/{name}"
        if stream.per_class:
            return ClassOrder(self.seed, purpose, stream, lambda: self.labels[name])
        return Order(self.seed, purpose, stream, lambda: len(self.rows[name]))

    def __call__(self, step: int) -> Batch:
        """The batch of a step; those up to the next multiple of `chunk` are made along with it."""
        started = perf_counter()
        if step not in self.ready:
            steps = range(step, (step // self.chunk + 1) * self.chunk)
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
        stream, rows = self.streams[name], self.rows[name]
        orders = [torch.from_numpy(self.orders[name](step)) for step in steps]  # of the global batches
        index = torch.cat([self.slice(order) for order in orders])
        sizes = [sizes_of(self.images, rows[order].numpy()) for order in orders]
        drawn = {
            view: self.draw_view(name, view, number, steps, sizes) for number, view in enumerate(stream.views)
        }
        made: dict[str, list[Tensor]] = {view: [] for view in stream.views}
        places = rows[index].numpy()
        for part in parts(self.images, places):
            images = torch.from_numpy(gather(self.images, places[part]))  # n x H x W x C, a copy
            images = images.permute(0, 3, 1, 2).to(self.device)
            for view, role in stream.views.items():
                own = {key: each[part] for key, each in drawn[view].items()}
                made[view].append(self.views[role].apply(images, own).to(self.dtype))
        size = stream.batch // self.processes
        views = {view: self.cut(torch.cat(some) if len(some) > 1 else some[0], size) for view, some in made.items()}
        label, index = self.labels[name][index].to(self.device).split(size), index.to(self.device).split(size)
        return [
            SimpleNamespace(label=label[i], index=index[i], **{view: views[view][i] for view in views})
            for i in range(len(steps))
        ]

    def draw_view(self, name: str, view: str, number: int, steps: range, sizes: list[Any]) -> dict[str, Tensor]:
        """The parameters of one view of one stream: drawn for the global batch of every step, then sliced."""
        stream = self.streams[name]
        recipe, purpose = self.views[stream.views[view]], f"{self.prefix}view/{name}/{view}/{number}"
        drawn = [
            recipe.draw(generator(self.seed, purpose, step), stream.batch, *size)
            for step, size in zip(steps, sizes, strict=True)
        ]
        return {key: torch.cat([self.slice(each[key]) for each in drawn]) for key in drawn[0]} if drawn else {}

    @staticmethod
    def cut(views: Tensor, size: int) -> tuple[Tensor, ...]:
        """Batch by batch, in the layout that networks like."""
        return tuple(part.contiguous(memory_format=torch.channels_last) for part in views.split(size))

    def slice(self, values: Tensor) -> Tensor:
        """This process's part of what belongs to a global batch."""
        size = len(values) // self.processes
        return values[self.rank * size : (self.rank + 1) * size]
