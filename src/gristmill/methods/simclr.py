"""SimCLR: a simple framework for contrastive learning (Chen et al., ICML 2020, arXiv 2002.05709)."""

from typing import TYPE_CHECKING

import torch
from torch.nn.functional import normalize

from gristmill.losses.supcon import ntxent_loss
from gristmill.methods.method import Batch, Clock, Objective, Step
from gristmill.methods.two_views import TwoViews
from gristmill.networks.parallel import gather_with_gradient

if TYPE_CHECKING:
    from gristmill.parameters import simclr


class SimCLR(TwoViews):
    """Each view finds the other view of its image among all views of the batch; there is no memory.

    With z = h(f(x)) / |h(f(x))| and i, j the two views of an image (eq. 1):
        l_i = - log( exp(z_i.z_j / T) / sum_{k != i} exp(z_i.z_k / T) ),  L = mean of l over the 2 N views

    The released code adds the means over first and second views, which is twice the paper's mean (`sum_of_halves`);
    SupContrast's code has the mean times T / 0.07 (`ntxent_base_temperature`).
    Both views go through the network together: one batch of batch norm. Over several processes each view is compared
    with those of all processes; every process computes the whole loss.
    """

    settings: "simclr.Train"

    def step(self, batch: Batch, now: Clock) -> Step:
        loss = self.settings.loss
        views = torch.cat([batch.train.first, batch.train.second])
        first, second = normalize(self.network(views)).chunk(2)                    # N x D each
        rows = gather_with_gradient(first), gather_with_gradient(second)
        value = ntxent_loss(*rows, loss.temperature, loss.reduction, loss.ntxent_base_temperature)
        alignment = (first * second).sum(1).mean()
        yield Objective(value, parts={"alignment": alignment}, outputs=first)
