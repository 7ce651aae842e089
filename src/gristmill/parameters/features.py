"""What the evaluation of self-supervised methods reads of params.yaml."""

from typing import Annotated

from pydantic import Field, field_validator

from gristmill.parameters.sections import Count, Ranks, refuse
from gristmill.protocols import PROTOCOLS


class Judged(Ranks):
    """Recall@K, and protocols by name."""

    protocols: list[str]

    @field_validator("protocols")
    @classmethod
    def known_once(cls, names: list[str]) -> list[str]:
        """Each name is one of the table, and stands once."""
        for name in names:
            if name not in PROTOCOLS:
                raise refuse(f"no such protocol {name!r}; there are {', '.join(PROTOCOLS)}")
            if names.count(name) > 1:
                raise refuse(f"{name} stands twice")
        return names


class Watch(Judged):
    """Evaluation during training."""

    every: Count


class Features(Judged):
    """Evaluation after training."""

    batch: Annotated[int, Field(ge=2, le=65536)]
    threads: Annotated[int, Field(ge=1, le=1024)]
