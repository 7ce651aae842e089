"""What LoGo adds to a method, as params.yaml has it."""

from typing import Annotated, Literal

from pydantic import Field

from gristmill.parameters.sections import Section
from gristmill.parameters.two_views import Units


class Local(Section):
    """Local crops pushed apart, as far as a regressor sees them alike."""

    loss: Literal["alternate_clip", "weighted"]
    clip_rate: Annotated[float, Field(ge=0, le=1000)]  # cr
    weight: Annotated[float, Field(ge=0, le=1000)]  # lambda
    regressor: Literal["softplus", "cos"]
    hidden: Units  # R
    noise: Annotated[float, Field(ge=0, le=100)]  # times 1 / sqrt(C)
    lr: Annotated[float, Field(gt=0, le=1000)]  # of the regressor
    reset_norm_each_epoch: bool

    def unused(self) -> set[str]:
        return {"weight"} if self.loss == "alternate_clip" else {"clip_rate", "reset_norm_each_epoch"}
