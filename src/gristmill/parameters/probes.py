"""What encoders are good for: the entries of `probes`, and the section `probe` that they share."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from gristmill.corruptions import TABLES
from gristmill.parameters.sections import Count, Name, Section, known_once, refuse
from gristmill.probes import ASKED


class Probe(Section):
    """A question to encoders: a task, and by what its training images are learned from and its test images asked."""

    task: Name
    protocols: Annotated[list[str], Field(min_length=1), AfterValidator(lambda names: known_once(names, ASKED))]
    labels: Annotated[list[Count], Field(min_length=1)] | None = None  # a class; None: all
    tests: Count | None = None  # test images a class; None: all
    corruptions: Literal[*TABLES] | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def rising(self) -> Self:
        """Fewer labels are part of more."""
        if self.labels and any(one >= other for one, other in zip(self.labels, self.labels[1:], strict=False)):
            raise refuse(f"labels {self.labels}: must rise")
        return self


class Probing(Section):
    """Whose encoders are asked, and how they are shown images."""

    experiments: list[Name]
    batch: Annotated[int, Field(ge=2, le=65536)]
    threads: Annotated[int, Field(ge=1, le=1024)]

    @model_validator(mode="after")
    def once(self) -> Self:
        """No experiment twice."""
        twice = [name for place, name in enumerate(self.experiments) if name in self.experiments[:place]]
        if twice:
            raise refuse(f"experiments: {twice[0]} stands twice")
        return self
