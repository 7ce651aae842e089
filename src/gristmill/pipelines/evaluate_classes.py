"""Evaluation of a classifier: how well it names the classes of balanced test images."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from torch import Tensor

REPORTED = ("top1", "top1_la", "balanced_accuracy", "balanced_accuracy_la")  # their median over the last evaluations
KINDS = ("final", "linear", "semantic")  # of pseudo-labels
MOST = 2000  # unlabeled images whose features are kept


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
        settings: of evaluation: `batch`, `threads`, `last`, `protocols`.

    Returns:
        seed -> `features` (float32 N x d), `logits` (float32 N x K), `counts` (K, labeled images) and `row` (int64 N:
        places in the seed's table), for the test images; `unlabeled_features` and `unlabeled_row`, the same for at most
        MOST unlabeled images; and the metrics: a block a seed, the mean over seeds, their sample deviation where there
        are several.
    """
    from gristmill.evaluate.classification import metrics as figures
    from gristmill.evaluate.logits import linear
    from gristmill.pipelines.intact import check_intact
    from gristmill.pipelines.over_seeds import over_seeds
    from gristmill.pipelines.probe import probed, reader
    from gristmill.pipelines.restore import restored

    check_intact(images, table)
    features, metrics = {}, {}
    for seed, own, network, view in restored(table, encoders, settings["threads"]):
        places = (own["part"] == "test").to_numpy().nonzero()[0]
        test = own.iloc[places]
        read = reader(network, images, view, batch=settings["batch"])
        found = read(test["row"].to_numpy(), "features")
        logits, counts = linear(network, found), network.get_buffer("counts").numpy()
        kept = some((own["part"] == "unlabeled").to_numpy().nonzero()[0])
        rows = own["row"].to_numpy()[kept]
        more = read(rows, "features") if len(kept) else found[:0]
        features[seed] = {"features": found, "logits": logits, "counts": counts, "row": places}
        features[seed] |= {"unlabeled_features": more, "unlabeled_row": kept}
        metrics[seed] = figures(logits, test["label"].to_numpy(), counts)
        metrics[seed] |= of_history(history.query(f"seed == {seed}"), settings["last"], counts)
        metrics[seed] |= probed(settings["protocols"], read, own, int(seed))
    return features, {"seeds": metrics, **over_seeds(list(metrics.values()))}


def some(places: "np.ndarray") -> "np.ndarray":
    """At most MOST of them, evenly taken."""
    import numpy as np

    return places[np.unique(np.linspace(0, len(places) - 1, min(len(places), MOST)).round().astype(int))]


def of_history(history: "pd.DataFrame", last: int, counts: "np.ndarray") -> dict[str, float]:
    """Medians over the last evaluations during training, the last loss, and the last quality of pseudo-labels.

    Of lists with a value a class the means over the classes of head, middle and tail (`grouped`): `recall_head` of the
    test images, `<kind>_recall_head` and `<kind>_precision_head` of pseudo-labels.
    """
    from gristmill.evaluate.classification import grouped, median_of_last

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
    lists = {"recalls": "recall"}
    lists |= {f"{kind}_{rate}s": f"{kind}_{rate}" for kind in KINDS for rate in ("recall", "precision")}
    for column, name in lists.items():
        values = row.get(column)
        if values is not None and not isinstance(values, float):  # NaN where a history lacks it
            groups = grouped(json.loads(values) if isinstance(values, str) else values, counts)  # a file has text
            found |= {f"{name}_{group}": value for group, value in groups.items() if value == value}
    return found
