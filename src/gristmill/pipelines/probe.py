"""Named protocols, asked of a network: how far its features tell the fine classes apart."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from torch import nn

    from gristmill.views.view import View

    Read = Callable[[np.ndarray, str], np.ndarray]


def reader(network: "nn.Module", images: "np.ndarray", view: "View", **how: Any) -> "Read":
    """A function from rows of images to a network's outputs, which passes the same images only once.

    Args:
        images: M x H x W x C uint8, or packed ones of many sizes.
        view: the test view.
        how: of `evaluate.features.extract`: batch, precision.

    Returns:
        rows, `features` or `forward` (`gristmill.protocols`) -> float32 N x d.
    """
    from gristmill.evaluate.features import extract

    kept: dict[tuple[bytes, str], Any] = {}

    def read(rows: "np.ndarray", reads: str) -> "np.ndarray":
        key = rows.tobytes(), reads
        if key not in kept:
            kept[key] = extract(network, images, rows, view, reads=reads, **how)
        return kept[key]

    return read


def probed(names: list[str], read: "Read", table: "pd.DataFrame", seed: int) -> dict[str, float]:
    """What protocols find: training images vote or train a classifier, test images are asked.

    Args:
        names: of protocols (`gristmill.protocols`); without one nothing is looked at.
        read: as `reader` gives it.
        table: the task, of one seed; images without a fine label take no part.
        seed: of what a protocol draws.

    Returns:
        `<name>_top1` and more (`evaluate.protocols.measure`).
    """
    import numpy as np
    import torch

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
            (torch.from_numpy(read(np.asarray(known["row"])[own], reads)), torch.from_numpy(labels[own]))
            for own in parts.values()
        )
        for name in (name for name in names if PROTOCOLS[name].reads == reads):
            found |= measure(name, train, test, len(classes), generator(seed, f"probe/{name}"))
    return found
