"""A long-tailed task: how many labeled and unlabeled images each class has."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gristmill.parameters.sections import Count, Section, Seed, refuse

Ratio = Annotated[float, Field(ge=1, le=1_000_000)]
UNLABELED = ("unlabeled_head", "unlabeled_ratio", "reversed")


class LongTail(Section):
    """Fewer images from class to class; the split depends on the seed, so a task is made for each of its seeds."""

    validation: Annotated[int, Field(ge=0, le=100_000_000)]  # n_valid, held out in all
    head: Count  # N_1, labeled images of the first class
    ratio: Ratio  # gamma_l, how many times as many labeled images the first class has as the last
    # null where the data set has unlabeled images of its own: all of them are used
    unlabeled_head: Count | None = None  # M_1
    unlabeled_ratio: Ratio | None = None  # gamma_u
    reversed: bool | None = None  # the class with most labels has fewest unlabeled images
    class_order: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)] | None = None  # null: as in the file
    seeds: Annotated[list[Seed], Field(min_length=1)]

    @model_validator(mode="after")
    def unlabeled_images_together(self) -> Self:
        """What is said of unlabeled images is said as a whole, or not at all."""
        missing = [name for name in UNLABELED if getattr(self, name) is None]
        if 0 < len(missing) < len(UNLABELED):
            raise refuse(f"{missing[0]}: missing; {', '.join(UNLABELED)} are given together, or none of them")
        return self

    @model_validator(mode="after")
    def nothing_twice(self) -> Self:
        """Each seed and each class once."""
        for name, values in (("seeds", self.seeds), ("class_order", self.class_order or [])):
            twice = [value for place, value in enumerate(values) if value in values[:place]]
            if twice:
                raise refuse(f"{name}: {twice[0]} stands twice")
        return self
