"""From a source of images to one array and one table."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def prepare(settings: dict[str, Any]) -> "tuple[np.ndarray, pd.DataFrame]":
    """Images, N x H x W x C uint8, and their table; verified by the source's hashes."""
    from gristmill.data.prepare import prepare

    return prepare(settings)
