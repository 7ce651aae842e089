"""What PseudoLabel reads of params.yaml."""

from typing import ClassVar

from gristmill.parameters.few_labels import Consistency, FewLabelsStep
from gristmill.parameters.sections import Fraction


class Loss(Consistency):
    """Confident predictions, taken for labels little by little."""

    ramp: Fraction


class Train(FewLabelsStep):
    """PseudoLabel (Lee 2013)."""

    title: ClassVar[str] = "PseudoLabel"
    loss: Loss
