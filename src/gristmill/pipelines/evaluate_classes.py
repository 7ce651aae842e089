"""Evaluation of a classifier: how well it names the classes of balanced test images."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from torch import Tensor

REPORTED = ("top1", "top1_la", "balanced_accuracy", "balanced_accuracy_la")  # their median over the last evaluations


def evaluate_classes(
    images: "np.ndarray",
    table: "pd.DataFrame",
    encoders: "dict[str, Callable[[], tuple[dict[str, Tensor], dict[str, Any]]]]",
    history: "pd.DataFrame",
    settings: dict[str, Any],
) -> tuple[dict[str, dict[str, "np.ndarray"]], dict[str, Any]]:
    """Features and logits of the test images, accuracy as it is and against the prior, quality of pseudo-labels.

    Args:
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task.
        encoders: seed -> function that reads tensors and recipe.
        history: of all seeds.
        settings: of evaluation: `batch`, `threads`, `last`.

    Returns:
        seed -> `features` (float32 N x d), `logits` (float32 N x K), `counts` (K, labeled images) and `row` (int64 N:
        places in the seed's table), for the test images; and the metrics: a block a seed, the mean over seeds, their
        sample deviation where there are several.
    """
    import torch

    from gristmill.attributes import attributes
    from gristmill.evaluate.classification import metrics as figures
    from gristmill.evaluate.features import extract
    from gristmill.evaluate.logits import linear
    from gristmill.labels.seeds import of_seed
    from gristmill.pipelines.intact import check_intact
    from gristmill.pipelines.over_seeds import over_seeds
    from gristmill.pipelines.restore import restore
    from gristmill.views.recipes import recipe

    check_intact(images, table)
    torch.set_num_threads(settings["threads"])
    torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms imports the compiler: 1.4 s
    features, metrics = {}, {}
    for seed in sorted(encoders, key=int):
        own = of_seed(table, int(seed))
        places = (own["part"] == "test").to_numpy().nonzero()[0]
        test = own.iloc[places]
        tensors, made = encoders[seed]()
        network, view = restore(tensors, made), recipe(attributes(made["views"]), "test")
        found = extract(network, images, test["row"].to_numpy(), view, batch=settings["batch"])
        logits, counts = linear(network, found), tensors["counts"].numpy()
        features[seed] = {"features": found, "logits": logits, "counts": counts, "row": places}
        metrics[seed] = figures(logits, test["label"].to_numpy(), counts)
        metrics[seed] |= of_history(history.query(f"seed == {seed}"), settings["last"])
    return features, {"seeds": metrics, **over_seeds(list(metrics.values()))}


def of_history(history: "pd.DataFrame", last: int) -> dict[str, float]:
    """Medians over the last evaluations during training, the last loss, and the last quality of pseudo-labels."""
    from gristmill.evaluate.classification import median_of_last

    found: dict[str, float] = {}
    for name in REPORTED:
        values = history[name].dropna().tolist() if name in history else []
        if values:
            found[f"median_{name}"] = median_of_last(values, last)
    row = history.iloc[-1]
    scalars = [name for name in history if name == "loss" or name.startswith(("final_", "linear_", "semantic_"))]
    for name in scalars:
        value = row[name]
        if isinstance(value, float | int) and value == value:
            found[name] = float(value)
    return found
