"""Training a detector: a loop that goes on with the same bits after it was killed."""

import sys
from collections import defaultdict
from collections.abc import Iterable
from math import isfinite
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN
from tqdm import tqdm

from gristmill.detection.batches import Batch, drawn_rows, training_batch
from gristmill.detection.boxes import DetectionSet
from gristmill.detection.sampling import draw_from
from gristmill.detection.settings import Training
from gristmill.errors import UserError
from gristmill.train.checkpoint import Checkpoint
from gristmill.train.keys import generator
from gristmill.train.precision import choose_device, use_bf16
from gristmill.train.progress import Progress
from gristmill.train.schedules import stepped, warmed


def train(
    detector: GeneralizedRCNN,
    data: DetectionSet,
    settings: Training,
    seed: int,
    checkpoint: Checkpoint | None = None,
    name: str = "detector",
) -> list[dict[str, Any]]:
    """Train a detector in place, from the last checkpoint or from the beginning.

    Args:
        detector: from `network.build_detector`; is left on the device, in eval mode.
        data: images of `settings.parts` are trained on; those without boxes too, as background.
        checkpoint: where the unfinished state lies; None keeps none.
        name: for messages.

    Returns:
        the history, a row for `settings.log` steps: seed, step, lr and the mean of every loss.

    Raises:
        UserError: no images, no masks for Mask R-CNN, or a loss that is not finite.
    """
    run = Run(detector, data, settings, seed, checkpoint, name)
    first = run.resume()
    progress = Progress(f"{name}  seed {seed}", first, settings.steps, settings.batch)
    for step in range(first, settings.steps):
        progress.update(step, None, run.advance(step))
    progress.close()
    if checkpoint is not None:
        checkpoint.wait()
    if settings.settled:
        average_batch_norm(detector, (run.batch(settings.steps + number) for number in range(settings.settled)))
    detector.eval()
    return run.history


class Run:
    """One training; `train` has the arguments."""

    def __init__(
        self, detector: GeneralizedRCNN, data: DetectionSet, settings: Training, seed: int,
        checkpoint: Checkpoint | None, name: str,
    ):
        self.data, self.settings, self.seed, self.checkpoint, self.name = data, settings, seed, checkpoint, name
        self.device = choose_device(settings.device)
        self.bf16 = use_bf16(settings.precision, self.device)
        self.detector = detector.to(self.device).train()
        heads: Any = detector.roi_heads
        shown: Any = detector.transform
        self.masks, self.channels, self.longest = heads.has_mask(), len(shown.image_mean), int(shown.max_size)
        self.rows = trained_rows(data, settings.parts, self.masks)
        self.optimizer = torch.optim.SGD(
            detector.parameters(), settings.lr, settings.momentum, weight_decay=settings.weight_decay
        )
        rates = stepped(settings.lr, settings.steps, settings.milestones, settings.factor)
        self.rates = warmed(rates, settings.warmup, settings.first)
        self.sums: dict[str, float] = defaultdict(float)
        self.history: list[dict[str, Any]] = []

    def batch(self, step: int) -> Batch:
        """What a step sees, and the generator of the regions that it draws handed to the detector."""
        draw_from(self.detector, generator(self.seed, "detection/regions", step))
        rows = [self.rows[place] for place in drawn_rows(len(self.rows), self.settings.batch, self.seed, step)]
        rng = generator(self.seed, "detection/view", step)
        images, targets = training_batch(self.data, rows, self.settings, self.longest, self.channels, self.masks, rng)
        placed = [{key: value.to(self.device) for key, value in target.items()} for target in targets]
        return [image.to(self.device) for image in images], placed

    def advance(self, step: int) -> float:
        """One step and what is due after it; its loss."""
        images, targets = self.batch(step)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            losses: dict[str, Tensor] = self.detector(images, targets)
        loss = torch.stack([value.float() for value in losses.values()]).sum()
        told = {"loss": loss.item(), **{key: value.item() for key, value in losses.items()}}
        if not isfinite(told["loss"]):
            self.stop(step, told)
        self.optimizer.param_groups[0]["lr"] = self.rates[step]
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        for key, value in told.items():
            self.sums[key] += value
        done = step + 1
        if done % self.settings.log == 0 or done == self.settings.steps:
            count = (done - 1) % self.settings.log + 1
            means = {key: value / count for key, value in self.sums.items()}
            self.history.append({"seed": self.seed, "step": done, "lr": self.rates[step], **means})
            self.sums.clear()
        if self.checkpoint is not None and done % self.settings.checkpoint == 0 and done < self.settings.steps:
            self.checkpoint.write(*self.state(done))
        return told["loss"]

    def stop(self, step: int, told: dict[str, float]) -> None:
        """Say where a loss was not finite."""
        values = ", ".join(f"{key} {value:.4g}" for key, value in told.items())
        last = "the beginning" if self.checkpoint is None else self.checkpoint.describe()
        raise UserError(
            f"{self.name}, seed {self.seed}: not finite at step {step} ({values}); the last good state is {last}; "
            "a lower lr or a longer warmup helps"
        )

    def state(self, step: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The whole state, before step `step`."""
        tensors = {f"detector.{key}": value for key, value in self.detector.state_dict().items()}
        buffers = [self.optimizer.state.get(p, {}).get("momentum_buffer") for p in self.detector.parameters()]
        tensors |= {f"momentum.{place}": value for place, value in enumerate(buffers) if value is not None}
        return tensors, {"step": step, "history": self.history, "sums": self.sums}

    def resume(self) -> int:
        """Take up the state of an unfinished run; the step that comes next."""
        saved = self.checkpoint.read() if self.checkpoint is not None else None
        if saved is None:
            return 0
        tensors, values = saved
        own = {key.removeprefix("detector."): value for key, value in tensors.items() if key.startswith("detector.")}
        self.detector.load_state_dict(own)
        for place, parameter in enumerate(self.detector.parameters()):
            if f"momentum.{place}" in tensors:
                buffer = torch.empty_like(parameter).copy_(tensors[f"momentum.{place}"]).detach()
                self.optimizer.state[parameter]["momentum_buffer"] = buffer
        self.history = values["history"]
        self.sums.update(values["sums"])
        line = f"{self.name}, seed {self.seed}: goes on at step {values['step']} of {self.settings.steps}"
        tqdm.write(line, file=sys.stderr)
        return values["step"]


def trained_rows(data: DetectionSet, parts: list[str], masks: bool) -> list[int]:
    """The images to train on."""
    rows = [row for row, part in enumerate(data.part) if part in parts]
    if not rows:
        raise UserError(f"no images of {', '.join(parts) or 'no part'} to train a detector on; look at its parts")
    for row in rows:
        truth = data.annotated[row]
        if masks and len(truth.labels) and truth.masks is None:
            raise UserError(f"{truth.name}: boxes without masks; take a detector without masks, or another set")
    return rows


@torch.no_grad()
def average_batch_norm(detector: nn.Module, batches: Iterable[Batch]) -> None:
    """Running statistics as plain means over some batches, at least one (detectron2's precise batch norm).

    Weights that no longer change have better ones than those that were smoothed while they did.
    """
    norms = [module for module in detector.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean
    detector.train()
    for images, targets in batches:
        detector(images, targets)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
