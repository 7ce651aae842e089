"""The product's training step of methods with few labels, as the rows call it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.literal_daso import LiteralDASO, LiteralQueues, LiteralWideResNet
from benchmarks.measure import torch
from benchmarks.own import StepWithoutViews, images
from gristmill.train.loop import Run
from gristmill.train.run import make_run

FIRST, QUEUE, WIDTH = 5000, 256, 128  # P; L; features of WRN-28-2
COUNTS = [int(500 * (1 / 100) ** (rank / 9)) for rank in range(10)]  # labeled images of each class
UNLABELED = 2048


def settings(method: str, network: str = "wrn", batch: int = 64, threads: int = 1) -> SimpleNamespace:
    """DASO's at CIFAR-10's size; the other methods read what they know of them."""
    train = {
        "epochs": 500, "epoch_steps": 500, "warmup": 0, "batch": batch, "unlabeled": 2, "lr": 0.03, "momentum": 0.9,
        "weight_decay": 5e-4, "schedule": "constant", "decay": "all", "average": 0.999, "precision": "auto",
        "device": "cpu", "threads": threads, "checkpoint": 10**9,
    }  # fmt: skip
    return SimpleNamespace(
        method=method,
        network=SimpleNamespace(name=network, depth=28, factor=2, widths=[32, 64, 128], blocks=2, init="random"),
        loss=SimpleNamespace(threshold=0.95, unlabeled=1.0, information=0.1, start=0.002, ramp=0.4),
        balance=SimpleNamespace(adjust=0.0, loss="plain", beta=0.999, start=0.0),
        pretrain=SimpleNamespace(
            steps=FIRST, window=100, queue=QUEUE, sizes="equal", prototypes="average", prototype_bn="batch"
        ),
        blend=SimpleNamespace(alpha=None, align=1.0, proto_temperature=0.05, dist_temperature=1.5),
        views=SimpleNamespace(recipe="fixmatch", size=32, mean=[0.5] * 3, std=[0.25] * 3),
        train=SimpleNamespace(**train),
        monitor=SimpleNamespace(every=10**9),
    )


def task() -> pd.DataFrame:
    """Labeled images in a long tail, then unlabeled ones; what is learned does not matter here."""
    rng = np.random.default_rng(1)
    labeled = np.repeat(np.arange(10), COUNTS)
    row = np.arange(len(labeled) + UNLABELED)
    return pd.DataFrame({
        "sample": row.astype(str),
        "row": row,
        "part": np.where(row < len(labeled), "train", "unlabeled"),
        "label": np.concatenate([labeled, np.full(UNLABELED, -1)]),
        "fine": np.concatenate([labeled, rng.integers(0, 10, UNLABELED)]),
    })  # fmt: skip


def start(plain: SimpleNamespace) -> Run:
    """A run before its first step."""
    table = task()
    return make_run(images(len(table), plain.views.size, len(plain.views.mean)), table, plain, seed=0)


def pretrained(plain: SimpleNamespace) -> Run:
    """A run at step FIRST, with what DASO remembers then: full queues, and a window of pseudo-labels."""
    run = start(plain)
    semantic: Any = getattr(run.method, "semantic", None)
    if semantic is not None:
        semantic.queues.features.copy_(remembered())
        semantic.queues.pushed.fill_(QUEUE)
        semantic.window.counts.copy_(torch.tensor(COUNTS))
    return run


def remembered() -> torch.Tensor:
    """Random features for queues, 10 x QUEUE x WIDTH."""
    return torch.randn(10, QUEUE, WIDTH, generator=torch.Generator().manual_seed(0))


def pretrained_step(plain: SimpleNamespace) -> StepWithoutViews:
    """The product's step from FIRST on."""
    return StepWithoutViews(pretrained(plain), FIRST)


def literal_pretrained() -> LiteralDASO:
    """The usual way's step from FIRST on."""
    torch.manual_seed(0)
    queues = LiteralQueues(10, QUEUE, WIDTH)
    for k, features in enumerate(remembered()):
        queues.queues[k].extend(features)
        queues.prototypes[k] = features.mean(0)
    usual = LiteralDASO(LiteralWideResNet(), queues, FIRST)
    usual.step, usual.counts = FIRST, torch.tensor(COUNTS).float()
    return usual


def plain_batch(step: StepWithoutViews) -> tuple[torch.Tensor, ...]:
    """Labeled images, labels, weak and strong unlabeled images of the product's batch, as a loader lays them out."""
    labeled, unlabeled = step.batch.labeled, step.batch.unlabeled
    views = [each.contiguous() for each in (labeled.weak, unlabeled.weak, unlabeled.strong)]
    return views[0], labeled.label, views[1], views[2]
