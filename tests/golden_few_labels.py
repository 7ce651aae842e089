"""Whole trainings of the methods with few labels, step by step, through the trainer's own step."""

from collections import defaultdict
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor, nn

from gristmill.losses.consistency import confident
from gristmill.methods import daso
from gristmill.methods.method import Batch, Clock, Method
from gristmill.networks.classifier import Classifier
from gristmill.networks.prototypes import ClassQueues
from gristmill.train.run import method_class
from gristmill.train.step import advance, make_optimizers
from tests.golden import Case

METHODS = {"supervised_trajectory": "supervised", "pseudolabel_trajectory": "pseudolabel",
           "fixmatch_trajectory": "fixmatch", "usadtm_trajectory": "usadtm", "daso_trajectory": "daso"}  # fmt: skip
OURS = {"enc1_w": "backbone.0.weight", "bn1_g": "backbone.1.weight", "bn1_b": "backbone.1.bias",
        "bn1_mean": "backbone.1.running_mean", "bn1_var": "backbone.1.running_var",
        "enc2_w": "backbone.3.weight", "bn2_g": "backbone.4.weight", "bn2_b": "backbone.4.bias",
        "bn2_mean": "backbone.4.running_mean", "bn2_var": "backbone.4.running_var",
        "cls_w": "classifier.weight", "cls_b": "classifier.bias"}  # fmt: skip
SCHEDULES = {"none": "constant", "multistep": "steps", "cosine": "fixmatch_cosine"}
LOSSES = {"plain": "none", "weighted": "class_balanced_ce", "ldam": "ldam"}
VIEWS = {"weak": "x_weak", "strong": "x_strong", "untouched": "x_identity"}


class Tiny(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Linear(12, 16, bias=False), nn.BatchNorm1d(16), nn.LeakyReLU(0.1),
            nn.Linear(16, 8, bias=False), nn.BatchNorm1d(8), nn.LeakyReLU(0.1),
        )  # fmt: skip


def settings(p: dict[str, Any]) -> SimpleNamespace:
    """The settings of a case, as params.yaml would give them."""
    steps, name = p["iterations"], SimpleNamespace
    first = p.get("reweight_from", 0)
    return name(
        train=name(
            batch=1, unlabeled=1, lr=p["lr"], momentum=p["momentum"], weight_decay=p["weight_decay"], decay="all",
            average=p.get("ema_decay"), schedule=SCHEDULES[p["schedule"]], warmup=p.get("warmup_iters", 0) / steps,
        ),
        balance=name(
            adjust=p["la_tau"] if p["logit_adjust"] else 0.0,
            loss=next(ours for ours, theirs in LOSSES.items() if theirs == p["reweight"]),
            beta=p.get("beta", 0.999), start=(first + 1) / steps if first else 0.0,
        ),
        loss=name(
            threshold=p.get("dtm_threshold", p.get("threshold")), unlabeled=p.get("lambda_u"), ramp=p.get("ramp_ratio"),
            information=p.get("mi_weight"), start=(p.get("pretrain_steps", 0) + 0.5) / steps,
        ),
        pretrain=name(
            steps=p.get("pretrain_steps"), window=p.get("period"), queue=p.get("queue_size"), sizes="equal",
            prototypes="average", prototype_bn="batch",
        ),
        blend=name(
            alpha=None if p.get("dist_aware", True) else p["alpha"], align=p.get("lambda_align"),
            proto_temperature=p.get("t_proto"), dist_temperature=p.get("t_dist"),
        ),
    )  # fmt: skip


def given(method: Method, a: dict[str, Tensor], step: int) -> Batch:
    labeled = SimpleNamespace(weak=a["x_labelled"][step], label=a["labels"][step])
    if "unlabeled" not in method.streams():
        return Batch(labeled=labeled, draws={})
    views = method.streams()["unlabeled"].views
    images = {view: a[VIEWS[view]] if VIEWS[view] in a else a["x_unlabelled"] for view in views}
    seen = {view: all_steps[step] for view, all_steps in images.items()}
    index = torch.arange(len(seen["weak"]))
    return Batch(labeled=labeled, unlabeled=SimpleNamespace(index=index, **seen), draws={})


def state(network: nn.Module, prefix: str) -> dict[str, np.ndarray]:
    tensors = network.state_dict()
    return {f"{prefix}_{name}": tensors[ours].numpy().copy() for name, ours in OURS.items()}


def trajectory(case: Case) -> dict[str, np.ndarray]:
    confidence: list[np.ndarray] = []

    def told(probabilities: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
        confidence.append(probabilities.amax(1).numpy())
        return confident(probabilities, threshold)

    torch.set_default_dtype(torch.float64)
    try:
        with patch.object(daso, "confident", told):
            found = trained(case)
    finally:
        torch.set_default_dtype(torch.float32)
    return found | {"confidence": np.array(confidence)}


def trained(case: Case) -> dict[str, np.ndarray]:
    p = case.params
    a = {name: torch.from_numpy(array) for name, array in case.inputs.items()}
    network = Classifier(Tiny(), 8, p["num_classes"])
    start = {OURS[name]: value for name, value in a.items() if name in OURS}
    network.load_state_dict(start | {"counts": a["labelled_counts"].long()}, strict=False)
    method: Any = method_class(METHODS[case.kind])(network, settings(p)).train()
    optimizers = make_optimizers(method, 1, p["iterations"])
    if "queue_class_sizes" in p:  # of other counts than the case's own
        method.queues = ClassQueues(p["queue_class_sizes"], 8)
    seen: dict[str, list[Any]] = defaultdict(list)
    for step in range(p["iterations"]):
        now = Clock(step, p["iterations"], 0, step)
        ((objective, _),) = advance(method, given(method, a, step), now, optimizers)
        method.between(now, SimpleNamespace())
        parts = objective.parts or {"class_loss": objective.loss}
        for ours, theirs in (("class", "cls"), ("consistency", "cons"), ("alignment", "align"), ("information", "mi")):
            seen[f"loss_{theirs}"].append(float(parts.get(f"{ours}_loss", torch.zeros(())).detach()))
        seen["lr"].append(float(optimizers["main"].rate))
        if objective.pseudo_labels is not None:
            for kind, labels in objective.pseudo_labels.labels.items():
                seen[f"{kind}_label"].append(labels.numpy().copy())
        queues = method.semantic.queues if hasattr(method, "semantic") else getattr(method, "queues", None)
        if queues is not None:
            seen["queue_counts"].append(queues.counts.numpy().copy())
            seen["prototypes"] = [queues.prototypes().numpy().copy()]
        if hasattr(method, "semantic"):
            seen["window_counts"].append(method.semantic.window.counts.numpy().copy())
    found = {name: np.array(values) for name, values in seen.items()}
    if "prototypes" in found:
        found["prototypes"] = found["prototypes"][0]
    average = state(method.average.network, "ema") if hasattr(method, "average") else {}
    return found | state(network, "final") | average


KINDS: dict[str, Callable[[Case], dict[str, np.ndarray]]] = dict.fromkeys(METHODS, trajectory)
