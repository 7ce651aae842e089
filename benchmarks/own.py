"""The product's training step, as the rows call it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import torch
from gristmill.methods.method import Clock
from gristmill.train.loop import Run
from gristmill.train.run import make_run
from gristmill.train.step import advance

CLASSES = 20


def images(count: int, side: int, channels: int) -> np.ndarray:
    """Smooth random images, N x side x side x channels: pixels without structure would flatter no one but PIL."""
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.integers(0, 256, (count, channels, 6, 6)).astype(np.float32))
    smooth = torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic").clamp_(0, 255)
    return smooth.to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()


def settings(method: str, network: str, batch: int, threads: int = 1) -> SimpleNamespace:
    """MaskCon's at CIFAR's size (`resnet18`) or the demo's with two blocks a stage (`small`), memory 8192."""
    small = network == "small"
    channels, side = (1, 28) if small else (3, 32)
    train = {
        "epochs": 1000, "warmup": 1, "batch": batch, "lr": 0.02, "momentum": 0.9, "weight_decay": 5e-4,
        "precision": "auto", "device": "cpu", "threads": threads, "checkpoint": 10**9,
    }  # fmt: skip
    hidden = 128 if small else 512
    return SimpleNamespace(
        method=method,
        network=SimpleNamespace(name=network, widths=[32, 64, 128], blocks=2, dim=128, hidden=hidden, init="random"),
        loss=SimpleNamespace(temperature=0.1, target_temperature=0.05, w=0.5),
        memory=SimpleNamespace(size=8192, momentum=0.99),
        views=SimpleNamespace(
            recipe="drawings" if small else "cifar", key="weak", query="weak" if small else "strong", size=side,
            mean=[0.5] * channels, std=[0.25] * channels,
        ),
        train=SimpleNamespace(**train),
        monitor=SimpleNamespace(every=10**9, k=[1]),
    )  # fmt: skip


def task(count: int) -> pd.DataFrame:
    """Random labels: what is learned does not matter here."""
    row = np.arange(count)
    label = np.random.default_rng(1).integers(0, CLASSES, count)
    label[:CLASSES] = np.arange(CLASSES)
    return pd.DataFrame({"sample": row.astype(str), "row": row, "part": "train", "label": label, "fine": label})


def start(method: str, network: str, batch: int, threads: int = 1, count: int = 2048) -> Run:
    """A run whose memory is filled with random keys, before its first step."""
    plain = settings(method, network, batch, threads)
    side, channels = plain.views.size, len(plain.views.mean)
    run = make_run(images(count, side, channels), task(count), plain, seed=0)
    memory: Any = getattr(run.method, "memory")  # noqa: B009
    keys = torch.randn(memory.keys.shape, generator=torch.Generator().manual_seed(0))
    memory.keys.copy_(torch.nn.functional.normalize(keys, dim=1))
    memory.labels.copy_(torch.arange(len(memory.labels)) % CLASSES)
    return run


class StepWithoutViews:
    """Steps of a run, from step `first` on, on one batch that was made before."""

    def __init__(self, run: Run, first: int = 0):
        self.run, self.batch, self.step = run, run.batches(first), first

    def __call__(self) -> None:
        run, place = self.run, self.step % self.run.epoch_steps
        now = Clock(self.step, run.steps, self.step // run.epoch_steps, place)
        done = advance(run.method, self.batch, now, run.optimizers)
        run.log.add(place, done)
        for objective, _ in done:
            if (given := objective.pseudo_labels) is not None:
                run.pseudo_labels.count(given, run.rows[given.stream])
        run.stop_if_not_finite(self.step)
        run.method.between(now, run)
        self.step += 1
