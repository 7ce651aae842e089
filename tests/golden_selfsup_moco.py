"""MoCo, and LoGo on MoCo and on SimSiam: golden kinds."""

from collections.abc import Callable

KINDS: dict[str, Callable] = {}
