"""What SupCon reads of params.yaml."""

from typing import ClassVar, Literal

from gristmill.parameters.sections import Section, Temperature
from gristmill.parameters.two_views import TwoViewsStep


class Loss(Section):
    """Supervised contrast among the views of a batch."""

    temperature: Temperature
    base_temperature: Temperature
    summation: Literal["out", "in"]
    denominator: Literal["all", "one_positive", "only_negatives"]
    contrast: Literal["all", "one"]


class Train(TwoViewsStep):
    """SupCon (Khosla et al., NeurIPS 2020)."""

    title: ClassVar[str] = "SupCon"
    loss: Loss
