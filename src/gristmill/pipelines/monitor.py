"""Evaluation during training: Recall@K of the test images and named protocols, as columns of the history."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from torch import nn


def make_monitor(
    images: "np.ndarray", table: "pd.DataFrame", settings: dict[str, Any]
) -> "Callable[[nn.Module, bool], dict[str, float]]":
    """A function that the trainer calls with the evaluated network and whether it may use bf16.

    Args:
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task, of one seed; its test part is looked at, by the fine labels.
        settings: of training; `views` and `monitor` are read here.

    Returns:
        network, bf16 -> `recall_<k>` for each k of `monitor`, and what its protocols say, if it has any.
    """
    from gristmill.attributes import attributes
    from gristmill.evaluate.neighbours import hit_rates, neighbours
    from gristmill.pipelines.probe import probed, reader
    from gristmill.views.recipes import recipe

    test = table.query("part == 'test'")
    rows, fine = test["row"].to_numpy(), test["fine"].to_numpy()
    view = recipe(attributes(settings["views"]), "test")
    ks, names = settings["monitor"]["k"], settings["monitor"].get("protocols", [])

    def look(network: "nn.Module", bf16: bool) -> dict[str, float]:
        read = reader(network, images, view, precision="bf16" if bf16 else "fp32")
        hits = hit_rates(neighbours(read(rows, "features"), max(ks)), fine, ks)
        return {f"recall_{k}": rate for k, rate in hits.items()} | probed(names, read, table, 0)

    return look
