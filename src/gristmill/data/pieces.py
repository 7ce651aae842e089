"""Sources too large for memory: their images go to a file piece by piece, and are hashed on the way."""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import IO, Any

import numpy as np
import pandas as pd
from numpy.lib import format as npy
from tqdm import tqdm

from gristmill.data.packed import tail
from gristmill.data.source import Pieces, check_images
from gristmill.errors import UserError

LINE_EVERY = 10.0   # seconds between two lines of a log
HEAD = 128   # bytes of a .npy file's head, whatever its shape


def write_pieces(source: Pieces, path: Path, what: str) -> tuple[str, pd.DataFrame]:
    """Write the images of all pieces to a .npy file, which is complete or not there.

    Images of one size become one array, N x H x W x C; lists of images become the 1-D array of `packed.py`.

    Returns:
        Hex SHA-256 of the array's bytes, and the table of all images.

    Raises:
        UserError: a piece that is not as it must be, a full disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("wb") as file:
            return _write(source, file, what)
    except BaseException as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno:   # of the disk; what a source reads is its own to explain
            raise UserError(f"{path}: {error.strerror}; the prepared images are written there") from error
        raise


def _write(source: Pieces, file: IO[bytes], what: str) -> tuple[str, pd.DataFrame]:
    digest, tables, sizes, done = hashlib.sha256(), [], [], 0
    form: tuple[int, ...] | None = None   # of an image; of images of many sizes: the channels alone

    def put(content: Any) -> None:
        digest.update(content)
        file.write(content)

    file.write(bytes(HEAD))
    for piece in shown(source, what):
        check_images(piece, what)
        packed = isinstance(piece.images, list)
        own = piece.images[0].shape[2:] if packed else piece.images.shape[1:]
        if form is not None and own != form:
            raise UserError(f"{what}: images of the form {form} and {own} in one set")
        form, done = own, done + len(piece.images)
        for block in piece.images if packed else [piece.images]:
            put(np.ascontiguousarray(block).data)
        if packed:
            sizes += [image.shape[:2] for image in piece.images]
        tables.append(piece.table)
    if form is None:
        raise UserError(f"{what}: there is no image in it")
    if sizes:
        put(tail(sizes, form[0]))
    shape = (file.tell() - HEAD,) if sizes else (done, *form)
    file.seek(0)
    file.write(head(shape))
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest(), pd.concat(tables, ignore_index=True)


def head(shape: tuple[int, ...]) -> bytes:
    """The head of a .npy file of bytes."""
    buffer = BytesIO()
    npy.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": shape})
    assert len(buffer.getvalue()) == HEAD
    return buffer.getvalue()


def shown(source: Pieces, what: str) -> Iterator[Any]:
    """The pieces; a bar on stderr says how far they are, or a line now and then where that is no terminal."""
    terminal, started = sys.stderr.isatty(), monotonic()
    spoken, done = started, 0
    form = "  {desc} {bar} {percentage:3.0f} %  {n_fmt}/{total_fmt} images  {rate_fmt}  {remaining} left"
    with tqdm(
        total=source.count, desc=f"prepare  {what}", bar_format=form, unit="", unit_scale=True, disable=not terminal
    ) as bar:
        for piece in source.pieces:
            yield piece
            done += len(piece.images)
            bar.update(len(piece.images))
            now = monotonic()
            if not terminal and now - spoken > LINE_EVERY:
                spoken, left = now, (now - started) / done * (source.count - done)
                share = f"{100 * done / max(source.count, 1):3.0f} %  {done:,}/{source.count:,} images"
                print(f"  prepare  {what}  {share}  {left:.0f} s left", file=sys.stderr, flush=True)
