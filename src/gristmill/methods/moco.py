"""MoCo: momentum contrast, versions 1 and 2, and the form of its CIFAR-10 demo.

He, Fan, Wu, Xie & Girshick, "Momentum Contrast for Unsupervised Visual Representation Learning", CVPR 2020,
arXiv 1911.05722; Chen, Fan, Girshick & He, "Improved Baselines with Momentum Contrastive Learning", arXiv 2003.04297.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from gristmill.errors import UserError
from gristmill.losses.contrast import memory_contrast, own_key
from gristmill.losses.own_key_rank import own_key_accuracy
from gristmill.methods.method import Batch, Clock, Objective, Step
from gristmill.methods.two_views import TwoViews
from gristmill.networks.headed import Headed
from gristmill.networks.memory import Memory
from gristmill.networks.momentum import SlowCopy
from gristmill.networks.parallel import gather, processes
from gristmill.networks.split_batch_norm import split_batch_norm

if TYPE_CHECKING:
    from gristmill.parameters import moco


def shuffles(orders: np.ndarray) -> dict[str, Tensor]:
    """Draws of a step: how the key batches are shuffled, and how their keys find back.

    Args:
        orders: N x P, a permutation of the global batch for each of P passes of the key encoder.
    """
    return {"shuffle": torch.from_numpy(orders), "unshuffle": torch.from_numpy(orders.argsort(0))}


class MoCo(TwoViews):
    """A query finds its own key among the keys of earlier batches.

    With q = norm(f_q(x_1)), k = norm(f_k(x_2)), queue m_1 ... m_K of earlier keys:
        theta_k <- m theta_k + (1 - m) theta_q        before the forward passes of the keys
        L = mean_i -log exp(q_i . k_i / T) / (exp(q_i . k_i / T) + sum_j exp(q_i . m_j / T))
    `symmetric`: the sum (not the mean) of both directions against the same queue; then the keys of both views are
    stored (the demo). The queue starts as normal unit vectors, and a step's loss is against the queue before it.

    A network that normalizes the batch of its query together with that of its key could recognize keys by their
    statistics. So batch norm is of every process alone, and key batches are shuffled over all processes; on one
    device `splits` parts of the batch take the place of devices. With one process and one split shuffling would
    change nothing but rounding and is left out. Only parameters are averaged: the key encoder stays in training mode
    and keeps batch-norm statistics of its own.
    """

    SHARES_BATCH_NORM: ClassVar[bool] = False
    settings: "moco.Train"

    def __init__(self, network: Headed, settings: Any):
        super().__init__(network, settings)
        splits, share = settings.network.splits, settings.train.batch // processes()
        if share % splits:
            raise UserError(f"train.batch: {share} images a process cannot be cut into network.splits {splits}")
        split_batch_norm(network, splits)
        self.key = SlowCopy(network)
        self.memory = Memory(settings.memory.size, settings.network.dim)

    def initialize(self, rng: Any) -> None:
        """The queue: normal unit vectors."""
        keys = torch.from_numpy(rng.standard_normal(self.memory.keys.shape))
        self.memory.keys.copy_(normalize(keys))

    @property
    def shuffled(self) -> bool:
        """Whether a sample's key is normalized among other samples than its query."""
        return processes() > 1 or self.settings.network.splits > 1

    @property
    def passes(self) -> int:
        """P: batches that the key encoder sees in a step."""
        return 2 if self.settings.loss.symmetric else 1

    def draw(self, rng: Any, sizes: Mapping[str, int]) -> dict[str, Tensor]:
        """A permutation of the global batch for each pass of the key encoder."""
        orders = [rng.permutation(sizes["train"]) for _ in range(self.passes if self.shuffled else 0)]
        return shuffles(np.stack(orders, 1)) if orders else {}

    def step(self, batch: Batch, now: Clock) -> Step:
        first, second, memory = batch.train.first, batch.train.second, self.memory
        self.key.follow(self.network, self.settings.memory.momentum)
        query = normalize(self.network(first))                      # N x D
        key = self.encode_key(second, batch, 0)                     # N x D
        loss, new = self.contrast(query, key), [key]
        if self.settings.loss.symmetric:
            other = normalize(self.network(second))
            new = [self.encode_key(first, batch, 1), key]
            loss = loss + self.contrast(other, new[0])
        yield Objective(loss, parts=own_key_accuracy(query.detach(), key, memory.keys), outputs=query)
        memory.push(torch.cat(new))                                 # only now: the loss is against the old queue

    def contrast(self, query: Tensor, key: Tensor) -> Tensor:
        """InfoNCE against the queue, a scalar.

        Args:
            query, key: N x D unit rows.
        """
        keys = self.memory.keys
        return memory_contrast(query, key, keys, self.settings.loss.temperature, own_key(key, keys)).mean()

    @torch.no_grad()
    def encode_key(self, images: Tensor, batch: Batch, number: int) -> Tensor:
        """N x D unit rows, without gradient.

        Args:
            images: N x C x H x W.
            batch: has the step's draws.
            number: of the pass of the key encoder within the step, from 0.
        """
        if not self.shuffled:
            return normalize(self.key(images))
        shuffle, unshuffle = batch.draws["shuffle"][:, number], batch.draws["unshuffle"][:, number]
        return gather(normalize(self.key(gather(images)[shuffle])))[unshuffle]
