"""SupCon: supervised contrastive learning (Khosla et al., NeurIPS 2020, arXiv 2004.11362)."""

from dataclasses import replace
from typing import TYPE_CHECKING

import torch
from torch.nn.functional import normalize

from gristmill.losses.supcon import supcon_loss
from gristmill.methods.method import Batch, Clock, Objective, Step, Stream
from gristmill.methods.two_views import TwoViews
from gristmill.networks.parallel import gather, gather_with_gradient

if TYPE_CHECKING:
    from gristmill.parameters import supcon


class SupCon(TwoViews):
    """All views of all images of a class attract each other: both views of N images, each against the 2 N - 1 others.

    With z = h(f(x)) / |h(f(x))|, P_i the other views with the label of i, A_i all other views (eq. 2, L_out):
        L_i = - (T / T_base) 1/|P_i| sum_{p in P_i} log( exp(z_i.z_p / T) / sum_{a in A_i} exp(z_i.z_a / T) )

    The paper has no T_base. Its released PyTorch code divides by T_base = 0.07 whatever T is, so that at T = 0.1 a
    learning rate is to be read times 1.43; L_in and other denominators are of its TensorFlow code. Stage two, a linear
    classifier on frozen features, is an evaluation. Both views go through the network together: one batch of batch
    norm. Over several processes each view is compared with those of all processes; every process computes the whole
    loss.
    """

    settings: "supcon.Train"

    def streams(self) -> dict[str, Stream]:
        """With many classes a batch at random has hardly two images of one: `per_class` draws so many of each."""
        return {"train": replace(super().streams()["train"], per_class=self.settings.train.per_class)}

    def step(self, batch: Batch, now: Clock) -> Step:
        loss = self.settings.loss
        views = torch.cat([batch.train.first, batch.train.second])
        first, second = normalize(self.network(views)).chunk(2)                    # N x D each
        features = gather_with_gradient(torch.stack([first, second], 1))           # N x 2 x D
        losses = supcon_loss(
            features,
            gather(batch.train.label),
            temperature=loss.temperature,
            base_temperature=loss.base_temperature,
            summation=loss.summation,
            denominator=loss.denominator,
            contrast=loss.contrast,
        )
        alignment = (first * second).sum(1).mean()
        yield Objective(losses.mean(), parts={"alignment": alignment}, outputs=first)
