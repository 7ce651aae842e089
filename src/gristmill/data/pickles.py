"""Pickle files of data, read without trusting them: plain values and arrays of numbers, and nothing in them is run."""

import pickle
from typing import IO, Any, ClassVar

import numpy as np

from gristmill.errors import UserError

REMEDY = "delete it and get it again"
NUMBERS = {f"{kind}{size}" for kind, sizes in {"u": "1248", "i": "1248", "f": "48"}.items() for size in sizes}


def load(stream: IO[bytes], where: str) -> dict[str, Any]:
    """The dict in a pickle of any protocol, of Python 2 or 3: bytes, strings, numbers, lists, dicts and arrays.

    Raises:
        UserError: it holds anything else (which is refused, not executed), no dict, or is damaged.
    """
    try:
        found = _Restricted(stream, encoding="bytes").load()
    except UserError:
        raise
    except Exception as error:   # a damaged pickle can fail in any way
        raise UserError(f"{where}: not a readable pickle file ({error}); {REMEDY}") from error
    if not isinstance(found, dict):
        raise UserError(f"{where}: the pickle holds a {type(found).__name__}, not a dict; {REMEDY}")
    return {
        key.decode("latin-1") if isinstance(key, bytes) else str(key): _plain(value, where)
        for key, value in found.items()
    }


def whole_numbers(value: Any, count: int, what: str) -> np.ndarray:
    """A list or an array of so many whole numbers, as int64; `what` begins the message for anything else."""
    if isinstance(value, list) and all(type(each) is int for each in value):
        value = np.array(value, np.int64)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iu" or value.shape != (count,):
        raise UserError(f"{what} must list {count:,} whole numbers; {REMEDY}")
    return value.astype(np.int64)


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, _Kind):
        raise UserError(f"{where}: not a readable pickle file (a type without an array); {REMEDY}")
    return value.array if isinstance(value, _Array) else value


class _Kind:
    """Stands for numpy.dtype while a pickle is read: of all types data files need numbers."""

    def __init__(self, code: bytes | str, *flags: Any) -> None:
        self.code = code.decode("latin-1") if isinstance(code, bytes) else code
        if self.code not in NUMBERS:
            raise pickle.UnpicklingError(f"an array of type {code!r}")
        self.dtype = np.dtype(self.code)

    def __setstate__(self, state: Any) -> None:
        """Byte order; of the rest numbers have none."""
        order = state[1].decode("latin-1") if isinstance(state[1], bytes) else state[1]
        if order not in ("<", ">", "|", "="):
            raise pickle.UnpicklingError(f"an array with the byte order {order!r}")
        self.dtype = np.dtype(order + self.code)


class _Array:
    """Stands for numpy.ndarray: numpy's own __setstate__ would trust the shape and the type of its bytes."""

    array: np.ndarray

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, by_column, content = state
        self.array = _numbers(content, kind, shape, "F" if by_column else "C")


def _numbers(content: Any, kind: Any, shape: Any, order: str) -> np.ndarray:
    if not isinstance(kind, _Kind) or not isinstance(content, bytes | bytearray):
        raise pickle.UnpicklingError("an array that does not hold numbers")
    return np.frombuffer(content, kind.dtype).reshape(shape, order="F" if order in ("F", b"F") else "C")


def _reconstruct(*ignored: Any) -> _Array:
    return _Array()


def _from_buffer(content: Any, kind: Any, shape: Any, order: Any = "C") -> _Array:
    """An array of protocol 5."""
    found = _Array()
    found.array = _numbers(content, kind, shape, order)
    return found


def _encode(text: Any, encoding: Any) -> bytes:
    """Bytes as Python 3 writes them into protocols 0 to 2."""
    if not isinstance(text, str) or encoding not in ("latin1", b"latin1"):
        raise pickle.UnpicklingError("bytes in an unknown encoding")
    return text.encode("latin-1")


def _no_bytes() -> bytes:
    return b""


class _Restricted(pickle.Unpickler):
    """Builds nothing but the plain values of pickle and the stand-ins above."""

    ALLOWED: ClassVar = {
        ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
        ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
        ("numpy.core.numeric", "_frombuffer"): _from_buffer,
        ("numpy._core.numeric", "_frombuffer"): _from_buffer,
        ("numpy", "ndarray"): _Array,
        ("numpy", "dtype"): _Kind,
        ("_codecs", "encode"): _encode,
        ("__builtin__", "bytes"): _no_bytes,
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no data file needs")
        return self.ALLOWED[module, name]
