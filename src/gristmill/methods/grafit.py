"""Grafit as MaskCon's authors compare with it; SelfCon and SupCon (queue) are its ends."""

from typing import TYPE_CHECKING

from torch import Tensor

from gristmill.losses.contrast import memory_contrast
from gristmill.losses.targets import mix, supcon_targets
from gristmill.methods.method import Batch, Clock, Objective, Step
from gristmill.methods.query_key import QueryKeyMethod

if TYPE_CHECKING:
    from gristmill.parameters import grafit


class Grafit(QueryKeyMethod):
    """w SupCon + (1 - w) SelfCon against one memory (Touvron et al. 2020, in the form of Feng & Patras, CVPR 2023).

    One cross entropy with target w (1, mask_i) / (1 + sum_j mask_ij) + (1 - w) (1, 0, ..., 0), mask_ij = 1 where entry
    j of the memory has the coarse label of sample i. w = 1 is SupCon against a queue (the positives averaged outside
    the logarithm, none taken from the batch), w = 0 is SelfCon. The original Grafit combines an instance loss with a
    nearest-neighbor classifier; that form is not this one.
    """

    settings: "grafit.Train"

    def step(self, batch: Batch, now: Clock) -> Step:
        loss, memory = self.settings.loss, self.memory
        _, query, key = self.encode(batch.train)                    # N x D each
        same = batch.train.label[:, None] == memory.labels          # N x K

        def targets(rows: slice) -> tuple[Tensor, Tensor]:
            return mix(supcon_targets(same[rows], key.dtype), loss.w)

        losses = memory_contrast(query, key, memory.keys, loss.temperature, targets)
        yield Objective(losses.mean(), outputs=query)
        memory.push(key, batch.train.label)
