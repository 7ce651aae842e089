"""What Grafit reads of params.yaml; with w 0 it is SelfCon, with w 1 SupCon in its queue form."""

from typing import ClassVar

from gristmill.parameters.query_key import QueryKeyStep
from gristmill.parameters.sections import Fraction, Section, Temperature


class Loss(Section):
    """Instances and coarse classes, both by contrast."""

    temperature: Temperature
    w: Fraction


class Train(QueryKeyStep):
    """Grafit (Touvron et al. 2020) in the form of Feng & Patras."""

    title: ClassVar[str] = "Grafit"
    loss: Loss
