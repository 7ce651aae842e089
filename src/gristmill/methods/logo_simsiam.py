"""LoGo on SimSiam: two global and two local crops of each image.

Zhang, Qiu, Ke, Süsstrunk & Salzmann, "Leverage Your Local and Global Representations: A New Self-Supervised Learning
Strategy", CVPR 2022, arXiv 2203.17205; Chen & He, "Exploring Simple Siamese Representation Learning", CVPR 2021,
arXiv 2011.10566.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import normalize

from gristmill.losses.cosine import negative_cosine
from gristmill.methods.local_affinity import CLIP, VIEWS, LocalAffinity
from gristmill.methods.method import Batch, Clock, Objective, Optimizer, Step
from gristmill.methods.two_views import TwoViews, descent
from gristmill.networks.headed import Headed

if TYPE_CHECKING:
    from gristmill.parameters import logo_simsiam


def distance(prediction: Tensor, target: Tensor) -> Tensor:
    """D(p, z) = -mean_i cos(p_i, z_i), a scalar; z gets no gradient. Both are N x D."""
    return negative_cosine(prediction, target.detach()).mean()


class LoGoSimSiam(TwoViews):
    """Global crops attract each other, local crops are attracted by global ones, local crops repel each other.

    With crops g1, g2, l1, l2, z = head(f(x)), p = predictor(z), D(p, z) = -mean cos(p, sg z):
        L_gg = D(p_g1, z_g2) + D(p_g2, z_g1)
        L_lg = D(p_l1, z_g1) + D(p_l1, z_g2) + D(p_l2, z_g1) + D(p_l2, z_g2)
    and L_ll of norm(z_l1), norm(z_l2). No code of this form was released. `alternate_clip` does what was released on
    MoCo: regressor and local-to-local update (over the encoder, not the predictor), then (L_gg + L_lg) / 6, clipped
    by the norm of the encoder's gradient. `weighted` is the paper's eq. 9: L_gg / 2 + L_lg + weight L_ll.
    """

    VIEWS: ClassVar = VIEWS
    settings: "logo_simsiam.Train"

    def __init__(self, network: Headed, settings: Any):
        super().__init__(network, settings)
        self.local = LocalAffinity(settings.network.dim, settings.local)

    def optimizers(self) -> dict[str, Optimizer]:
        """`main` moves encoder and predictor, `local` the encoder."""
        main, network = super().optimizers()["main"], self.network
        local = descent(Headed(network.backbone, network.head), self.settings.train)
        found = {"main": replace(main, clipped=local.parameters + local.spared)}
        if self.local.alternates:
            found["local"] = local
        return found | {"regressor": self.local.optimizer(self.settings.train)}

    def initialize(self, rng: Any) -> None:
        """The regressor."""
        self.local.initialize(rng)

    def draw(self, rng: Any, sizes: Mapping[str, int]) -> dict[str, Tensor]:
        """The regressor's noise."""
        return self.local.draw(rng, sizes["train"])

    def phase(self, now: Clock) -> str:
        """The step at which the norm of the last update is forgotten is a phase of its own."""
        return "first" if self.local.starts_anew(now) else "train"

    def step(self, batch: Batch, now: Clock) -> Step:
        local, images = self.local, [getattr(batch.train, name) for name in self.VIEWS]
        if local.alternates:
            a, b = (normalize(self.network(crop)) for crop in images[2:])           # N x D each
            yield from local.push_apart(a, b, batch.draws, now)

        z = [self.network(crop) for crop in images]                                 # N x D each
        p = [self.network.predict(projection) for projection in z]
        between = distance(p[0], z[1]) + distance(p[1], z[0])         # L_gg
        across = torch.stack([distance(q, k) for q in p[2:] for k in z[:2]]).sum()   # L_lg
        parts = {"global_loss": between.detach() / 2, "local_global_loss": across.detach() / 4}
        if local.alternates:
            loss, clip = (between + across) / 6, CLIP
        else:
            a, b = normalize(z[2]), normalize(z[3])
            yield local.learn(a, b, batch.draws)
            apart = local.apart(a, b)                                               # L_ll
            loss, clip = between / 2 + across + self.settings.local.weight * apart, None
            parts["local_local_loss"] = apart.detach()
        norm = yield Objective(loss, clip=clip, parts=parts, outputs=normalize(z[0]))
        local.remember(norm)
