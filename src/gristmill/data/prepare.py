"""From a source to what every later stage starts from: uint8 images, one checked table, one hash."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gristmill.data.pieces import write_pieces
from gristmill.data.schemas import Prepared, checked
from gristmill.data.source import Samples, check_images, reader, setting
from gristmill.errors import UserError

BLOCK = 64 << 20   # bytes hashed at a time


def prepare(settings: Any, draft: Path | None = None) -> tuple[np.ndarray | Path, pd.DataFrame]:
    """Read and verify a data set.

    Args:
        settings: dict or object with `source` (a module of this folder) and what its `read` needs (`path`).
        draft: where the images of a source that comes in pieces are written.

    Returns:
        images N x H x W x C uint8, or the draft with all of them in it; and the table of `schemas.Prepared`, whose
        `attrs["images_sha256"]` is the hash of the images' bytes (pandas keeps it in Parquet).

    Raises:
        UserError: unknown source, missing or damaged files, images or labels that are not as they must be.
    """
    source = setting(settings, "source")
    what = f"source '{source}'"
    given = reader(source).read(settings)
    if isinstance(given, Samples):
        if setting(settings, "side") is not None:
            raise UserError(f"{what}: its images have one size already; leave 'side' out")
        check_images(given, what)
        table = checked(Prepared, given.table, what)
        table.attrs["images_sha256"] = images_sha256(given.images)
        return given.images, table
    if draft is None:
        raise ValueError(f"{what} comes in pieces: say where to write its images")
    digest, table = write_pieces(given, draft, what)
    try:
        table = checked(Prepared, table, what)
    except UserError:
        draft.unlink()
        raise
    table.attrs["images_sha256"] = digest
    return draft, table


def images_sha256(images: np.ndarray) -> str:
    """Hex SHA-256 of the images' bytes in C order; a memory-mapped array is read block by block."""
    digest = hashlib.sha256()
    rows = max(1, BLOCK // max(1, images[:1].nbytes))
    for start in range(0, len(images), rows):
        digest.update(np.ascontiguousarray(images[start : start + rows]).data)
    return digest.hexdigest()
