"""SimSiam: two views, a predictor and a stop-gradient, nothing else (Chen & He, CVPR 2021, arXiv 2011.10566)."""

from dataclasses import replace
from typing import TYPE_CHECKING

from torch.nn.functional import normalize

from gristmill.losses.cosine import negative_cosine
from gristmill.methods.method import Batch, Clock, Objective, Optimizer, Step
from gristmill.methods.two_views import TwoViews

if TYPE_CHECKING:
    from gristmill.parameters import simsiam


class SimSiam(TwoViews):
    """L = D(p1, sg z2) / 2 + D(p2, sg z1) / 2 with z = h(f(x)), p = q(z), D the negative cosine, sg the stop-gradient.

    Each view is a forward pass of its own, so that batch norm sees one view at a time. Without sg or without q the
    encoder may give every image the same vector: watch the spread. Batches below 256 images stall or collapse sooner.

    The predictor's learning rate can stay at its first value (`predictor_lr: steady`), as in the published models of
    100 epochs: the best predictor for z changes with it, so its rate should not fall.
    """

    settings: "simsiam.Train"

    def optimizers(self) -> dict[str, Optimizer]:
        """One optimizer, in which the predictor may keep its rate."""
        main = super().optimizers()["main"]
        assert self.network.predictor is not None
        steady = list(self.network.predictor.parameters()) if self.settings.train.predictor_lr == "steady" else []
        return {"main": replace(main, steady=steady)}

    def step(self, batch: Batch, now: Clock) -> Step:
        encode, predict = self.network, self.network.predict
        z1, z2 = encode(batch.train.first), encode(batch.train.second)      # N x D each
        p1, p2 = predict(z1), predict(z2)                                   # N x D each
        losses = (negative_cosine(p1, z2.detach()) + negative_cosine(p2, z1.detach())) / 2
        yield Objective(losses.mean(), outputs=normalize(z1.detach()))
