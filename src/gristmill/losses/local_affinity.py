"""How alike two local crops are, as a regressor sees it (LoGo: Zhang et al., CVPR 2022, arXiv 2203.17205)."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity, softplus

Score = Callable[[Tensor, Tensor], Tensor]  # u, v: N x C each -> N x outputs


def logit_affinity(score: Tensor, partner: Tensor) -> Tensor:
    """softplus(s): N; the score is a logit of "the same image" (what the released training script uses).

    Args:
        score: s, N x 1.
        partner: N x C, not looked at.
    """
    return softplus(score).squeeze(1)


def cosine_affinity(score: Tensor, partner: Tensor) -> Tensor:
    """cos(v, s): N; the score predicts the second vector of the pair. A zero vector has cosine 0.

    Args:
        score: s, N x C, of any length.
        partner: v, N x C.
    """
    return cosine_similarity(partner, score, dim=1, eps=1e-8)


AFFINITIES = {"softplus": logit_affinity, "cos": cosine_affinity}


def pair_affinity(affinity: str, score: Score, u: Tensor, v: Tensor, same: bool = False) -> Tensor:
    """l_a(u, v): N, low where the score says "different images"; with `same` low where it says "the same image".

    In both forms the second is the first of the negated score: softplus(-s), -cos(v, s).

    Args:
        affinity: `softplus` or `cos`.
        u, v: N x C.
    """
    found = score(u, v)
    return AFFINITIES[affinity](-found if same else found, v)


def regressor_loss(
    affinity: str, score: Score, a: Tensor, b: Tensor, noise_a: Tensor, noise_b: Tensor
) -> tuple[Tensor, Tensor]:
    """Omega = mean(P + Q), which the regressor minimizes: pairs of one image score high, of two images low (eq. 3-6).

        P = (l+[a + noise_a, b + noise_b] + l+[b + noise_a, a + noise_b]) / 2     l+ = softplus(-s) or -cos(v, s)
        Q = (l-[a, flip b] + l-[b, flip a]) / 2                                   l- = softplus(s) or cos(v, s)

    The paper maximizes the opposite difference of affinities. The partner of row i in Q is row N - 1 - i: in an odd
    batch the middle row meets its own image, as released.

    Args:
        affinity: `softplus` or `cos`.
        a, b: N x C unit rows, both local crops of each image, without gradient.
        noise_a, noise_b: N x C, added to the first and the second vector of a pair of one image.

    Returns:
        Omega and mean(Q).
    """
    pairs = ((a + noise_a, b + noise_b), (b + noise_a, a + noise_b))
    same = [pair_affinity(affinity, score, u, v, same=True) for u, v in pairs]
    others = [pair_affinity(affinity, score, u, v.flip(0)) for u, v in ((a, b), (b, a))]
    positive, negative = 0.5 * same[0] + 0.5 * same[1], 0.5 * others[0] + 0.5 * others[1]
    return torch.mean(positive + negative), negative.mean()
