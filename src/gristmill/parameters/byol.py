"""What BYOL reads of params.yaml."""

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from gristmill.parameters.sections import Fraction, Section, refuse
from gristmill.parameters.two_views import TwoViewsStep


class Target(Section):
    """The slow copy that is predicted."""

    momentum: Fraction  # tau_0
    start: Literal["copy", "independent"]


class Train(TwoViewsStep):
    """BYOL (Grill et al., NeurIPS 2020)."""

    title: ClassVar[str] = "BYOL"
    target: Target

    @model_validator(mode="after")
    def has_predictor(self) -> Self:
        """The head `byol` comes with one."""
        if self.network.head != "byol":
            raise refuse(f"head {self.network.head} has no predictor for BYOL; take byol", "network")
        return self

    @model_validator(mode="after")
    def both_start_from_the_file(self) -> Self:
        """A target that is drawn anew would know nothing of the weights in a file."""
        if self.target.start == "independent" and self.network.init != "random":
            raise refuse("start: independent draws weights anew; with weights from a file take copy", "target")
        return self
