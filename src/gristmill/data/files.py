"""Reading files that must be exactly those that they claim to be."""

import hashlib
from pathlib import Path
from typing import NamedTuple

from gristmill.errors import UserError

BLOCK = 1 << 20   # bytes read at a time


class Published(NamedTuple):
    """A file that can be downloaded: its name, MD5 and address."""

    name: str
    md5: str
    url: str


def read_bytes(path: Path) -> bytes:
    """The content of a file; one line where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def content_hash(content: bytes, algorithm: str) -> str:
    """Hex digest; `algorithm` as hashlib names it."""
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()


def file_hash(path: Path, algorithm: str) -> str:
    """Hex digest of a file of any size, read in blocks."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    try:
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise _unreadable(path, error) from error
    return digest.hexdigest()


def check_hash(path: Path | str, found: str, expected: str, remedy: str) -> None:
    """Refuse data whose digest is another one; `remedy` ends the message with the way out."""
    if found != expected:
        raise UserError(
            f"{path}: hash differs (expected {expected[:8]}..., found {found[:8]}...): "
            f"the file is damaged or another version; {remedy}"
        )


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(f"{path}: cannot be read ({error.strerror or error})")
