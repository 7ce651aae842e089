"""The whole state of an unfinished run in one file, from which it goes on with the same bits."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor

from gristmill.errors import UserError


def write(path: Path, content: bytes) -> None:
    """Replace a file at once or not at all: under another name first, flushed to the disk, then renamed."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UserError(f"{path}: cannot be written: {error.strerror}; nothing of it was left behind") from error


class Checkpoint:
    """Reads and writes `state.safetensors` in a run's resume folder.

    A state is a flat mapping of names to tensors, and plain values (step, history rows) that JSON keeps exactly.
    """

    def __init__(self, folder: Path):
        self.path = folder / "state.safetensors"
        self.writer: Thread | None = None
        self.error: UserError | None = None

    def read(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The newest state, or None where there is none; a damaged file is refused by name."""
        if not self.path.exists():
            return None
        try:
            with safe_open(self.path, "pt") as file:
                values = json.loads(file.metadata()["gristmill"])
                return {name: file.get_tensor(name) for name in file.keys()}, values  # noqa: SIM118
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            message = f"{self.path}: damaged checkpoint ({error}); delete it and the run starts from its beginning"
            raise UserError(message) from error

    def write(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Copy the state now, write it while training goes on."""
        self.wait()
        self.writer = Thread(target=self._write, args=(copied(tensors), told(values)), daemon=True)
        self.writer.start()

    def _write(self, tensors: dict[str, Tensor], text: dict[str, str]) -> None:
        try:
            write(self.path, save(tensors, text))
        except UserError as error:
            self.error = error

    def describe(self) -> str:
        """Where the newest state is, for a message; one that is being written counts."""
        if self.writer is not None:
            self.writer.join()
        saved = self.read() if self.path.exists() else None
        return f"step {saved[1]['step']} in {self.path}" if saved else "the beginning"

    def wait(self) -> None:
        """Until the last state is on the disk; says what went wrong with it."""
        if self.writer is not None:
            self.writer.join()
            self.writer = None
        if self.error is not None:
            raise self.error


def copied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """On the CPU, in memory of their own."""
    return {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors.items()}


def told(values: Mapping[str, Any]) -> dict[str, str]:
    """A file's metadata: one key, and values in the order they came, so that the history's columns keep theirs."""
    return {"gristmill": json.dumps(values)}


def state_bytes(tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> bytes:
    """A state as the content of a file; the same bytes for the same state."""
    return save(copied(tensors), told(values))


def read_state(content: bytes) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """A state from the content of a file."""
    size = int.from_bytes(content[:8], "little")
    return load(content), json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["gristmill"])
