"""A small task and a toy method that uses every part of the step protocol."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss, normalize

from gristmill.methods.method import Method, Objective, Optimizer, PseudoLabels, Stream


def digits(count: int = 96) -> tuple[np.ndarray, pd.DataFrame]:
    """Real images (scikit-learn's digits, 8 x 8): a task with a labeled, an unlabeled and a test part."""
    from sklearn.datasets import load_digits

    images, fine = load_digits(return_X_y=True)
    images = (images[: 2 * count].reshape(-1, 8, 8, 1) * 15.9).astype(np.uint8)
    fine = fine[: 2 * count]
    row = np.arange(2 * count)
    part = np.where(row < count // 2, "train", np.where(row < count, "unlabeled", "test"))
    label = np.where(part == "unlabeled", -1, fine % 5)
    columns = {"sample": row.astype(str), "row": row, "part": part, "label": label, "fine": fine}
    return images, pd.DataFrame(columns)


def settings(**train: object) -> SimpleNamespace:
    """Settings of a tiny run."""
    values = {
        "epochs": 3, "warmup": 1, "batch": 16, "lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4, "precision": "fp32",
        "device": "cpu", "threads": 1, "checkpoint": 2,
    }  # fmt: skip
    return SimpleNamespace(
        method="maskcon",
        network=SimpleNamespace(name="small", widths=[8, 16], blocks=1, dim=8, hidden=16, init="random"),
        memory=SimpleNamespace(size=32, momentum=0.9),
        loss=SimpleNamespace(temperature=0.1, target_temperature=0.05, w=0.5),
        views=SimpleNamespace(recipe="drawings", key="weak", query="weak", size=8, mean=[0.1], std=[0.3]),
        train=SimpleNamespace(**{**values, **train}),
        monitor=SimpleNamespace(every=2, k=[1]),
    )


class Toy(Method):
    """Two streams, draws, a start, a window, two optimizers, clipping by the last norm, pseudo-labels."""

    norm0: torch.Tensor
    window: torch.Tensor
    started: torch.Tensor

    def __init__(self, network: nn.Module, settings: SimpleNamespace):
        super().__init__()
        self.network, self.settings = network, settings
        self.regressor = nn.Linear(settings.network.dim, settings.network.dim)
        nn.init.eye_(self.regressor.weight)
        nn.init.zeros_(self.regressor.bias)
        self.register_buffer("norm0", torch.zeros(()))
        self.register_buffer("window", torch.zeros(5))
        self.register_buffer("started", torch.zeros(()))
        self.clips: list[float] = []

    def streams(self):
        return {
            "labeled": Stream("train", 8, {"weak": "weak"}, straddle=True),
            "unlabeled": Stream("unlabeled", 16, {"weak": "weak", "strong": "strong"}, straddle=True),
        }

    def optimizers(self):
        encoder = list(self.network.parameters())
        return {
            "main": Optimizer(encoder, 0.05, "cosine", 1),
            "regressor": Optimizer(list(self.regressor.parameters()), 0.02),
        }

    @property
    def evaluated(self):
        return self.network

    def draw(self, rng, sizes):
        dim = self.settings.network.dim
        noise = rng.standard_normal((sizes["unlabeled"], dim)).astype(np.float32)
        return {"noise": torch.from_numpy(noise)}

    def start(self, batches):
        for _, batch in zip(range(2), batches, strict=False):
            self.started += batch.labeled.weak.mean()

    def step(self, batch, now):
        logits, _ = self.network(batch.labeled.weak)
        weak, outputs = self.network(batch.unlabeled.weak)
        strong, target = self.network(batch.unlabeled.strong)
        predicted = self.regressor(outputs.detach() + 0.1 * batch.draws["noise"])
        yield Objective(mse_loss(predicted, target.detach()), optimizer="regressor")
        guess = weak.detach().argmax(1)
        self.window += nn.functional.one_hot(guess, 5).sum(0)
        classes, consistency = cross_entropy(logits, batch.labeled.label), cross_entropy(strong, guess)
        clip = 0.5 * self.norm0 if now.step_in_epoch else None
        given = PseudoLabels("unlabeled", batch.unlabeled.index, {"final": guess}, weak.softmax(1).amax(1) > 0.3)
        norm = yield Objective(
            classes + 0.1 * consistency, clip=clip, outputs=normalize(outputs), pseudo_labels=given,
            parts={"class_loss": classes.detach(), "consistency_loss": consistency.detach()},
        )  # fmt: skip
        self.norm0.copy_(norm)

    def between(self, now, run):
        if (now.step + 1) % 4 == 0:
            self.window.zero_()
        if now.step == 5:  # a new generation: half of the unlabeled rows, chosen by what the network predicts
            scores = run.predict("unlabeled", nn.Sequential(self.network, First())).amax(1)
            kept = scores.topk(len(scores) // 2).indices.sort().values.cpu()
            run.rows["unlabeled"] = run.rows["unlabeled"][kept]
            run.labels["unlabeled"] = run.labels["unlabeled"][kept]


class First(nn.Module):
    def forward(self, outputs):
        return outputs[0]
