"""What MaskCon reads of params.yaml."""

from typing import Annotated, ClassVar

from pydantic import Field

from gristmill.parameters.query_key import QueryKeyStep
from gristmill.parameters.sections import Fraction, Section, Temperature


class Loss(Section):
    """Masked contrast."""

    temperature: Temperature
    target_temperature: Annotated[float, Field(ge=1e-6, allow_inf_nan=True)]
    w: Fraction


class Train(QueryKeyStep):
    """MaskCon (Feng & Patras, CVPR 2023)."""

    title: ClassVar[str] = "MaskCon"
    loss: Loss

    def unused(self) -> set[str]:
        """With w 0 the soft targets have no weight: SelfCon."""
        return {"loss.target_temperature"} if self.loss.w == 0 else set()
