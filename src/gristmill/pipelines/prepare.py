"""From a source of images to one file of them and one table."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def prepare(dataset: str, settings: dict[str, Any]) -> "tuple[np.ndarray | Path, pd.DataFrame]":
    """Images and their table; verified by the source's hashes.

    Args:
        dataset: names the folder in which images of a source that comes in pieces are drafted.
        settings: of the data set: `source`, `path`, possibly `side` and `classes`.

    Returns:
        N x H x W x C uint8, or the draft's path, which becomes the file of the images when it is saved; the table.
    """
    from gristmill.data.prepare import prepare
    from gristmill.pipelines.datasets import draft_of

    draft = draft_of(Path("data/prepared", dataset, "images.npy"))
    draft.unlink(missing_ok=True)  # of a preparation that was killed
    return prepare(settings, draft)
