"""Losses among the images of a batch: SimCLR, SupCon: golden kinds."""

from collections.abc import Callable

KINDS: dict[str, Callable] = {}
