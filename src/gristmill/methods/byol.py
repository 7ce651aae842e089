"""BYOL: a network predicts a slow copy's output for another view (Grill et al., NeurIPS 2020, arXiv 2006.07733)."""

from math import pi
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from gristmill.losses.cosine import regression_loss
from gristmill.methods.method import Batch, Clock, Objective, Step
from gristmill.methods.two_views import TwoViews
from gristmill.networks.headed import Headed
from gristmill.networks.initialize import initialize
from gristmill.networks.momentum import SlowCopy

if TYPE_CHECKING:
    from gristmill.parameters import byol


class BYOL(TwoViews):
    """L = r(q(z1), t2) + r(q(z2), t1), r = 2 - 2 cos, with z = g(f(x)) of the network and t = g'(f'(x)) of the target.

    After update k of K, counted from 0, the target xi goes towards the new weights theta:
        tau = 1 - (1 - tau_0) (1 + cos(pi k / K)) / 2,  xi <- tau xi + (1 - tau) theta
    (MoCo averages before its update, with a constant.) The target has batch-norm statistics of its own. It starts as a
    copy; the released code draws it anew (`start: independent`) and its authors saw no difference. Their linear
    classifier on the side is left out: it teaches the network nothing.

    Buffer: `updates` (), k.
    """

    settings: "byol.Train"
    updates: Tensor

    def __init__(self, network: Headed, settings: "byol.Train"):
        super().__init__(network, settings)
        self.target = SlowCopy(Headed(network.backbone, network.head))
        self.register_buffer("updates", torch.zeros((), dtype=torch.long))

    def initialize(self, rng: Any) -> None:
        """First weights of a target that is no copy."""
        if self.settings.target.start == "independent":
            initialize(self.target.network, rng)

    def step(self, batch: Batch, now: Clock) -> Step:
        network, first, second = self.network, batch.train.first, batch.train.second
        z1, z2 = network(first), network(second)                            # N x D each
        p1, p2 = network.predict(z1), network.predict(z2)                   # N x D each
        with torch.no_grad():
            t1, t2 = self.target(first), self.target(second)                # N x D each
        losses = regression_loss(p1, t2) + regression_loss(p2, t1)
        rate = target_rate(self.updates.to(z1.dtype), now.steps, self.settings.target.momentum)
        yield Objective(losses.mean(), parts={"target_momentum": 1 - rate}, outputs=normalize(z1.detach()))
        self.target.approach(Headed(network.backbone, network.head), rate)  # the weights after the update
        self.updates.add_(1)


def target_rate(step: Tensor, steps: int, base: float) -> Tensor:
    """1 - tau = (1 - tau_0) (1 + cos(pi min(k / K, 1))) / 2.

    Args:
        step: k, any shape, floating-point: a tensor, so that a recorded step can be replayed.
        steps: K.
        base: tau_0.
    """
    return (1 - base) / 2 * (1 + torch.cos(pi * (step / steps).clamp(max=1)))
