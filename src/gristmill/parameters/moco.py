"""What MoCo reads of params.yaml."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from gristmill.parameters.sections import Memory, Section, Temperature, refuse
from gristmill.parameters.two_views import Projection, TwoViewsStep


class SplitProjection(Projection):
    """A network whose batch norm looks at parts of a batch."""

    splits: Annotated[int, Field(ge=1, le=1024)]  # S


class QueueStep(TwoViewsStep):
    """Everything of a method with a queue of keys but its loss."""

    network: SplitProjection
    memory: Memory

    @property
    def stored(self) -> int:
        """Keys of each image of a batch that a step stores."""
        return 1

    @model_validator(mode="after")
    def queue_of_whole_batches(self) -> Self:
        """The queue takes all keys of a batch or none: K is a multiple of what a step stores."""
        size, batch = self.memory.size, self.train.batch
        new = self.stored * batch
        if size % new:
            below = size // new * new
            ways = f"{below} or {below + new} would do" if below else f"{new} would do"
            what = f"train.batch {batch}" if self.stored == 1 else f"{self.stored} x train.batch {batch} = {new}"
            raise refuse(f"memory.size {size} is not a multiple of {what}; {ways}", "memory", "train")
        return self

    @model_validator(mode="after")
    def batch_of_whole_splits(self) -> Self:
        """Every split has as many images, at least two: batch norm of one vector is 0."""
        batch, splits = self.train.batch, self.network.splits
        if batch % splits:
            below = batch // splits * splits
            ways = f"{below} or {below + splits} would do" if below else f"{2 * splits} would do"
            raise refuse(f"train.batch {batch} cannot be cut into network.splits {splits}; {ways}", "train", "network")
        if batch == splits:
            raise refuse(f"network.splits {splits} leaves one image to each; take {splits // 2} or less", "network")
        return self


class Loss(Section):
    """InfoNCE."""

    temperature: Temperature
    symmetric: bool


class Train(QueueStep):
    """MoCo (He et al., CVPR 2020; version 2: Chen et al. 2020)."""

    title: ClassVar[str] = "MoCo"
    loss: Loss

    @property
    def stored(self) -> int:
        """With a symmetric loss the keys of both views."""
        return 2 if self.loss.symmetric else 1
