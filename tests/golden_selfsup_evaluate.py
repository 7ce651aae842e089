"""Weighted kNN and linear probe: golden kinds."""

from collections.abc import Callable

import numpy as np
import torch

from gristmill.evaluate.accuracy import best, place, top
from gristmill.evaluate.knn import votes
from gristmill.evaluate.linear import Linear, descend
from tests.golden import Case


def weighted_knn(case: Case):
    a = {name: torch.from_numpy(array) for name, array in case.inputs.items()}
    p = case.params
    found = votes(
        a["test_features"], a["train_features"], a["train_labels"], p["num_classes"], p["k"], p["temperature"]
    )
    scores = torch.cat([score for _, score in found])
    places = place(scores, a["test_labels"])
    return {
        "scores": scores.exp().numpy(),
        "pred": best(scores).numpy(),
        "top1": 100 * top(places, 1),
        "top5_stable": 100 * top(places, 5),
        "voted_classes": scores.isfinite().sum(1).numpy(),
    }


def linear_probe_trajectory(case: Case):
    a = {name: torch.from_numpy(array) for name, array in case.inputs.items()}
    weight = a["init_weight"]
    classifier = Linear(weight, weight.new_zeros(len(weight)))
    batches = zip(a["features"], a["labels"], a["lr"].tolist(), strict=True)
    steps = list(descend(classifier, batches, case.params["momentum"], case.params["weight_decay"]))
    hits = [100 * top(place(logits, labels), 1) for (_, logits), labels in zip(steps, a["labels"], strict=True)]
    return {
        "losses": torch.stack([loss for loss, _ in steps]).numpy(),
        "acc1": np.array(hits),
        "final_weight": classifier.weight.numpy(),
        "final_bias": classifier.bias.numpy(),
    }


KINDS: dict[str, Callable] = {"weighted_knn": weighted_knn, "linear_probe_trajectory": linear_probe_trajectory}
