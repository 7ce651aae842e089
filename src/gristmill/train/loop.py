"""The loop of every method: batch, step, log; checkpoint and monitor at their times. It knows no paper."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, distributed, nn
from tqdm import tqdm

from gristmill.data.packed import Images
from gristmill.errors import UserError
from gristmill.evaluate.classification import listed
from gristmill.evaluate.features import evaluating, see
from gristmill.evaluate.rank import spread
from gristmill.methods.method import Clock, Method
from gristmill.networks.parallel import gather, processes, share_batch_norm
from gristmill.train.batches import Batches
from gristmill.train.checkpoint import Checkpoint
from gristmill.train.graph import GraphSteps, PlainSteps
from gristmill.train.history import StepLog, collapse_warning
from gristmill.train.precision import choose_device, place, use_bf16
from gristmill.train.progress import Progress
from gristmill.train.pseudo import PseudoLabelCounts
from gristmill.train.step import make_optimizers
from gristmill.views.recipes import recipe

Monitor = Callable[[nn.Module, bool], dict[str, float]]  # network, bf16 -> columns of the history


class Run:
    """One run of a method on a task.

    Args:
        method: not yet placed on a device.
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task: `row`, `part`, `label`; `fine` is read for nothing but counting pseudo-labels.
        settings: of the experiment; `views`, `train` and `monitor` are read here.
        checkpoint: where the state of the unfinished run lies; None keeps none.
        monitor: called at the evaluation points.
        name: for messages.
    """

    def __init__(
        self,
        method: Method,
        images: Images,
        table: pd.DataFrame,
        settings: Any,
        seed: int,
        checkpoint: Checkpoint | None = None,
        monitor: Monitor | None = None,
        name: str = "run",
    ):
        self.settings, self.seed, self.name, self.monitor = settings, seed, name, monitor
        self.checkpoint = checkpoint
        self.device = choose_device(settings.train.device)
        self.bf16 = use_bf16(settings.train.precision, self.device)
        self.method = method
        place(method, self.device, self.bf16)
        if method.SHARES_BATCH_NORM:
            share_batch_norm(method, self.device)
        self.method.train()

        streams = method.streams()
        self.rows, self.labels = {}, {}
        for stream, kind in streams.items():
            part = table[table["part"] == kind.part]
            self.rows[stream], self.labels[stream] = integers(part["row"]), integers(part["label"])
        told = table.loc[table["label"] >= 0].drop_duplicates("fine").set_index("fine")["label"]
        truth = torch.full((len(images),), -1)  # in the numbers of the labels, also of images that have none
        truth[integers(table["row"])] = integers(table["fine"].map(told).fillna(-1))
        self.pseudo_labels = PseudoLabelCounts(truth)

        roles = {role for kind in streams.values() for role in kind.views.values()}
        self.views = {role: recipe(settings.views, role) for role in roles}
        self.images = images
        self.rank = distributed.get_rank() if processes() > 1 else 0
        share = {"views": self.views, "seed": seed, "device": self.device, "rank": self.rank, "processes": processes()}
        self.batches = Batches(method, images, self.rows, self.labels, **share)
        self.start_batches = Batches(method, images, self.rows, self.labels, **share, prefix="start/")

        self.epoch_steps = epoch_steps(streams, self.rows, settings)
        self.steps = settings.train.epochs * self.epoch_steps
        self.optimizers = make_optimizers(method, settings.train.epochs, self.epoch_steps) if self.steps else {}
        recorded = self.device.type == "cuda" and processes() == 1
        self.step = (GraphSteps if recorded else PlainSteps)(method, self.optimizers)
        self.log = StepLog(self.epoch_steps, self.device)
        self.history: list[dict[str, Any]] = []
        self.line = 0  # of the terminal, for the progress
        self.given: tuple[dict[str, Tensor], dict[str, Any]] | None = None  # the state that a first phase left

    def train(self, stop: int | None = None) -> list[dict[str, Any]]:
        """From the last checkpoint, or the beginning, to the end (or to before step `stop`); the history's rows."""
        first = self.resume()
        if first == 0:
            self.method.start(self.start_batches.endless())
            self.history.append({"seed": self.seed, "epoch": 0, "step": 0, **self.look(0)})
        images = sum(stream.batch for stream in self.batches.streams.values())
        last = self.steps if stop is None else min(stop, self.steps)
        progress = Progress(f"{self.name}  seed {self.seed}", first, last, images, self.rank > 0, self.line)
        for step in range(first, last):
            self.advance(step)
            on_cpu = self.device.type == "cpu"  # elsewhere reading a loss waits for the device, as making batches does
            loss = self.log.values(step % self.epoch_steps)["loss"] if on_cpu else None
            progress.update(step, self.batches.seconds if on_cpu else None, loss)
        progress.close()
        if self.checkpoint is not None:
            self.checkpoint.wait()
        return self.history

    def advance(self, step: int) -> None:
        """One step and what is due after it."""
        epoch, place = divmod(step, self.epoch_steps)
        now = Clock(step, self.steps, epoch, place)
        done = self.step(self.batches(step), now)
        self.log.add(place, done)
        for objective, _ in done:
            if objective.pseudo_labels is not None:
                given = objective.pseudo_labels
                self.pseudo_labels.count(given, self.rows[given.stream])
        ends_epoch = place == self.epoch_steps - 1
        due = self.checkpoint is not None and (step + 1) % self.settings.train.checkpoint == 0
        if self.device.type == "cpu" or ends_epoch or due:
            self.stop_if_not_finite(step)
        before = [*self.rows.values(), *self.labels.values()]
        self.method.between(now, self)
        if any(a is not b for a, b in zip(before, [*self.rows.values(), *self.labels.values()], strict=True)):
            self.batches.forget()
        if ends_epoch:
            self.end_epoch(now, next((o.outputs for o, _ in done if o.outputs is not None), None))
        if due and step + 1 < self.steps:
            self.save(step + 1)

    def end_epoch(self, now: Clock, outputs: Tensor | None) -> None:
        """A row of the history."""
        rate = next(iter(self.optimizers.values())).rates[now.step]
        row = {"seed": self.seed, "epoch": now.epoch + 1, "step": now.step + 1, **self.log.means(), "lr": float(rate)}
        row |= {} if outputs is None else spread(gather(outputs.detach()))
        remembered = {name: listed(values.cpu().numpy()) for name, values in self.method.remembered(now).items()}
        row |= self.pseudo_labels.rates() | remembered | self.look(now.epoch + 1)
        warning = collapse_warning(row, self.history[-1] if self.history else {}, self.name)
        self.history.append(row)
        if warning and self.rank == 0:
            tell(warning)

    def look(self, epoch: int) -> dict[str, float]:
        """What the monitor says, at its times: before epochs 0, n, 2n, ... and after the last one."""
        due = epoch % self.settings.monitor.every == 0 or epoch == self.settings.train.epochs
        if self.monitor is None or not due:
            return {}
        return self.monitor(self.method.evaluated, self.bf16)

    @torch.no_grad()
    def predict(self, stream: str, network: nn.Module) -> Tensor:
        """`network`, in eval mode, applied to every row of a stream in its test view.

        Args:
            network: maps images to one tensor.

        Returns:
            M x outputs, in the order of the stream's rows.
        """
        view, outputs = recipe(self.settings.views, "test"), []
        with evaluating(network):
            for rows in self.rows[stream].split(256):
                outputs.append(network(see(self.images, rows.numpy(), view, self.device)))
        return torch.cat(outputs)

    def stop_if_not_finite(self, step: int) -> None:
        """No checkpoint is ever written after a loss that is not finite."""
        start = step // self.epoch_steps * self.epoch_steps
        if self.device.type == "cpu" and self.log.finite(step - start):
            return  # every step is looked at, so those before it were finite
        bad = next((s for s in range(start, step + 1) if not self.log.finite(s - start)), None)
        if bad is None:
            return
        values = ", ".join(f"{name} {value:.4g}" for name, value in self.log.values(bad - start).items())
        last = "the beginning" if self.checkpoint is None else self.checkpoint.describe()
        raise UserError(
            f"{self.name}, seed {self.seed}: not finite at step {bad} ({values}); the last good state is {last}; "
            f"look at that step with: gristmill replay {self.name} --seed {self.seed} --step {bad}"
        )

    def save(self, step: int) -> None:
        """Write the whole state, before step `step`."""
        if self.checkpoint is None:
            return
        tensors, values = self.state(step)
        if self.rank == 0:
            self.checkpoint.write(tensors, values)

    def state(self, step: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The whole state, before step `step`: tensors by name, and plain values. All processes must ask."""
        log = None if self.log.table is None else gather(self.log.table[None]).mean(0)  # of all processes
        pseudo_labels = self.pseudo_labels.of_all_processes()
        tensors = {f"method.{k}": v for k, v in self.method.state_dict().items()}
        for name, optimizer in self.optimizers.items():
            tensors |= {f"optimizer.{name}.{k}": v for k, v in optimizer.state().items()}
        tensors |= {f"rows.{k}": v for k, v in self.rows.items()} | {f"labels.{k}": v for k, v in self.labels.items()}
        tensors |= {f"pseudo.{k}": v for k, v in pseudo_labels.items()}
        if log is not None:
            tensors["log"] = log
        return tensors, {"step": step, "history": self.history, "columns": self.log.columns}

    def resume(self) -> int:
        """Take up the state of an unfinished run, else that of a first phase; the step that comes next."""
        saved = self.checkpoint.read() if self.checkpoint is not None else None
        saved = saved or self.given
        if saved is None:
            return 0
        tensors, values = saved
        self.method.load_state_dict(under("method.", tensors))
        for name, optimizer in self.optimizers.items():
            optimizer.load(under(f"optimizer.{name}.", tensors))
        self.rows.update(under("rows.", tensors))
        self.labels.update(under("labels.", tensors))
        counted = {k: v.to(self.device) for k, v in under("pseudo.", tensors).items()}  # by all processes
        self.pseudo_labels.counts = counted if self.rank == 0 else {k: 0 * v for k, v in counted.items()}
        self.history, self.log.columns = values["history"], values["columns"]
        if "log" in tensors:
            self.log.table = tensors["log"].to(self.device)
        if self.rank == 0:
            tell(f"{self.name}, seed {self.seed}: goes on at step {values['step']} of {self.steps}")
        return values["step"]


def epoch_steps(streams: Mapping[str, Any], rows: Mapping[str, Tensor], settings: Any) -> int:
    """Steps of an epoch: one pass over the first stream, or `train.epoch_steps` where the settings have it."""
    given = getattr(settings.train, "epoch_steps", None)
    if given or not streams:
        return given or 1
    name, stream = next(iter(streams.items()))
    return len(rows[name]) // stream.batch


def integers(column: Any) -> Tensor:
    """A column of a table, copied: pandas hands out arrays that may not be written to."""
    return torch.from_numpy(column.to_numpy(np.int64, copy=True))


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names start with `prefix`, without it."""
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def tell(line: str) -> None:
    """A line on stderr that does not tear the progress bar."""
    tqdm.write(line, file=sys.stderr)
