"""Logits moved by the logarithm of how often each class is labeled (Menon et al., ICLR 2021)."""

from torch import Tensor


def log_prior(counts: Tensor) -> Tensor:
    """K: log(N_k / sum N), of the labeled images of each class.

    Args:
        counts: K, N_k as floats. A class without labeled images counts as if it had one, to stay finite.
    """
    return (counts.clamp(min=1) / counts.sum().clamp(min=1)).log()


def adjusted(logits: Tensor, prior: Tensor, tau: float = 1.0) -> Tensor:
    """z + tau log prior, to be trained with cross entropy; evaluated are then the logits as they are.

    Logits of an ordinary training are adjusted for a balanced test instead, with tau = -1.

    Args:
        logits: N x K.
        prior: K, of `log_prior`.
    """
    return logits + tau * prior
