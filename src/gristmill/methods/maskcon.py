"""MaskCon: masked contrastive learning for coarse labels (Feng & Patras, CVPR 2023, arXiv 2303.12756)."""

from typing import TYPE_CHECKING

from torch import Tensor

from gristmill.losses.contrast import memory_contrast, own_key
from gristmill.losses.maskcon import maskcon_targets
from gristmill.losses.targets import mix
from gristmill.methods.method import Batch, Clock, Objective, Step
from gristmill.methods.query_key import QueryKeyMethod

if TYPE_CHECKING:
    from gristmill.parameters import maskcon


class MaskCon(QueryKeyMethod):
    """Entries of the memory with the sample's coarse label are positives, weighted by how near they are to its key.

    With q, k, m unit vectors, P_i the entries of the memory with the label of sample i:
        s_ij = k_i . m_j / T2,  z_ij = exp(s_ij - max_{l in P_i} s_il) for j in P_i, else 0
        target_i = w (1, z_i1, ..., z_iK) / (1 + sum_j z_ij) + (1 - w) (1, 0, ..., 0)
        L_i = - sum_j target_ij log softmax([q_i . k_i, q_i . m_1, ..., q_i . m_K] / T1)_j

    T2 -> infinity is Grafit, w = 0 is SelfCon. The released code divides 0 by 0 where the memory has no positive or
    their exponentials underflow; here such a sample keeps its own key as its only positive.
    """

    settings: "maskcon.Train"

    def step(self, batch: Batch, now: Clock) -> Step:
        loss, memory = self.settings.loss, self.memory
        _, query, key = self.encode(batch.train)                    # N x D each
        same = batch.train.label[:, None] == memory.labels          # N x K

        def near(rows: slice) -> tuple[Tensor, Tensor]:
            return mix(maskcon_targets(key[rows], memory.keys, same[rows], loss.target_temperature), loss.w)

        targets = own_key(key, memory.keys) if loss.target_temperature is None else near  # w = 0 needs no T2
        losses = memory_contrast(query, key, memory.keys, loss.temperature, targets)
        yield Objective(losses.mean(), outputs=query)
        memory.push(key, batch.train.label)                         # only now: the loss is against the old memory
