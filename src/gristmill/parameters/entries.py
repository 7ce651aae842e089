"""The named things of params.yaml: data sets, tasks, experiments; an entry may hold sections as well."""

from itertools import combinations
from typing import Annotated, Self

from pydantic import Field, model_validator

from gristmill.parameters.hierarchy import Hierarchy
from gristmill.parameters.long_tail import LongTail
from gristmill.parameters.probes import Probe
from gristmill.parameters.sections import Name, Section, Seed, refuse

Folder = Annotated[str, Field(pattern=r"^[^./\\][^/\\]*$")]  # its name alone


class Dataset(Section):
    """Where images come from; further sections overlay the defaults for all experiments on it."""

    source: Name
    path: Annotated[str, Field(min_length=1)]
    side: Annotated[int, Field(ge=8, le=4096)] | None = None  # images of many sizes are reduced to this shorter side
    classes: Annotated[list[Folder], Field(min_length=1)] | None = None  # imagenet100: other ones than LoGo's 100

    @model_validator(mode="after")
    def classes_of_folders(self) -> Self:
        """Each once, and only where the source has a folder for each class."""
        if self.classes and self.source != "imagenet100":
            raise refuse(f"classes: source {self.source} has its own; leave classes out")
        twice = [name for place, name in enumerate(self.classes or []) if name in (self.classes or [])[:place]]
        if twice:
            raise refuse(f"classes: {twice[0]} stands twice")
        return self


class Split(Section):
    """Parts by the values of a column of the prepared table, instead of the source's own parts."""

    column: Annotated[str, Field(min_length=1)]
    train: Annotated[list[int | str], Field(min_length=1)]
    test: Annotated[list[int | str], Field(min_length=1)]
    validation: Annotated[list[int | str], Field(min_length=1)] | None = None
    unlabeled: Annotated[list[int | str], Field(min_length=1)] | None = None
    order: Annotated[str, Field(min_length=1)] | None = None  # a column by which the rows are sorted

    @model_validator(mode="after")
    def no_value_twice(self) -> Self:
        """An image has one part: none is trained on and tested with."""
        parts = {"train": self.train, "unlabeled": self.unlabeled, "validation": self.validation, "test": self.test}
        for (one, mine), (other, its) in combinations(parts.items(), 2):
            both = [value for value in mine or [] if value in (its or [])]
            if both:
                raise refuse(f"split: {self.column} {both[0]} is in {one} and in {other}; an image has one part")
        return self


LABELS = ("grouping", "hierarchy", "long_tail")  # where a task's labels come from


class Task(Section):
    """What the learner may see: which labels, for which images."""

    dataset: Name
    grouping: Annotated[str, Field(min_length=1)] | None = None
    hierarchy: Hierarchy | None = None
    long_tail: LongTail | None = None
    split: Split | None = None

    @model_validator(mode="after")
    def one_kind_of_label(self) -> Self:
        """A grouping, a hierarchy or a long tail; a long tail makes its own parts."""
        given = [kind for kind in LABELS if getattr(self, kind) is not None]
        if len(given) != 1:
            found = f"{' and '.join(given)} are given" if given else f"no {', no '.join(LABELS)}"
            raise refuse(f"{found}; a task has one of them")
        if self.long_tail and self.split:
            raise refuse("split: long_tail makes the parts itself; leave split out")
        return self


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


class Blending(Experiment):
    """A second phase; it goes on from a pretraining, whose settings it shares."""

    start: Name


ENTRIES: dict[str, type[Section]] = {
    "datasets": Dataset,
    "tasks": Task,
    "experiments": Experiment,
    "pretrainings": Experiment,
    "blendings": Blending,
    "probes": Probe,
}
OPTIONAL = ("pretrainings", "blendings", "probes")  # kinds that a file may lack
