"""How arrays and encoders are opened and written: beside their place first, then renamed, so never half."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from kedro.io import AbstractDataset


def draft_of(path: Path) -> Path:
    """Where a file is written before it gets its name."""
    return path.with_name(f"{path.name}.tmp")


class BytesDataset(AbstractDataset[Any, Any]):
    """One file of bytes, replaced at once."""

    def __init__(self, filepath: str, metadata: dict[str, Any] | None = None):
        self.path = Path(filepath)
        self._filepath = self.path  # kedro viz looks for it
        self.metadata = metadata

    def load(self) -> Any:
        """The whole content."""
        return self.path.read_bytes()

    def save(self, data: Any) -> None:
        """Replace the file."""
        self.replace(lambda file: file.write(data))

    def replace(self, write: Callable[[IO[bytes]], object]) -> None:
        """Write a new file under a temporary name, then give it this one's name."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = draft_of(self.path)
        try:
            with draft.open("wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise

    def _exists(self) -> bool:
        return self.path.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self.path)}


class ArrayDataset(BytesDataset):
    """Images, opened memory-mapped and read-only: copy the batch that you gather, not the file."""

    def load(self) -> Any:
        """The array, or `Packed` images of many sizes; nothing of them is read yet."""
        from gristmill.data.packed import open_images

        return open_images(self.path)

    def save(self, data: Any) -> None:
        """Write an array of any shape, or give the finished draft that a path names this file's name."""
        if isinstance(data, Path):
            data.replace(self.path)
            return
        from numpy import ascontiguousarray
        from numpy.lib import format

        array = ascontiguousarray(data)

        def write(file: IO[bytes]) -> None:  # np.save itself does not say that the disk is full
            format.write_array_header_1_0(file, format.header_data_from_array_1_0(array))
            file.write(array.data)

        self.replace(write)


class ArraysDataset(BytesDataset):
    """Several named NumPy arrays."""

    def load(self) -> Any:
        """Name -> array."""
        import numpy as np

        with np.load(self.path) as arrays:
            return dict(arrays)

    def save(self, data: dict[str, Any]) -> None:
        """Write name -> array; the same bytes for the same arrays."""
        import numpy as np

        self.replace(lambda file: np.savez(file, **data))


class EncoderDataset(BytesDataset):
    """An encoder's safetensors file: saved as the bytes that the trainer made, loaded as tensors and recipe."""

    def load(self) -> Any:
        """Tensors by name, and the recipe to build and feed the network."""
        from gristmill.networks.build import read_encoder

        return read_encoder(self.path)
