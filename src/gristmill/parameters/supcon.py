"""What SupCon reads of params.yaml."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from gristmill.parameters.sections import Section, Temperature, refuse
from gristmill.parameters.two_views import Pretraining, TwoViewsStep


class Loss(Section):
    """Supervised contrast among the views of a batch."""

    temperature: Temperature
    base_temperature: Temperature
    summation: Literal["out", "in"]
    denominator: Literal["all", "one_positive", "only_negatives"]
    contrast: Literal["all", "one"]


class Loop(Pretraining):
    """Batches come at random, or with the same number of images of each of their classes."""

    per_class: Annotated[int, Field(ge=2, le=65536)] | None

    @model_validator(mode="after")
    def batch_of_whole_classes(self) -> Self:
        """Every class of a batch has as many images."""
        batch, each = self.batch, self.per_class
        if each is not None and batch % each:
            below = batch // each * each
            ways = f"a batch of {below} or {below + each}" if below else f"a batch of {each}"
            raise refuse(f"batch {batch} is not a multiple of per_class {each}; {ways} would do")
        return self


class Train(TwoViewsStep):
    """SupCon (Khosla et al., NeurIPS 2020)."""

    title: ClassVar[str] = "SupCon"
    loss: Loss
    train: Loop
