"""What the coarse-label methods share: two encoders, a memory, and everything of a step but its loss."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from gristmill.methods.method import Batch, Clock, Method, Optimizer, Stream
from gristmill.networks.heads import Encoder
from gristmill.networks.memory import Memory
from gristmill.networks.momentum import SlowCopy
from gristmill.networks.parallel import processes

if TYPE_CHECKING:
    from gristmill.parameters import coins, grafit, maskcon


class QueryKeyMethod(Method):
    """Query encoder, slow key encoder and memory bank M (Feng & Patras, CVPR 2023; after MoCo).

    Both encoders stay in training mode, so that each keeps its own batch-norm statistics. The released code
    shuffles the batch before the key encoder, which on one device changes nothing but rounding: left out here.

    Args:
        network: the query encoder; gives class logits and projections.
        settings: of the method.
    """

    def __init__(self, network: Encoder, settings: "maskcon.Train | grafit.Train | coins.Train"):
        super().__init__()
        self.settings = settings
        self.query = network
        self.key = SlowCopy(network)
        self.memory = Memory(settings.memory.size, settings.network.dim)

    def streams(self) -> dict[str, Stream]:
        """One stream of training images, each given a query and a key view."""
        views = self.settings.views
        return {"train": Stream("train", self.settings.train.batch, {"key": views.key, "query": views.query})}

    def optimizers(self) -> dict[str, Optimizer]:
        """Warm-up and cosine over all parameters of the query encoder, batch norm and biases included."""
        train, parameters = self.settings.train, list(self.query.parameters())
        rate = {"lr": train.lr, "schedule": "cosine", "warmup": train.warmup}
        return {"main": Optimizer(parameters, **rate, momentum=train.momentum, weight_decay=train.weight_decay)}

    def phase(self, now: Clock) -> str:
        """All steps are alike."""
        return "train"

    @property
    def evaluated(self) -> nn.Module:
        return self.query

    def start(self, batches: Iterable[Batch]) -> None:
        """Fill the memory with the first K keys; K is a multiple of the batch."""
        size, filled = len(self.memory.labels), 0
        for batch in batches:
            self.memory.push(self.encode_key(batch.train), batch.train.label)
            filled += len(batch.train.label) * processes()
            if filled >= size:
                return

    def encode(self, images: SimpleNamespace) -> tuple[Tensor, Tensor, Tensor]:
        """Class logits (N x C) and query (N x D) of one view, key (N x D) of the other; unit rows.

        The key encoder follows first: it sees the weights that the last update left.
        """
        self.key.follow(self.query, self.settings.memory.momentum)
        logits, query = self.query(images.query)
        return logits, normalize(query), self.encode_key(images)

    @torch.no_grad()
    def encode_key(self, images: SimpleNamespace) -> Tensor:
        """N x D unit rows, without gradient."""
        return normalize(self.key(images.key)[1])
