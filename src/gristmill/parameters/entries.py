"""The named things of params.yaml: data sets, tasks, experiments; an entry may hold sections as well."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gristmill.parameters.sections import Name, Section, Seed, refuse


class Dataset(Section):
    """Where images come from; further sections overlay the defaults for all experiments on it."""

    source: Name
    path: Annotated[str, Field(min_length=1)]


class Split(Section):
    """Parts by the values of a column of the prepared table, instead of the source's own parts."""

    column: Annotated[str, Field(min_length=1)]
    train: Annotated[list[int | str], Field(min_length=1)]
    test: Annotated[list[int | str], Field(min_length=1)]

    @model_validator(mode="after")
    def no_value_twice(self) -> Self:
        """No sample is trained on and tested with."""
        both = [value for value in self.train if value in self.test]
        if both:
            raise refuse(f"split: {self.column} {both[0]} is in train and in test; an image has one part")
        return self


class Task(Section):
    """What the learner may see: which labels, for which images."""

    dataset: Name
    grouping: Annotated[str, Field(min_length=1)]
    split: Split | None = None


class Experiment(Section):
    """A method on a task; further sections differ from the defaults."""

    method: Name
    dataset: Name
    task: Name
    seeds: Annotated[list[Seed], Field(min_length=1)]
    title: Annotated[str, Field(min_length=1, max_length=80)] | None = None

    @model_validator(mode="after")
    def no_seed_twice(self) -> Self:
        """Each seed once."""
        if len(set(self.seeds)) < len(self.seeds):
            raise refuse(f"seeds {self.seeds}: a seed stands twice")
        return self


ENTRIES: dict[str, type[Section]] = {"datasets": Dataset, "tasks": Task, "experiments": Experiment}
