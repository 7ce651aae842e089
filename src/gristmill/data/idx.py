"""IDX files, the form in which MNIST and its kin are published: a head of big-endian numbers, then bytes."""

import gzip
import zlib
from math import prod
from pathlib import Path

import numpy as np

from gristmill.data.files import check_hash, content_hash, read_bytes
from gristmill.errors import UserError

UINT8 = 0x08  # the only kind of number read here
REMEDY = "get the original file again"


def read_idx(path: Path, dimensions: int, md5: str) -> np.ndarray:
    """Read a raw file, or one packed by gzip.

    Args:
        path: its name ends in .gz where it is packed.
        dimensions: 1 for labels, 3 for grey images.
        md5: of the raw content, whichever way it is packed.

    Returns:
        uint8, read-only, of the sizes that the head says.

    Raises:
        UserError: a file that is truncated, damaged, of another form or another version.
    """
    content = _unpacked(path)
    array = parse(content, dimensions, str(path))
    check_hash(path, content_hash(content, "md5"), md5, REMEDY)
    return array


def parse(content: bytes, dimensions: int, where: str) -> np.ndarray:
    """The array in a raw file; `where` names the file in messages."""
    head = 4 * (1 + dimensions)
    magic = bytes((0, 0, UINT8, dimensions))
    if len(content) < head or content[:4] != magic:
        found = content[:4].hex() or "nothing"
        raise UserError(f"{where}: not an IDX file of {dimensions} dimensions: begins with {found}, not {magic.hex()}")
    sizes = [int(size) for size in np.frombuffer(content, ">u4", dimensions, offset=4)]
    if len(content) != head + prod(sizes):
        form = " x ".join(map(str, sizes))
        raise UserError(f"{where}: {len(content):,} bytes, {head + prod(sizes):,} wanted for {form}; {REMEDY}")
    return np.frombuffer(content, np.uint8, offset=head).reshape(sizes)


def _unpacked(path: Path) -> bytes:
    content = read_bytes(path)
    if path.suffix != ".gz":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: not a readable gzip file ({error}); {REMEDY}") from error
