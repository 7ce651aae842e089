"""Evaluation during training: how well the test images are classified, as columns of the history."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from torch import nn


def make_monitor(
    images: "np.ndarray", table: "pd.DataFrame", settings: dict[str, Any]
) -> "Callable[[nn.Module, bool], dict[str, Any]]":
    """A function that the trainer calls with the evaluated network and whether it may use bf16.

    Args:
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task, of one seed; its test part is looked at, by the labels that the learner is told.
        settings: of training; `views` is read here.

    Returns:
        network, bf16 -> the figures of `evaluate.classification.metrics`; `recalls` and `recalls_la`, lists of K.
    """
    from gristmill.attributes import attributes
    from gristmill.evaluate.classification import against_prior, classification, listed, metrics
    from gristmill.evaluate.logits import logits_of
    from gristmill.views.recipes import recipe

    test = table.query("part == 'test'")
    rows, labels = test["row"].to_numpy(), test["label"].to_numpy()
    view = recipe(attributes(settings["views"]), "test")

    def look(network: Any, bf16: bool) -> dict[str, Any]:
        logits = logits_of(network, images, rows, view, precision="bf16" if bf16 else "fp32")
        counts = network.counts.cpu().numpy()
        recalls = {
            "recalls": classification(logits, labels).recall,
            "recalls_la": classification(against_prior(logits, counts), labels).recall,
        }
        return metrics(logits, labels, counts) | {name: listed(values) for name, values in recalls.items()}

    return look
