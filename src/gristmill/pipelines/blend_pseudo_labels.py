"""The second phase of a training of two: with pseudo-labels that are blended."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def blend_pseudo_labels(
    experiment: str,
    code: Callable[[dict[str, Any]], dict[str, str]],
    images: "np.ndarray",
    table: "pd.DataFrame",
    states: "dict[str, Callable[[], bytes]]",
    settings: dict[str, Any],
) -> "tuple[dict[str, Callable[[], bytes]], pd.DataFrame]":
    """Train each seed from the end of its first phase to its own, or take it from the resume folder.

    Args:
        experiment: names the resume folder.
        code: fingerprints of this step, for its settings.
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task.
        states: seed -> function that reads the state that the first phase left.
        settings: of both phases.

    Returns:
        seed -> function that reads the encoder's file; the history of all seeds, the first phase included.
    """
    from gristmill.pipelines.seeds import each_seed

    return each_seed(experiment, code(settings), images, table, settings, states=states)
