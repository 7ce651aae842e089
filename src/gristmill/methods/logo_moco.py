"""LoGo on MoCo: two global and two local crops of each image.

Zhang, Qiu, Ke, Süsstrunk & Salzmann, "Leverage Your Local and Global Representations: A New Self-Supervised Learning
Strategy", CVPR 2022, arXiv 2203.17205.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from gristmill.losses.own_key_rank import own_key_accuracy
from gristmill.methods.local_affinity import CLIP, VIEWS, LocalAffinity
from gristmill.methods.method import Batch, Clock, Objective, Optimizer, Step, Stream
from gristmill.methods.moco import MoCo
from gristmill.methods.two_views import descent
from gristmill.networks.headed import Headed

if TYPE_CHECKING:
    from gristmill.parameters import logo_moco


class LoGoMoCo(MoCo):
    """Global crops attract each other, local crops are attracted by global ones, local crops repel each other.

    With crops g1, g2, l1, l2 and nce(q, k) MoCo's loss against the queue before the step:
        L_gg = nce(q_g1, k_g2) + nce(q_g2, k_g1)
        L_lg = nce(q_l1, k_g1) + nce(q_l1, k_g2) + nce(q_l2, k_g1) + nce(q_l2, k_g2)
    `alternate_clip` minimizes (L_gg + L_lg) / 6 after the regressor's update and the local-to-local one, as released;
    `weighted` L_gg / 2 + L_lg + weight L_ll (eq. 9) after the regressor's. Mode `mc` is the multi-crop loss
    (L_gg + L_lg) / 6 without regressor; `plain` is nce(q_1, k_2) of two crops of the wider range.

    As released, the keys of both global crops are stored, in every mode; the query encoder sees all crops, also where
    one has no loss; keys of local crops are made and not used (they move the key encoder's batch-norm statistics);
    the key encoder follows in the local pass too, so that it keeps m^2 of itself an iteration
    (`key_updates_per_step: 2`).
    """

    settings: "logo_moco.Train"

    def __init__(self, network: Headed, settings: Any):
        super().__init__(network, settings)
        regresses = settings.local.mode == "logo"
        self.local = LocalAffinity(settings.network.dim, settings.local) if regresses else None

    @property
    def views(self) -> dict[str, str]:
        """Crops in the order in which they are encoded, and their roles."""
        return self.VIEWS if self.settings.local.mode == "plain" else VIEWS

    @property
    def passes(self) -> int:
        """The key encoder sees every crop."""
        return len(self.views)

    def streams(self) -> dict[str, Stream]:
        return {"train": replace(super().streams()["train"], views=self.views)}

    def optimizers(self) -> dict[str, Optimizer]:
        """`main` and `local` move the same weights."""
        train, found = self.settings.train, super().optimizers()
        if self.local is not None:
            found |= {"local": descent(self.network, train)} if self.local.alternates else {}
            found["regressor"] = self.local.optimizer(train)
        return found

    def initialize(self, rng: Any) -> None:
        """Queue and regressor."""
        super().initialize(rng)
        if self.local is not None:
            self.local.initialize(rng)

    def draw(self, rng: Any, sizes: Mapping[str, int]) -> dict[str, Tensor]:
        """The regressor's noise, and MoCo's permutations."""
        noise = {} if self.local is None else self.local.draw(rng, sizes["train"])
        return noise | super().draw(rng, sizes)

    def phase(self, now: Clock) -> str:
        """The step at which the norm of the last update is forgotten is a phase of its own."""
        return "first" if self.local is not None and self.local.starts_anew(now) else "train"

    def step(self, batch: Batch, now: Clock) -> Step:
        local, images = self.local, [getattr(batch.train, name) for name in self.views]
        if local is not None and local.alternates:
            a, b = (normalize(self.network(crop)) for crop in images[2:])           # N x C each
            if self.settings.local.key_updates_per_step == 2:
                self.key.follow(self.network, self.settings.memory.momentum)
            yield from local.push_apart(a, b, batch.draws, now)

        q = [normalize(self.network(crop)) for crop in images]                      # N x C each
        self.key.follow(self.network, self.settings.memory.momentum)
        k = [self.encode_key(crop, batch, number) for number, crop in enumerate(images)]
        loss, clip = self.contrast(q[0], k[1]), CLIP
        parts = own_key_accuracy(q[0].detach(), k[1], self.memory.keys)
        if len(images) == 4:
            between = loss + self.contrast(q[1], k[0])                              # L_gg
            across = torch.stack([self.contrast(own, other) for own in q[2:] for other in k[:2]]).sum()     # L_lg
            parts |= {"global_loss": between.detach() / 2, "local_global_loss": across.detach() / 4}
            loss = (between + across) / 6
            if local is not None and not local.alternates:
                yield local.learn(q[2], q[3], batch.draws)
                apart = local.apart(q[2], q[3])                                     # L_ll
                parts["local_local_loss"] = apart.detach()
                loss, clip = between / 2 + across + self.settings.local.weight * apart, None
        norm = yield Objective(loss, clip=clip, parts=parts, outputs=q[0])
        if local is not None:
            local.remember(norm)
        self.memory.push(torch.cat(k[:2]))
