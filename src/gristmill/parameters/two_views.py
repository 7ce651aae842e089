"""What the methods that compare two views of an image read of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from gristmill.parameters.sections import Blocks, Images, Monitor, Section, Step, Training, Widths

Units = Annotated[int, Field(ge=1, le=65536)]


class Backbone(Section):
    """The encoder whose features are evaluated."""

    name: Literal["small", "resnet18", "resnet34", "resnet50"]
    widths: Widths
    blocks: Blocks
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


class Pretraining(Training):
    """The loop of a self-supervised method."""

    schedule: Literal["cosine", "constant"]


class TwoViewsStep(Step):
    """Everything but the loss."""

    network: Projection
    views: Images
    train: Pretraining
    monitor: Monitor
