"""A supervised contrast that looks like SupCon and is not: for comparison, no method trains with it."""

from torch import Tensor
from torch.nn.functional import normalize

from gristmill.losses.supcon import supcon_loss


def naive_contrast(embeddings: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """- log( sum_{same label} exp(z_i.z_j / T) / sum_{j != i} exp(z_i.z_j / T) ), one view of each image.

    With n_i positives that is L_in,i - log n_i: the sum stands inside the logarithm and is no mean, so that one near
    positive satisfies it and the others need not come close. Written down with bare exponentials it overflows in
    float32 for T < 0.0113; here it does not.

    Args:
        embeddings: B x C, any length.
        labels: B.

    Returns:
        B losses; infinite for an image whose label no other has, where the formula is -log 0. Such an image has no
        gradient, so that the mean over the finite ones can be trained.
    """
    features = normalize(embeddings)[:, None]                                      # one view
    count = (labels[:, None] == labels).sum(1) - 1
    losses = supcon_loss(features, labels, temperature=temperature, base_temperature=temperature, summation="in")
    return losses - count.to(losses.dtype).log()
