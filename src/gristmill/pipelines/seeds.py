"""The seeds of one training step, one after the other."""

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gristmill.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FIRST_COLUMNS = ["seed", "epoch", "step", "loss"]  # of every history; the floors have no loss


def each_seed(
    experiment: str,
    code: dict[str, str],
    images: "np.ndarray",
    table: "pd.DataFrame",
    settings: dict[str, Any],
    states: "dict[str, Callable[[], bytes]] | None" = None,
    ends: str | None = None,
) -> "tuple[dict[str, Callable[[], bytes]], pd.DataFrame]":
    """Train each seed, or take it from the resume folder.

    Args:
        experiment: names the resume folder.
        code: fingerprints of the step.
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task.
        settings: of the step.
        states: seed -> function that reads the state to start from; None: from the beginning.
        ends: `pretraining`: where the first phase ends; None: at the end.

    Returns:
        seed -> function that reads the result's file, called when it is saved; the history of all seeds.
    """
    import pandas as pd

    from gristmill.labels.seeds import of_seed
    from gristmill.lookup import module
    from gristmill.pipelines.intact import check_intact
    from gristmill.pipelines.protocol import protocol
    from gristmill.pipelines.resume import claim, run_key
    from gristmill.train.run import train_seed

    intact = check_intact(images, table)
    make_monitor = module("pipelines", protocol("monitor", settings["monitor"])).make_monitor
    results: dict[str, Callable[[], bytes]] = {}
    histories = []
    for seed in settings["seeds"]:
        own = of_seed(table, seed)
        key, start = run_key(settings, seed, intact, own, code), None
        if states is not None:
            if str(seed) not in states:
                raise UserError(f"{experiment}: seed {seed} has not been pretrained; run the pretraining again")
            start = states[str(seed)]()
            key["start"] = hashlib.sha256(start).hexdigest()
        folder = claim(experiment, seed, key)
        monitor = make_monitor(images, own, settings)
        result = train_seed(images, own, settings, seed, folder, experiment, monitor, start, ends)
        results[str(seed)] = partial(Path.read_bytes, result.file)
        histories.append(result.history)
    history = pd.concat(histories, ignore_index=True)
    columns = [*FIRST_COLUMNS, *(name for name in history if name not in FIRST_COLUMNS)]
    return results, history.reindex(columns=columns)
