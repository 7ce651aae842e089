"""Evaluation: what the encoders of one experiment are worth."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from torch import Tensor, nn

    from gristmill.pipelines.probe import Read


def evaluate(
    images: "np.ndarray",
    table: "pd.DataFrame",
    encoders: "dict[str, Callable[[], tuple[dict[str, Tensor], dict[str, Any]]]]",
    history: "pd.DataFrame",
    settings: dict[str, Any],
) -> tuple[dict[str, dict[str, "np.ndarray"]], dict[str, Any]]:
    """Features of the test images, Recall@K by fine and by coarse label, fine classes found inside coarse ones;
    named protocols; a network's own classifier.

    Args:
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task.
        encoders: seed -> function that reads tensors and recipe.
        history: of all seeds.
        settings: of evaluation: `k`, `batch`, `threads`, `discover`, `protocols`.

    Returns:
        seed -> `features` (float32 N x d) and `row` (int64, N: places in the seed's table), for the test images; and
        the metrics: a block a seed, the mean over seeds, their sample deviation where there are several.
    """
    from gristmill.pipelines.intact import check_intact
    from gristmill.pipelines.over_seeds import over_seeds
    from gristmill.pipelines.probe import probed, reader
    from gristmill.pipelines.restore import restored

    check_intact(images, table)
    features, metrics, short, count = {}, {}, [], 0
    for seed, own, network, view in restored(table, encoders, settings["threads"]):
        places = (own["part"] == "test").to_numpy().nonzero()[0]
        test = own.iloc[places]
        read = reader(network, images, view, batch=settings["batch"])
        found = read(test["row"].to_numpy(), "features")
        features[seed] = {"features": found, "row": places}
        measured, short = measure(found, test, settings["k"])
        measured |= discovered(found, test, settings["discover"])
        measured |= probed(settings["protocols"], read, own, int(seed))
        measured |= classified(network, read, test)
        metrics[seed] = measured | best(history.query(f"seed == {seed}"))
        count = len(test)
    tell_short(short, count)
    return features, {"seeds": metrics, **over_seeds(list(metrics.values()))}


def measure(features: "np.ndarray", test: "pd.DataFrame", ks: list[int]) -> tuple[dict[str, float], list[int]]:
    """Recall@K among the test images: `recall_<k>` by fine label, `coarse_recall_<k>` by what the learner saw.

    Also the K that are larger than the number of other images.
    """
    from gristmill.evaluate.recall import recall_at_k

    fine = recall_at_k(features, test["fine"].to_numpy(), ks)
    metrics = {f"recall_{k}": rate for k, rate in fine.at.items()}
    seen = (test["label"] >= 0).to_numpy()
    if seen.any():
        coarse = recall_at_k(features[seen], test["label"].to_numpy()[seen], ks[:1]).at
        metrics |= {f"coarse_recall_{k}": rate for k, rate in coarse.items()}
    return metrics, fine.short


def discovered(features: "np.ndarray", test: "pd.DataFrame", settings: dict[str, Any]) -> dict[str, float]:
    """How well classes that are found inside coarse ones agree with the fine ones (`evaluate.discover.score`).

    Returns:
        `discover_nmi`, `discover_ari`, `discover_accuracy`; nothing where no coarse class has several fine ones, as
        where the labels are the fine classes themselves.
    """
    from gristmill.evaluate.discover import counted, discover, score

    fine, coarse = test["fine"].to_numpy(), test["label"].to_numpy()
    if not counted(coarse, fine).any():
        return {}
    found = score(discover(features, coarse, settings, fine).own, fine, coarse)
    return {f"discover_{name}": value for name, value in found.items()}


def classified(network: "nn.Module", read: "Read", test: "pd.DataFrame") -> dict[str, float]:
    """`classifier_top1`: for how many of the test images the network's own classifier says the label.

    Those of a label that the learner could know; nothing where the network's head is no classifier.
    """
    from gristmill.networks.headed import Classified

    known = test.loc[test["label"] >= 0]
    if not (isinstance(network, Classified) and len(known)):
        return {}
    logits = read(known["row"].to_numpy(), "forward")
    return {"classifier_top1": float((logits.argmax(1) == known["label"].to_numpy()).mean())}


def tell_short(short: list[int], images: int) -> None:
    """Name the K that are larger than the gallery of each of the test images."""
    if short:
        many = f"more than the {images - 1} other test images; Recall@K uses them all"
        print(f"evaluate.k: {', '.join(map(str, short))}: {many}", file=sys.stderr)


def best(history: "pd.DataFrame") -> dict[str, float]:
    """The best Recall@1 of the monitor and its epoch, and the last loss; what a history lacks is left out."""
    found: dict[str, float] = {}
    looked = history.dropna(subset=["recall_1"]) if "recall_1" in history else history.head(0)
    if len(looked):
        place = int(looked["recall_1"].to_numpy().argmax())
        found["best_recall_1"] = float(looked["recall_1"].to_numpy()[place])
        found["best_epoch"] = int(looked["epoch"].to_numpy()[place])
    losses = history["loss"].dropna().tolist() if "loss" in history else []  # floors have none
    if losses:
        found["loss"] = float(losses[-1])
    return found
