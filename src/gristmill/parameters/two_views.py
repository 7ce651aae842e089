"""What the methods that compare two views of an image read of params.yaml."""

from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator

from gristmill.parameters.sections import (
    Blocks,
    FirstAndSecond,
    Images,
    Section,
    Step,
    Training,
    Watch,
    Widths,
    refuse,
)

Units = Annotated[int, Field(ge=1, le=65536)]


class Backbone(Section):
    """The encoder whose features are evaluated."""

    name: Literal["small", "resnet18", "resnet34", "resnet50"]
    widths: Widths
    blocks: Blocks
    zero_init_residual: bool
    init: Annotated[str, Field(min_length=1)]

    def unused(self) -> set[str]:
        return set() if self.name == "small" else {"widths", "blocks"}


class Projection(Backbone):
    """Encoder, head, and a predictor where the head is SimSiam's or BYOL's."""

    head: Literal["linear", "mlp", "mlp_bn", "simclr", "simsiam", "byol"]
    hidden: Units  # of the head
    dim: Units  # D
    layers: Annotated[int, Field(ge=1, le=8)]  # of SimCLR's and SimSiam's heads
    predictor: Units  # its hidden units

    def unused(self) -> set[str]:
        found = super().unused()
        found |= {"hidden"} if self.head == "linear" else set()
        found |= set() if self.head in ("simclr", "simsiam") else {"layers"}
        return found | (set() if self.head in ("simsiam", "byol") else {"predictor"})


def rising(area: list[float]) -> list[float]:
    """The smallest share comes first."""
    if area[0] >= area[1]:
        raise refuse(f"area {area} does not rise; give the smallest and the largest share of an image, like [0.2, 1.0]")
    return area


Share = Annotated[float, Field(gt=0, le=1)]
Area = Annotated[list[Share], Field(min_length=2, max_length=2), AfterValidator(rising)]  # of a crop, of the image's


class Crops(Images):
    """The two random views of an image, drawn alike."""

    area: Area

    @model_validator(mode="after")
    def first_and_second(self) -> Self:
        """The recipe has both."""
        names = get_args(FirstAndSecond)
        if self.recipe not in names:
            raise refuse(f"recipe {self.recipe} has no two views to compare; {', '.join(names)} have")
        return self

    def unused(self) -> set[str]:
        return {"area"} if self.recipe == "strokes" else set()  # not cropped but turned and moved


class Local(Section):
    """Small crops of small parts of an image."""

    size: Annotated[int, Field(ge=4, le=1024)]
    area: Area


class GlobalAndLocal(Crops):
    """Crops of most of an image, and of small parts of it."""

    local: Local

    @model_validator(mode="after")
    def local_is_smaller(self) -> Self:
        """A local view is no larger than a global one."""
        if self.local.size > self.size:
            raise refuse(f"local.size {self.local.size} is larger than size {self.size}, that of global crops")
        return self


class Pretraining(Training):
    """The loop of a self-supervised method."""

    schedule: Literal[
        "constant", "cosine", "epoch_cosine", "demo_cosine", "moco_steps", "supcon_cosine", "supcon_steps"
    ]
    optimizer: Literal["sgd", "lars", "lars_simclr"]
    decay: Literal["all", "weights"]

    @model_validator(mode="after")
    def some_epoch_with_a_rate(self) -> Self:
        """The last epoch of `demo_cosine` has rate 0; it is not the only one."""
        if self.schedule == "demo_cosine" and self.epochs == 1:
            raise refuse("schedule demo_cosine has rate 0 in its last epoch, here the only one; take epoch_cosine")
        return self

    def unused(self) -> set[str]:
        """LARS decays weights alone."""
        return set() if self.optimizer == "sgd" else {"decay"}


class TwoViewsStep(Step):
    """Everything but the loss."""

    network: Projection
    views: Crops
    train: Pretraining
    monitor: Watch
