"""What SimSiam reads of params.yaml."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from gristmill.parameters.sections import refuse
from gristmill.parameters.two_views import Pretraining, TwoViewsStep


class Loop(Pretraining):
    """The predictor's learning rate follows the schedule or stays where it starts."""

    predictor_lr: Literal["scheduled", "steady"]


class Train(TwoViewsStep):
    """SimSiam (Chen & He, CVPR 2021)."""

    title: ClassVar[str] = "SimSiam"
    train: Loop

    @model_validator(mode="after")
    def has_predictor(self) -> Self:
        """The head `simsiam` comes with one."""
        if self.network.head != "simsiam":
            raise refuse(f"head {self.network.head} has no predictor for SimSiam; take simsiam", "network")
        return self
