"""From a source to what every later stage starts from: one uint8 array, one checked table, one hash."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from gristmill.data.schemas import Prepared, checked
from gristmill.data.source import Samples, reader, setting
from gristmill.errors import UserError

BLOCK = 64 << 20   # bytes hashed at a time


def prepare(settings: Any) -> tuple[np.ndarray, pd.DataFrame]:
    """Read and verify a data set.

    Args:
        settings: dict or object with `source` (a module of this folder) and what its `read` needs (`path`).

    Returns:
        images N x H x W x C uint8, and the table of `schemas.Prepared`, whose `attrs["images_sha256"]` is the hash
        of the images' bytes (pandas keeps it in Parquet).

    Raises:
        UserError: unknown source, missing or damaged files, images or labels that are not as they must be.
    """
    source = setting(settings, "source")
    samples = reader(source).read(settings)
    check_images(samples, f"source '{source}'")
    table = checked(Prepared, samples.table, f"source '{source}'")
    table.attrs["images_sha256"] = images_sha256(samples.images)
    return samples.images, table


def check_images(samples: Samples, what: str) -> None:
    """Refuse an array that is not N x H x W x C uint8 with a row of the table for each image."""
    images, table = samples
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] not in (1, 3):
        raise UserError(f"{what}: images must be N x H x W x (1 or 3) uint8, not {images.shape} {images.dtype}")
    if len(images) != len(table):
        raise UserError(f"{what}: {len(images):,} images, but {len(table):,} rows in the table")
    if not len(images):
        raise UserError(f"{what}: there is no image in it")


def images_sha256(images: np.ndarray) -> str:
    """Hex SHA-256 of the images' bytes in C order; a memory-mapped array is read block by block."""
    digest = hashlib.sha256()
    rows = max(1, BLOCK // max(1, images[:1].nbytes))
    for start in range(0, len(images), rows):
        digest.update(np.ascontiguousarray(images[start : start + rows]).data)
    return digest.hexdigest()
