"""The floors: what a network knows before it has learned anything, or what the pixels themselves tell."""

from typing import TYPE_CHECKING

from torch import nn

from gristmill.methods.method import Batch, Clock, Method, Optimizer, Step, Stream
from gristmill.networks.heads import Encoder

if TYPE_CHECKING:
    from gristmill.parameters import untrained


class Untrained(Method):
    """No step at all: with `network.name: pixels` the image is its own feature, else the network's first weights."""

    def __init__(self, network: Encoder, settings: "untrained.Train"):
        super().__init__()
        self.settings = settings
        self.encoder = network

    def streams(self) -> dict[str, Stream]:
        return {}

    def optimizers(self) -> dict[str, Optimizer]:
        return {}

    @property
    def evaluated(self) -> nn.Module:
        return self.encoder

    def step(self, batch: Batch, now: Clock) -> Step:
        yield from ()
