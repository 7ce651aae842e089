"""A small Fashion-MNIST in the exact form of its files."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from gristmill.data import fashion_mnist

TRAIN, TEST = 30, 20


def packed_head(array: np.ndarray) -> bytes:
    """The head of an IDX file of uint8."""
    return bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()


def arrays() -> list[np.ndarray]:
    """Images and labels of train and test; every class is in both."""
    rng = np.random.default_rng(0)
    made = []
    for count in (TRAIN, TEST):
        made += [rng.integers(0, 256, (count, 28, 28), np.uint8), rng.permutation(count).astype(np.uint8) % 10]
    return made


def write(folder: Path, monkeypatch: pytest.MonkeyPatch, packed: bool = True) -> list[np.ndarray]:
    """Write the four files and let the reader take them for the published ones."""
    folder.mkdir(parents=True, exist_ok=True)
    made, described = arrays(), []
    for file, array in zip(fashion_mnist.FILES, made, strict=True):
        content = packed_head(array) + array.tobytes()
        described.append(file._replace(md5=hashlib.md5(content).hexdigest()))
        if packed:
            (folder / f"{file.name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / file.name).write_bytes(content)
    monkeypatch.setattr(fashion_mnist, "FILES", tuple(described))
    return made
