"""What the floors read of params.yaml: an encoder that is never trained."""

from typing import ClassVar

from pydantic import computed_field

from gristmill.parameters.sections import Images, Machine, Network, Ranks, Step


class NoTraining(Machine):
    """No epoch at all."""

    @computed_field
    @property
    def epochs(self) -> int:
        """Always 0."""
        return 0


class Once(Ranks):
    """The monitor looks once."""

    @computed_field
    @property
    def every(self) -> int:
        """Before the first epoch, which is also after the last."""
        return 1


class Train(Step):
    """The pixels themselves (`network.name: pixels`), or a network's first weights."""

    title: ClassVar[str] = "untrained network"
    network: Network
    views: Images
    train: NoTraining
    monitor: Once
