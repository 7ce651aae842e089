"""SimSiam and BYOL, LARS and learning rates: golden kinds."""

from collections.abc import Callable

KINDS: dict[str, Callable] = {}
