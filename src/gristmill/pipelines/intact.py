"""Whether the prepared images are still those that were prepared."""

import hashlib
import os
from typing import TYPE_CHECKING

from gristmill.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from gristmill.data.packed import Images


def check_intact(images: "Images", table: "pd.DataFrame") -> str:
    """The SHA-256 of the images' bytes.

    Args:
        images: as opened, maybe memory-mapped.
        table: of a task on them; keeps the hash that they had when they were prepared.

    Raises:
        UserError: they differ.
    """
    wanted, found = table.attrs["images_sha256"], hashlib.sha256(images.data).hexdigest()
    if found != wanted:
        place = getattr(images, "filename", None)
        place = os.path.relpath(place) if place else "the prepared images"
        hashes = f"expected {wanted[:8]}..., found {found[:8]}..."
        raise UserError(f"{place}: hash differs ({hashes}): the file is damaged; delete it and run dvc repro again")
    return found
