"""What USADTM reads of params.yaml."""

from typing import ClassVar

from gristmill.parameters.few_labels import Consistency, FewLabelsStep, Weight
from gristmill.parameters.sections import Fraction


class Loss(Consistency):
    """Labels of the nearest prototypes, and mutual information of three views."""

    information: Weight
    start: Fraction


class Train(FewLabelsStep):
    """USADTM (Han et al., NeurIPS 2020), as DASO's authors compare with it."""

    title: ClassVar[str] = "USADTM"
    loss: Loss
