"""Training: all seeds of one experiment."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FIRST_COLUMNS = ["seed", "epoch", "step", "loss"]  # of every history; the floors have no loss


def train(
    experiment: str,
    code: Callable[[dict[str, Any]], dict[str, str]],
    images: "np.ndarray",
    table: "pd.DataFrame",
    settings: dict[str, Any],
) -> "tuple[dict[str, Callable[[], bytes]], pd.DataFrame]":
    """Train each seed, or take it from the resume folder.

    Args:
        experiment: names the resume folder.
        code: fingerprints of this step, for its settings.
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task.
        settings: of training.

    Returns:
        seed -> function that reads the encoder's file, called when it is saved; the history of all seeds.
    """
    import pandas as pd

    from gristmill.labels.seeds import of_seed
    from gristmill.pipelines.intact import check_intact
    from gristmill.pipelines.monitor import make_monitor
    from gristmill.pipelines.resume import claim, run_key
    from gristmill.train.run import train_seed

    intact = check_intact(images, table)
    fingerprints = code(settings)
    encoders: dict[str, Callable[[], bytes]] = {}
    histories = []
    for seed in settings["seeds"]:
        own = of_seed(table, seed)
        folder = claim(experiment, seed, run_key(settings, seed, intact, own, fingerprints))
        monitor = make_monitor(images, own, settings)
        result = train_seed(images, own, settings, seed, folder, name=experiment, monitor=monitor)
        encoders[str(seed)] = partial(Path.read_bytes, result.encoder)
        histories.append(result.history)
    history = pd.concat(histories, ignore_index=True)
    columns = [*FIRST_COLUMNS, *(name for name in history if name not in FIRST_COLUMNS)]
    return encoders, history.reindex(columns=columns)
