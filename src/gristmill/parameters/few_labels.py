"""What the methods with few labels read of params.yaml, each some of it."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from gristmill.parameters.sections import (
    Backbone,
    Classes,
    Every,
    Fraction,
    Images,
    Section,
    Step,
    Training,
    refuse,
)

Weight = Annotated[float, Field(ge=0, le=1000)]


class Loop(Training):
    """The loop of a classifier; an epoch is `epoch_steps` steps long, whatever the number of images."""

    epoch_steps: Annotated[int, Field(ge=1, le=1_000_000)]
    schedule: Literal["constant", "steps", "cosine", "fixmatch_cosine"]
    decay: Literal["all", "weights"]

    @property
    def steps(self) -> int:
        """T."""
        return self.epochs * self.epoch_steps


class Streams(Loop):
    """Labeled and unlabeled images side by side, and the moving average that is evaluated."""

    unlabeled: Annotated[int, Field(ge=1, le=64)]
    average: float | str

    @field_validator("average", mode="before")
    @classmethod
    def rate_or_auto(cls, value: object) -> object:
        """rho, or by the run's length."""
        if value == "auto" or (isinstance(value, float | int) and not isinstance(value, bool) and 0 <= value < 1):
            return value
        raise refuse(f"{value!r} is not possible; give auto or a number from 0 to below 1")


class Balance(Section):
    """What makes up for classes with few labels."""

    adjust: Annotated[float, Field(ge=0, le=10)]
    loss: Literal["plain", "weighted", "ldam"]
    beta: Annotated[float, Field(gt=0, le=1)]
    start: Fraction

    def unused(self) -> set[str]:
        return {"beta", "start"} if self.loss == "plain" else set()


class Consistency(Section):
    """Pseudo-labels of the confident."""

    threshold: Fraction
    unlabeled: Weight


class ClassesStep(Step):
    """A classifier of the labeled images."""

    evaluation: ClassVar[type[Section]] = Classes
    network: Backbone
    views: Images
    train: Loop
    balance: Balance
    monitor: Every


class FewLabelsStep(ClassesStep):
    """A classifier of labeled and unlabeled images."""

    train: Streams

    @model_validator(mode="after")
    def known_views(self) -> Self:
        """Untouched, weak and strong."""
        if self.views.recipe not in ("fixmatch", "drawings"):
            raise refuse(f"recipe {self.views.recipe}: unlabeled images need fixmatch or drawings", "views")
        return self
