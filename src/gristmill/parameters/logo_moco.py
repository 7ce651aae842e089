"""What LoGo on MoCo reads of params.yaml."""

from typing import ClassVar, Literal

from gristmill.parameters import local_crops
from gristmill.parameters.moco import QueueStep
from gristmill.parameters.sections import Section, Temperature
from gristmill.parameters.two_views import GlobalAndLocal


class Loss(Section):
    """InfoNCE."""

    temperature: Temperature


class Local(local_crops.Local):
    """With a mode, and a key encoder."""

    mode: Literal["logo", "mc", "plain"]
    key_updates_per_step: Literal[1, 2]

    def unused(self) -> set[str]:
        """Without regressor nothing of it has influence."""
        if self.mode != "logo":
            return set(type(self).model_fields) - {"mode"}
        return super().unused() | (set() if self.loss == "alternate_clip" else {"key_updates_per_step"})


class Train(QueueStep):
    """LoGo on MoCo (Zhang et al., CVPR 2022)."""

    title: ClassVar[str] = "LoGo-MoCo"
    loss: Loss
    local: Local
    views: GlobalAndLocal

    @property
    def stored(self) -> int:
        """The keys of both global crops."""
        return 2
