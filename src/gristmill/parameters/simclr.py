"""What SimCLR reads of params.yaml."""

from typing import ClassVar, Literal

from gristmill.parameters.sections import Section, Temperature
from gristmill.parameters.two_views import TwoViewsStep


class Loss(Section):
    """NT-Xent."""

    temperature: Temperature
    reduction: Literal["mean", "sum_of_halves"]
    ntxent_base_temperature: Temperature | None


class Train(TwoViewsStep):
    """SimCLR (Chen et al., ICML 2020)."""

    title: ClassVar[str] = "SimCLR"
    loss: Loss
