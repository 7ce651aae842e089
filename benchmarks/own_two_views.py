"""The product's training step of methods that compare views of an image, as the rows call it."""

from types import SimpleNamespace

import torch

from benchmarks.own import images, task
from gristmill.train.loop import Run
from gristmill.train.run import make_run

KEYS, DIM, LOCAL = 4096, 128, 16  # K; D; side of a local crop
HEADS = {"simsiam": "simsiam", "logo_simsiam": "simsiam", "byol": "byol", "simclr": "mlp", "supcon": "mlp"}


def settings(method: str, network: str = "resnet18", batch: int = 64) -> SimpleNamespace:
    """MoCo's demo at CIFAR's size, in one split; the other methods read what they know of it."""
    train = {
        "epochs": 1000, "warmup": 1, "batch": batch, "lr": 0.06, "momentum": 0.9, "weight_decay": 5e-4,
        "schedule": "cosine", "optimizer": "sgd", "decay": "all", "predictor_lr": "steady", "per_class": None,
        "precision": "auto", "device": "cpu", "threads": 1, "checkpoint": 10**9,
    }  # fmt: skip
    heads = {"head": HEADS.get(method, "linear"), "hidden": 512, "dim": DIM, "layers": 2, "predictor": 128, "splits": 1}
    return SimpleNamespace(
        method=method,
        network=SimpleNamespace(
            name=network, widths=[32, 64, 128], blocks=2, init="random", **({} if method == "cross_entropy" else heads)
        ),
        loss=SimpleNamespace(
            temperature=0.1, symmetric=False, reduction="mean", base_temperature=0.07,
            ntxent_base_temperature=None, summation="out", denominator="all", contrast="all",
        ),
        memory=SimpleNamespace(size=KEYS, momentum=0.99),
        target=SimpleNamespace(momentum=0.99, start="copy"),
        local=SimpleNamespace(
            mode="logo", loss="alternate_clip", clip_rate=0.015, weight=1e-4, regressor="softplus", hidden=DIM,
            noise=0.3, lr=0.02, reset_norm_each_epoch=True, key_updates_per_step=2,
        ),
        views=SimpleNamespace(
            recipe="moco_cifar", size=32, area=[0.2, 1.0], mean=[0.5] * 3, std=[0.25] * 3,
            local=SimpleNamespace(size=LOCAL, area=[0.05, 0.2]),
        ),
        train=SimpleNamespace(**train),
        monitor=SimpleNamespace(every=10**9, k=[1], protocols=[]),
    )  # fmt: skip


def start(plain: SimpleNamespace, count: int = 2048) -> Run:
    """A run before its first step; a queue is full from the start."""
    side, channels = plain.views.size, len(plain.views.mean)
    return make_run(images(count, side, channels), task(count), plain, seed=0)


def crops(batch: int, method: str = "moco") -> list[torch.Tensor]:
    """Views of the same sizes for the usual way, N x 3 x side x side each."""
    sides = (32, 32, LOCAL, LOCAL) if method == "logo_moco" else (32, 32)
    return [torch.randn(batch, 3, side, side) for side in sides]
