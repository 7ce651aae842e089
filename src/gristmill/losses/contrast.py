"""Cross entropy of a query against its own key and a memory of other keys."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.autograd import Function

from gristmill.losses.similarity import similarity

Targets = Callable[[slice], tuple[Tensor, Tensor]]  # rows of the batch -> own (n), rest (n x K)
BLOCK = 4_000_000  # values of one block of rows x K: 16 MB in float32, so that it stays near the processor


def memory_contrast(query: Tensor, key: Tensor, memory: Tensor, temperature: float, targets: Targets) -> Tensor:
    """L_i = - sum_j target_ij log p_ij with p_i = softmax([q_i.k_i, q_i.m_1, ..., q_i.m_K] / T1)  (MaskCon, eq. 5-12).

    Args:
        query: N x D unit rows; the only input that gets a gradient.
        key: N x D unit rows, of the same images.
        memory: K x D unit rows, as it was before this batch.
        temperature: T1 > 0.
        targets: gives the soft targets of a block of rows, see `gristmill.losses.targets`.

    Returns:
        N losses.

    Loss and gradient are computed together, block by block of rows; nothing of size N x K outlives its block. The
    gradient of row i is sum_j (p_ij - target_ij) m_j / T1, own key included.
    """
    return _MemoryContrast.apply(query, key, memory, temperature, targets)  # type: ignore[return-value]


class _MemoryContrast(Function):
    @staticmethod
    def forward(ctx, query: Tensor, key: Tensor, memory: Tensor, temperature: float, targets: Targets) -> Tensor:
        count = len(query)
        losses, gradient = query.new_empty(count), torch.empty_like(query)
        columns = memory.T.contiguous()
        step = max(1, BLOCK // len(memory))
        for start in range(0, count, step):
            rows = slice(start, min(start + step, count))
            own, rest = targets(rows)                                        # n; n x K
            q, k = query[rows], key[rows]
            own_logit = (q * k).sum(1) / temperature                         # n
            logits = similarity(q, memory).div_(temperature)                 # n x K
            positive = own * own_logit + (rest * logits).sum(1)
            p = logits.softmax(1)                                            # among the memory alone
            memory_mass = logits.amax(1) - p.amax(1).log()                   # n: logsumexp of the memory's logits
            mass = torch.logaddexp(own_logit, memory_mass)                   # n: ... and of the own key
            losses[rows] = mass - positive
            p.mul_((memory_mass - mass).exp_()[:, None]).sub_(rest)          # p - target, n x K
            own_error = ((own_logit - mass).exp_() - own)[:, None]
            gradient[rows] = (similarity(p, columns) + own_error * k).div_(temperature)
        ctx.save_for_backward(gradient)
        return losses

    @staticmethod
    def backward(ctx, *grad_outputs: Tensor):
        (gradient,) = ctx.saved_tensors
        return grad_outputs[0][:, None] * gradient, None, None, None, None


def own_key(key: Tensor, memory: Tensor) -> Targets:
    """SelfCon: a sample's own key is its only positive."""
    return lambda rows: (key.new_ones(len(key[rows])), key.new_zeros(len(key[rows]), len(memory)))
