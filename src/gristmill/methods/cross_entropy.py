"""Cross entropy: the classifier that SupCon is compared with (Khosla et al., NeurIPS 2020, arXiv 2004.11362)."""

from typing import ClassVar

from torch.nn import functional

from gristmill.methods.method import Batch, Clock, Objective, Step
from gristmill.methods.two_views import TwoViews


class CrossEntropy(TwoViews):
    """L = - mean_i log softmax(W f(x_i) + b)_{y_i}, on one weak view of each image; backbone and classifier together.

    The network's head is the classifier, N x C.
    """

    VIEWS: ClassVar = {"weak": "weak"}

    def step(self, batch: Batch, now: Clock) -> Step:
        logits, label = self.network(batch.train.weak), batch.train.label          # N x C; N
        accuracy = (logits.argmax(1) == label).to(logits.dtype).mean()
        yield Objective(functional.cross_entropy(logits, label), parts={"accuracy": accuracy})
