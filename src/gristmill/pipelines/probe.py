"""Named protocols, asked of a network: how far its features tell the fine classes apart."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from torch import nn

    from gristmill.views.view import View


def probed(
    names: list[str],
    network: "nn.Module",
    images: "np.ndarray",
    table: "pd.DataFrame",
    view: "View",
    seed: int,
    **how: Any,
) -> dict[str, float]:
    """What protocols find: training images vote or train a classifier, test images are asked.

    Args:
        names: of protocols (`gristmill.protocols`); without one nothing is looked at.
        images: M x H x W x C uint8, or packed ones of many sizes.
        table: the task, of one seed; images without a fine label take no part.
        view: the test view.
        seed: of what a protocol draws.
        how: of `evaluate.features.extract`: batch, precision.

    Returns:
        `<name>_top1` and more (`evaluate.protocols.measure`).
    """
    import numpy as np
    import torch

    from gristmill.evaluate.features import extract
    from gristmill.evaluate.protocols import measure
    from gristmill.protocols import PROTOCOLS
    from gristmill.train.keys import generator

    if not names:
        return {}
    known = table[table["fine"] >= 0]
    classes, labels = np.unique(known["fine"], return_inverse=True)
    parts, found = {part: np.asarray(known["part"] == part) for part in ("train", "test")}, {}
    for reads in dict.fromkeys(PROTOCOLS[name].reads for name in names):
        train, test = (
            (
                torch.from_numpy(extract(network, images, np.asarray(known["row"])[own], view, reads=reads, **how)),
                torch.from_numpy(labels[own]),
            )
            for own in parts.values()
        )
        for name in (name for name in names if PROTOCOLS[name].reads == reads):
            found |= measure(name, train, test, len(classes), generator(seed, f"probe/{name}"))
    return found
