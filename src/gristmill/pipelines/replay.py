"""The data and the state of a training that failed, for a look at one of its steps."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gristmill.errors import UserError
from gristmill.parameters.resolve import STEPS, entries, resolve
from gristmill.pipelines.configure import step_code
from gristmill.pipelines.intact import check_intact
from gristmill.pipelines.resume import run_key, unfinished


def replay(parameters: dict[str, Any], experiment: str, seed: int, step: int) -> Iterator[str]:
    """Lines about one step of an experiment's training; nothing is changed."""
    import pandas as pd

    from gristmill.data.packed import open_images
    from gristmill.labels.seeds import of_seed
    from gristmill.train.replay import replay

    every = entries(parameters)
    if experiment not in every:
        raise UserError(f"no experiment '{experiment}'; there are: {', '.join(every)}")
    kind, entry = every[experiment]
    training = STEPS[kind][0]
    settings = resolve(parameters, experiment, training)
    images = Path("data/prepared") / entry["dataset"] / "images.npy"
    task = Path("data/tasks") / entry["task"] / "table.parquet"
    if seed not in entry["seeds"]:
        raise UserError(f"{experiment} has no seed {seed}; it has {', '.join(map(str, entry['seeds']))}")
    for path in (images, task):
        if not path.exists():
            raise UserError(f"{path}: not there; `dvc repro` makes it")
    array, table = open_images(images), of_seed(pd.read_parquet(task), seed)
    key = run_key(settings, seed, check_intact(array, table), table, step_code(training, settings))
    if "start" in entry:
        state = Path("data/runs", entry["start"], "states", f"{seed}.safetensors")
        key["start"] = hashlib.sha256(state.read_bytes()).hexdigest() if state.exists() else ""
    folder = unfinished(experiment, seed, key)
    return replay(array, table, settings, seed, folder, experiment, step, ends=kind == "pretrainings")
