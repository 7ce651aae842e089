"""One measure for encoders of all families: the same images, the same protocols."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from torch import Tensor


def judge(
    images: "np.ndarray",
    table: "pd.DataFrame",
    encoder: "Callable[[], tuple[dict[str, Tensor], dict[str, Any]]]",
    protocols: list[str],
    seed: int,
) -> dict[str, float]:
    """How far an encoder's features tell the fine classes of a task apart, whatever it was trained on.

    Args:
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task whose images are asked: part train votes or trains a classifier, with fine labels, whether the
            encoder's training saw them or not.
        encoder: function that reads tensors and recipe.
        protocols: by name (`gristmill.protocols`).
        seed: of what a protocol draws.

    Returns:
        `recall_1`, among the test images, and what the protocols find.
    """
    from gristmill.evaluate.recall import recall_at_k
    from gristmill.pipelines.probe import probed, reader
    from gristmill.pipelines.restore import restored

    ((_, own, network, view),) = restored(table, {str(seed): encoder}, threads=1)
    test = own.loc[own["part"] == "test"]
    read = reader(network, images, view)
    recall = recall_at_k(read(test["row"].to_numpy(), "features"), test["fine"].to_numpy(), [1]).at[1]
    return {"recall_1": recall, **probed(protocols, read, own, seed)}
