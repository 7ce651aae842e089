"""Cross entropy: the classifier that SupCon is compared with (Khosla et al., NeurIPS 2020, arXiv 2004.11362)."""

from typing import TYPE_CHECKING

from torch import nn
from torch.nn import functional

from gristmill.methods.method import Batch, Clock, Method, Objective, Optimizer, Step, Stream
from gristmill.methods.two_views import descent
from gristmill.networks.headed import Headed

if TYPE_CHECKING:
    from gristmill.parameters import cross_entropy


class CrossEntropy(Method):
    """L = - mean_i log softmax(W f(x_i) + b)_{y_i}, on one weak view of each image; backbone and classifier together.

    Args:
        network: backbone f, and a linear classifier as its head.
        settings: of the method.
    """

    def __init__(self, network: Headed, settings: "cross_entropy.Train"):
        super().__init__()
        self.settings = settings
        self.network = network

    def streams(self) -> dict[str, Stream]:
        """Every epoch drops its incomplete last batch."""
        return {"train": Stream("train", self.settings.train.batch, {"weak": "weak"})}

    def optimizers(self) -> dict[str, Optimizer]:
        return {"main": descent(self.network, self.settings.train)}

    def phase(self, now: Clock) -> str:
        """All steps are alike."""
        return "train"

    @property
    def evaluated(self) -> nn.Module:
        return self.network

    def step(self, batch: Batch, now: Clock) -> Step:
        logits, label = self.network(batch.train.weak), batch.train.label          # N x C; N
        accuracy = (logits.argmax(1) == label).to(logits.dtype).mean()
        yield Objective(functional.cross_entropy(logits, label), parts={"accuracy": accuracy})
