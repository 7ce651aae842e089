"""Writes pickles as Python 2's cPickle wrote CIFAR's (protocol 2), opcode by opcode: Python 3 cannot."""

import struct
from typing import Any

import numpy as np


class Python2Pickle:
    """`dump(value) -> bytes` for dicts, lists, byte strings, whole numbers and uint8 arrays."""

    def __init__(self) -> None:
        self.remembered = 0
        self.classes: dict[str, int] = {}

    def dump(self, value: Any) -> bytes:
        return b"\x80\x02" + self._value(value) + b"."

    def _value(self, value: Any) -> bytes:
        if isinstance(value, dict):
            return b"}" + self._put() + b"(" + b"".join(self._value(x) for pair in value.items() for x in pair) + b"u"
        if isinstance(value, list):
            head = b"]" + self._put()
            blocks = [value[i : i + 1000] for i in range(0, len(value), 1000)]
            return head + b"".join(b"(" + b"".join(map(self._value, block)) + b"e" for block in blocks)
        if isinstance(value, bytes):
            return self._string(value) + self._put()
        if isinstance(value, np.ndarray):
            return self._array(value)
        return self._number(value)

    def _array(self, value: np.ndarray) -> bytes:
        head = self._class("numpy.core.multiarray", "_reconstruct") + self._class("numpy", "ndarray")
        head += b"K\x00\x85" + self._string(b"b") + b"\x87R" + self._put()
        kind = self._class("numpy", "dtype") + self._string(b"u1") + b"K\x00K\x01\x87R" + self._put()
        kind += b"(K\x03" + self._string(b"|") + b"NNN" + self._number(-1) * 2 + b"K\x00tb"
        shape = self._number(value.shape[0]) + self._number(value.shape[1]) + b"\x86"
        return head + b"(K\x01" + shape + kind + b"\x89" + self._string(value.tobytes()) + b"tb"

    def _class(self, module: str, name: str) -> bytes:
        return f"c{module}\n{name}\n".encode() + self._put()

    def _put(self) -> bytes:
        self.remembered += 1
        n = self.remembered
        return b"q" + bytes([n]) if n < 256 else b"r" + struct.pack("<I", n)

    @staticmethod
    def _string(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value if len(value) < 256 else b"T" + struct.pack("<i", len(value)) + value

    @staticmethod
    def _number(value: int) -> bytes:
        if 0 <= value < 256:
            return b"K" + bytes([value])
        return b"M" + struct.pack("<H", value) if 0 <= value < 65536 else b"J" + struct.pack("<i", value)
