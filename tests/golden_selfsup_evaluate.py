"""Weighted kNN, linear probe, collapse: golden kinds."""

from collections.abc import Callable

KINDS: dict[str, Callable] = {}
