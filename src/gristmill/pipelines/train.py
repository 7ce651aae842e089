"""Training: all seeds of one experiment."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


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
    from gristmill.pipelines.seeds import each_seed

    return each_seed(experiment, code(settings), images, table, settings)
