"""Looking at one step of a run that failed: from its last good state up to that step, then part by part."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from gristmill.attributes import attributes
from gristmill.data.packed import Images
from gristmill.errors import UserError
from gristmill.train.checkpoint import Checkpoint
from gristmill.train.run import make_run, prepare_process


def replay(
    images: Images,
    table: pd.DataFrame,
    settings: dict[str, Any],
    seed: int,
    folder: Path | None,
    name: str,
    step: int,
    ends: bool = False,
) -> Iterator[str]:
    """Train again up to a step and tell what that step sees and makes; nothing in `folder` changes.

    Args:
        folder: of the unfinished run; without one, or without a state in it, the run is repeated from its beginning.
        step: the step to look at.

    Yields:
        Lines: the range of each input, the parts of the loss, tensors that are not finite.
    """
    plain = attributes(settings)
    prepare_process(plain.train.threads, plain.train.device)
    with TemporaryDirectory() as scratch:
        saved = Checkpoint(folder).read() if folder else None
        if folder and saved and saved[1]["step"] <= step:
            copyfile(folder / "state.safetensors", Path(scratch) / "state.safetensors")
        plain.train.checkpoint = plain.train.epochs * 10**9  # never written
        run = make_run(images, table, plain, seed, Checkpoint(Path(scratch)), name)
        steps = run.method.first_phase if ends else run.steps
        if step >= steps:
            raise UserError(f"{name} has no step {step}: it has {steps} steps, counted from 0")
        run.train(stop=step)
    batch = run.batches(step)
    for stream in run.batches.streams:
        for view, values in vars(getattr(batch, stream)).items():
            yield f"{stream}.{view}: {ranges(values)}"
    run.batches.ready[step] = batch
    weights = [n for n, p in run.method.named_parameters() if not bool(torch.isfinite(p).all())]
    yield f"weights before the step that are not finite: {', '.join(weights) or 'none'}"
    run.checkpoint = None
    with suppress(UserError):  # that it is not finite is what we are here to see
        run.advance(step)
    values = run.log.values(step % run.epoch_steps)
    yield "the step: " + ", ".join(f"{key} {value:.6g}" for key, value in values.items())
    bad = [n for n, p in run.method.named_parameters() if p.grad is not None and not bool(p.grad.isfinite().all())]
    yield f"gradients that are not finite: {', '.join(bad) or 'none'}"


def ranges(values: Tensor) -> str:
    """Shape and extremes."""
    finite = "" if bool(torch.isfinite(values.double()).all()) else ", NOT finite"
    return f"{tuple(values.shape)} from {values.min().item():.4g} to {values.max().item():.4g}{finite}"
