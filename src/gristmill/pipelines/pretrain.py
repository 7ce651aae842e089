"""The first phase of a training of two: until the first blended label would be used."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def pretrain(
    experiment: str,
    code: Callable[[dict[str, Any]], dict[str, str]],
    images: "np.ndarray",
    table: "pd.DataFrame",
    settings: dict[str, Any],
) -> "tuple[dict[str, Callable[[], bytes]], pd.DataFrame]":
    """Train each seed up to the end of its first phase, or take it from the resume folder.

    Args:
        experiment: names the resume folder.
        code: fingerprints of this step, for its settings.
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task.
        settings: of the first phase.

    Returns:
        seed -> function that reads the file of the whole state; the history of all seeds so far.
    """
    from gristmill.pipelines.seeds import each_seed

    return each_seed(experiment, code(settings), images, table, settings, ends="pretraining")
