"""DASO on FixMatch: pseudo-labels of classifier and prototypes, blended by their own distribution.

Oh, Kim & Kweon, "DASO: Distribution-Aware Semantics-Oriented Pseudo-label for Imbalanced Semi-Supervised Learning",
CVPR 2022, arXiv 2106.05682.
"""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from gristmill.losses.consistency import confident, masked_cross_entropy
from gristmill.methods.few_labels import FewLabels
from gristmill.methods.method import Batch, Clock, Objective, Run, Step
from gristmill.methods.semantic_labels import SemanticLabels
from gristmill.networks.classifier import Classifier

if TYPE_CHECKING:
    from gristmill.parameters import daso


class DASO(FewLabels):
    """L = CE + lambda_u consistency + lambda_align alignment, from step P on with blended labels.

    With p linear and q_w semantic probabilities of the weak view, k' = argmax p, m the share of each class among the
    pseudo-labels of the last window:
        upsilon_k = m_k^(1/T_dist) / max_j m_j^(1/T_dist),  p' = (1 - upsilon_k') p + upsilon_k' q_w
    Every label counts in the window, confident or not. Constant blend 0 without alignment is FixMatch.

    The prototypes' encoder is the evaluated average itself, as released. There it runs in training mode
    (`prototype_bn: batch`), which also moves the statistics that evaluation uses; `running` leaves them alone.
    """

    settings: "daso.BlendPseudoLabels"

    def __init__(self, network: Classifier, settings: "daso.BlendPseudoLabels"):
        super().__init__(network, settings)
        self.semantic = SemanticLabels(network.counts, network.classifier.in_features, settings)

    @property
    def first_phase(self) -> int:
        """P: nothing that acts from there on has been read before."""
        return self.semantic.first

    def phase(self, now: Clock) -> str | None:
        return f"{super().phase(now)} {self.semantic.blends(now)}"

    def step(self, batch: Batch, now: Clock) -> Step:
        loss, semantic, labels = self.settings.loss, self.semantic, batch.labeled.label
        if self.settings.pretrain.prototypes == "average":                      # the average before this update
            semantic.queues.push(self.average_features(batch.labeled.weak), labels)
        logits, features = self.together(batch.labeled.weak, batch.unlabeled.weak, batch.unlabeled.strong)
        labeled, weak, strong = logits
        if self.settings.pretrain.prototypes == "online":
            semantic.queues.push(features[0].detach(), labels)

        linear = weak.detach().softmax(1)                                       # p, mu B x K
        alignment = linear.new_zeros(())
        final, kinds = linear, {"linear": linear.argmax(1)}
        if semantic.blends(now):
            prototypes = semantic.queues.prototypes()                           # c, K x D
            opinion = semantic.opinion(features[1], prototypes)                 # q_w, mu B x K
            if self.settings.blend.align > 0:
                alignment = semantic.alignment(opinion, features[2], prototypes)
            final, kinds["semantic"] = semantic.blended(linear, opinion), opinion.argmax(1)
        else:
            kinds["semantic"] = torch.full_like(kinds["linear"], -1)
        label, mask = confident(final, loss.threshold)
        semantic.window.push(label)

        classes = self.labeled_loss(labeled, labels, now)
        consistency = loss.unlabeled * masked_cross_entropy(strong, label, mask)
        parts = {"class_loss": classes, "consistency_loss": consistency, "alignment_loss": alignment}
        parts = {name: value.detach() for name, value in parts.items()}
        pseudo_labels = self.given(batch, mask, final=label, **kinds)
        yield Objective(alignment + classes + consistency, parts=parts, pseudo_labels=pseudo_labels)
        self.average.follow(self.network)

    def between(self, now: Clock, run: Run) -> None:
        """A window of pseudo-labels ends."""
        self.semantic.window.end_step(now.step, now.steps)

    def remembered(self, now: Clock) -> dict[str, Tensor]:
        """m, upsilon and how full the queues are."""
        return self.semantic.remembered(now)

    @torch.no_grad()
    def average_features(self, images: Tensor) -> Tensor:
        """B x D of the average; with `prototype_bn: batch` its batch norm sees this batch and remembers it."""
        self.average.train(self.settings.pretrain.prototype_bn == "batch")
        return self.average(images)[1]
