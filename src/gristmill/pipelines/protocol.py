"""Which of two kinds of evaluation a method asks for; each is a module of its own, with code hashes of its own."""

from collections.abc import Mapping
from typing import Any


def protocol(step: str, section: Mapping[str, Any]) -> str:
    """The module beside this one that does a step: retrieval by Recall@K (`k`), else classes.

    Args:
        step: `monitor` or `evaluate`.
        section: its settings.
    """
    return step if "k" in section else f"{step}_classes"
