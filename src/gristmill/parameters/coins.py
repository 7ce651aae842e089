"""What CoIns reads of params.yaml; with w 1 it is SupCE, and SupFine where the labels are the fine ones."""

from typing import ClassVar

from gristmill.parameters.query_key import QueryKeyStep
from gristmill.parameters.sections import Fraction, Section, Temperature


class Loss(Section):
    """Cross entropy of the classes and contrast of the instances."""

    temperature: Temperature
    w: Fraction


class Train(QueryKeyStep):
    """CoIns in the form of Feng & Patras."""

    title: ClassVar[str] = "CoIns"
    loss: Loss

    def unused(self) -> set[str]:
        """With w 1 the contrast has no weight: SupCE knows no temperature.

        The key branch runs all the same (as released), so its memory and momentum stay settings of the run.
        """
        return {"loss.temperature"} if self.loss.w == 1 else set()
