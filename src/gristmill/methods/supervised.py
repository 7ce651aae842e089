"""Supervised: the labeled images alone, with what balances their classes."""

from typing import TYPE_CHECKING

from torch import nn

from gristmill.methods.few_labels import LabeledLoss, nesterov
from gristmill.methods.method import Batch, Clock, Method, Objective, Optimizer, Step, Stream
from gristmill.networks.classifier import Classifier

if TYPE_CHECKING:
    from gristmill.parameters import supervised


class Supervised(Method):
    """Cross entropy of the weak view; logit adjustment, class-balanced weights, LDAM and DRW are settings.

    Evaluated is the trained network itself, as in the code that DASO (CVPR 2022) released; its text says the average.
    """

    settings: "supervised.Train"

    def __init__(self, network: Classifier, settings: "supervised.Train"):
        super().__init__()
        self.settings = settings
        self.network = network
        self.labeled_loss = LabeledLoss(network.counts, settings.balance)

    def streams(self) -> dict[str, Stream]:
        return {"labeled": Stream("train", self.settings.train.batch, {"weak": "weak"}, straddle=True)}

    def optimizers(self) -> dict[str, Optimizer]:
        return {"main": nesterov(self.network, self.settings.train)}

    def phase(self, now: Clock) -> str:
        """Plain and balanced loss are two phases."""
        return "balanced" if self.labeled_loss.balances(now) else "plain"

    @property
    def evaluated(self) -> nn.Module:
        return self.network

    def step(self, batch: Batch, now: Clock) -> Step:
        logits, _ = self.network(batch.labeled.weak)
        yield Objective(self.labeled_loss(logits, batch.labeled.label, now))
