"""The part that DASO adds to a method: a second opinion on pseudo-labels, and how far it is to be followed."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from gristmill.errors import UserError
from gristmill.losses.blend import blend, blending_weights
from gristmill.losses.semantic import alignment_loss, semantic_probabilities
from gristmill.methods.lengths import pretraining_steps, queue_sizes, window_length
from gristmill.methods.method import Clock
from gristmill.networks.prototypes import ClassQueues, LabelWindow

if TYPE_CHECKING:
    from gristmill.parameters import daso


class SemanticLabels(nn.Module):
    """Queues of labeled features with their means, and the classes of the pseudo-labels of the last window.

    Labels are linear ones until step P of the run; from then on they are blended with what the nearest prototype
    says, the more the more frequent the linear label was in the last window (Oh, Kim & Kweon, DASO, CVPR 2022).

    Args:
        counts: K, N_k.
        dim: D of the features.
        settings: `pretrain` (steps P, window, queue L, sizes) and `blend`.
    """

    def __init__(self, counts: Tensor, dim: int, settings: "daso.BlendPseudoLabels"):
        super().__init__()
        self.settings = settings
        self.first = pretraining_steps(settings, counts)
        self.queues = ClassQueues(queue_sizes(settings, counts), dim)
        length = window_length(settings, len(counts))
        if length > self.first:
            raise UserError(f"pretrain.window: {length} steps are longer than the pretraining ({self.first} steps)")
        self.window = LabelWindow(len(counts), length)

    def blends(self, now: Clock) -> bool:
        """Whether the labels of this step are blended."""
        return now.step >= self.first

    def opinion(self, features: Tensor, prototypes: Tensor) -> Tensor:
        """q_w: N x K probabilities of the nearest prototype, without gradient.

        Args:
            features: z_w, N x D of the weak view.
            prototypes: c, K x D of the queues.
        """
        return semantic_probabilities(features, prototypes, self.settings.blend.proto_temperature)

    def alignment(self, opinion: Tensor, features: Tensor, prototypes: Tensor) -> Tensor:
        """L_align: the strong view's opinion is to be the weak view's.

        Args:
            opinion: q_w, N x K.
            features: z_s, N x D of the strong view, with gradient.
            prototypes: c, K x D of the queues.
        """
        blending = self.settings.blend
        return blending.align * alignment_loss(opinion, features, prototypes, blending.proto_temperature)

    def upsilon(self) -> Tensor:
        """K: how far the semantic label of each linear class is followed."""
        blending, counts = self.settings.blend, self.window.counts
        if blending.alpha is not None:
            return torch.full(counts.shape, blending.alpha, device=counts.device)
        return blending_weights(counts, blending.dist_temperature)

    def remembered(self, now: Clock) -> dict[str, Tensor]:
        """`shares`: m of the last window; `upsilons`; `fill`: how full each class's queue is.

        K each, in 0..1; NaN where there is none yet.
        """
        counts = self.window.counts.double()
        upsilon = self.upsilon() if self.blends(now) else torch.full_like(counts, torch.nan)
        return {"shares": counts / counts.sum(), "upsilons": upsilon, "fill": self.queues.fill()}

    def blended(self, linear: Tensor, opinion: Tensor) -> Tensor:
        """p': N x K.

        Args:
            linear: p, N x K.
            opinion: q_w, N x K.
        """
        return blend(linear, opinion, self.upsilon().to(linear.dtype))
