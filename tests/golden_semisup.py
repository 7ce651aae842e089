"""The semi-supervised family's golden kinds, through the public functions."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from gristmill.networks.prototypes import ClassQueues, LabelWindow
from tests.golden import Case

LATER = {
    "longtail_counts",
    "split_indices",
    "daso_trajectory",
    "fixmatch_trajectory",
    "supervised_trajectory",
    "pseudolabel_trajectory",
    "usadtm_trajectory",
    "remixmatch_daso_trajectory",
}


def tensors(case: Case) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in case.inputs.items()}


def stacked(rows: list[dict[str, Tensor]]) -> dict[str, np.ndarray]:
    """What was seen at each step, by name."""
    return {name: np.array([row[name].tolist() for row in rows]) for name in rows[0]}


def class_queue(case: Case):
    p, a, after = case.params, tensors(case), []
    equal = p["mode"] == "equal"
    sizes = [p["max_size"]] * p["num_classes"] if equal else [5 * n for n in p["labelled_counts"]]
    queues = ClassQueues(sizes, p["feat_dim"]).double()
    for features, labels in zip(a["features"], a["labels"], strict=True):
        queues.push(features, labels)
        after.append({"prototypes": queues.prototypes(), "counts": queues.counts})
    bank = []
    for features, count, pushed in zip(queues.features, queues.counts, queues.pushed, strict=True):
        oldest = int(pushed) % int(count) if int(pushed) > int(count) else 0
        bank.append(features[:count].roll(-oldest, 0))
    return stacked(after) | {"final_bank": torch.cat(bank).numpy()}


def prototypes(case: Case):
    a = tensors(case)
    queues = ClassQueues([len(a["labels"])] * case.params["num_classes"], a["features"].shape[1]).double()
    queues.push(a["features"], a["labels"])
    return {"prototypes": queues.prototypes().numpy()}


def pseudo_label_window(case: Case):
    p, after = case.params, []
    window = LabelWindow(p["num_classes"], p["period"])
    for step, labels in enumerate(tensors(case)["pseudo_labels"]):
        window.push(labels)
        window.end_step(step, p["max_iter"])
        after.append({"counts_after_step": window.counts.clone()})
    return stacked(after) | {"m_hat_final": (window.counts.double() / window.counts.sum()).numpy()}


KINDS: dict[str, Callable[[Case], dict[str, np.ndarray]]] = {
    "class_queue": class_queue,
    "prototypes": prototypes,
    "pseudo_label_window": pseudo_label_window,
}
