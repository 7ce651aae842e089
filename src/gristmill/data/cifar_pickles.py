"""The official Python files of CIFAR, read without trusting them: checked by MD5, and nothing in them is run."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gristmill.data.cifar_layout import Batch, Layout, check_labels
from gristmill.data.files import check_hash, content_hash, file_hash, read_bytes
from gristmill.data.pickles import REMEDY, load, whole_numbers
from gristmill.errors import UserError


def find_files(folder: Path, layout: Layout) -> list[Path]:
    """The batches in the folder or its subfolder, or the archive; empty where neither is there.

    Raises:
        UserError: some of the batches are there, others are missing.
    """
    for place in (folder, folder / layout.folder):
        paths = [place / batch.file for batch in layout.batches]
        missing = [path.name for path in paths if not path.is_file()]
        if not missing:
            return paths
        if len(missing) < len(paths):
            names = ", ".join(missing)
            raise UserError(f"{place}: {names} missing; all files of {layout.archive} ({layout.url}) must be there")
    archive = folder / layout.archive
    return [archive] if archive.is_file() else []


def read_files(paths: list[Path], layout: Layout) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Read the batches (or the one archive) that `find_files` found.

    Returns:
        images N x 32 x 32 x 3 uint8, part (N names), fine and coarse labels (N integers; coarse zeros where the set
        has none), batch after batch.
    """
    rows = sum(batch.rows for batch in layout.batches)
    images = np.empty((rows, layout.side, layout.side, 3), np.uint8)
    part = np.repeat([batch.part for batch in layout.batches], [batch.rows for batch in layout.batches])
    fine, coarse = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
    start = 0
    for batch, where, content in _contents(paths, layout):
        check_hash(where, content_hash(content, "md5"), batch.md5, REMEDY)
        taken = slice(start, start + batch.rows)
        images[taken], fine[taken], coarse[taken] = _batch(content, batch, layout, where)
        start += batch.rows
    return images, part, fine, coarse


def _contents(paths: list[Path], layout: Layout) -> Iterator[tuple[Batch, str, bytes]]:
    """Each batch with the name for messages and its bytes, one after the other."""
    if paths[0].name != layout.archive:
        for batch, path in zip(layout.batches, paths, strict=True):
            yield batch, str(path), read_bytes(path)
        return
    check_hash(paths[0], file_hash(paths[0], "md5"), layout.archive_md5, REMEDY)
    try:
        with tarfile.open(paths[0], "r:gz") as archive:   # members are read, never extracted
            for batch in layout.batches:
                member = archive.extractfile(f"{layout.folder}/{batch.file}")
                if member is None:
                    raise KeyError(batch.file)
                yield batch, f"{paths[0]}: {batch.file}", member.read()
    except (tarfile.TarError, EOFError, OSError, KeyError) as error:
        raise UserError(f"{paths[0]}: not a readable archive of {layout.name} ({error}); {REMEDY}") from error


def _batch(content: bytes, batch: Batch, layout: Layout, where: str) -> tuple[np.ndarray, np.ndarray, np.ndarray | int]:
    found = load(io.BytesIO(content), where)
    data = found.get("data")
    shape = (batch.rows, 3 * layout.side**2)
    if not isinstance(data, np.ndarray) or data.shape != shape or data.dtype != np.uint8:
        held = f"{data.shape} {data.dtype}" if isinstance(data, np.ndarray) else type(data).__name__
        raise UserError(f"{where}: 'data' must be {shape} uint8, not {held}; {REMEDY}")
    images = data.reshape(-1, 3, layout.side, layout.side).transpose(0, 2, 3, 1)   # red, green, blue planes -> pixels
    fine = _labels(found, layout.fine_key, layout.fine_names, batch.rows, where)
    if not layout.coarse_names:
        return images, fine, 0
    return images, fine, _labels(found, layout.coarse_key, layout.coarse_names, batch.rows, where)


def _labels(found: dict[str, Any], key: str, names: tuple[str, ...], rows: int, where: str) -> np.ndarray:
    labels = whole_numbers(found.get(key), rows, f"{where}: '{key}'")
    check_labels(labels, names, where)
    return labels
