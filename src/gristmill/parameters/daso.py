"""What DASO reads of params.yaml: two steps, of which the second goes on where the first ends."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from gristmill.parameters.few_labels import Consistency, FewLabelsStep, Weight
from gristmill.parameters.sections import Fraction, Section, Temperature, refuse

Auto = int | str
SHORT = 5000  # steps of a run


class Beginning(Section):
    """What acts before the first blended label."""

    steps: Auto
    window: Auto
    queue: Auto
    sizes: Literal["equal", "proportional"]
    prototypes: Literal["average", "online"]
    prototype_bn: Literal["batch", "running"]

    @field_validator("steps", "window", "queue", mode="before")
    @classmethod
    def count_or_auto(cls, value: object) -> object:
        """A number, or by the run's length and labels."""
        if value == "auto" or (type(value) is int and 1 <= value <= 1_000_000):
            return value
        raise refuse(f"{value!r} is not possible; give auto or a number from 1")

    @model_validator(mode="after")
    def window_within(self) -> Self:
        """Without a whole window nothing is known of the labels' distribution."""
        if isinstance(self.window, int) and isinstance(self.steps, int) and self.window > self.steps:
            raise refuse(f"window {self.window} is longer than the pretraining ({self.steps} steps)")
        return self

    def unused(self) -> set[str]:
        return ({"queue"} if self.sizes == "proportional" else set()) | (
            {"prototype_bn"} if self.prototypes == "online" else set()
        )


class Blend(Section):
    """What acts from the first blended label on."""

    alpha: Fraction | None
    align: Weight
    proto_temperature: Temperature
    dist_temperature: Annotated[float, Field(gt=0, le=100)]

    def unused(self) -> set[str]:
        return set() if self.alpha is None else {"dist_temperature"}


class Pretrain(FewLabelsStep):
    """FixMatch that fills the queues and counts its labels."""

    title: ClassVar[str] = "DASO"
    loss: Consistency
    pretrain: Beginning

    @model_validator(mode="after")
    def steps_within_run(self) -> Self:
        """Both phases have steps; below T of about 5,000 the share that follows from the length is too short."""
        steps, whole = self.pretrain.steps, self.train.steps
        if steps == "auto" and whole < SHORT:
            way_out = f"this has {whole:,}: set it by hand, 0.1 to 0.15 of the run"
            raise refuse(f"steps: auto needs a run of {SHORT:,} steps or more; {way_out}", "pretrain", "train")
        if isinstance(steps, int) and steps >= whole:
            raise refuse(f"steps: {steps} leaves nothing to the second phase: the run has {whole} steps", "pretrain")
        if isinstance(self.pretrain.window, int) and self.pretrain.window >= whole:
            raise refuse(f"window: {self.pretrain.window} is longer than the run ({whole} steps)", "pretrain")
        return self


class BlendPseudoLabels(Pretrain):
    """DASO (Oh, Kim & Kweon, CVPR 2022)."""

    blend: Blend
