"""USADTM: what is near a class's mean by angle and by distance gets its label (Han et al., NeurIPS 2020)."""

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from gristmill.losses.agreement import agreed
from gristmill.losses.consistency import masked_cross_entropy
from gristmill.losses.mutual_information import triplet_loss
from gristmill.methods.few_labels import FewLabels
from gristmill.methods.method import Batch, Clock, Objective, Step
from gristmill.networks.classifier import Classifier
from gristmill.networks.parallel import over_processes
from gristmill.networks.prototypes import ClassQueues

if TYPE_CHECKING:
    from gristmill.parameters import usadtm


class USADTM(FewLabels):
    """L = CE + lambda_MI MI(untouched, weak, strong) + lambda_u consistency, labels from the prototypes of the classes.

    In the form that DASO (CVPR 2022) compares with: queues of 5 N_k features of the trained network, the mutual
    information from the first step on, the consistency from the share `start` of the run on; selected images are not
    added to the labeled ones.
    """

    VIEWS: ClassVar = {"untouched": "untouched", "weak": "weak", "strong": "strong"}
    settings: "usadtm.Train"

    def __init__(self, network: Classifier, settings: "usadtm.Train"):
        super().__init__(network, settings)
        sizes = [5 * count for count in network.counts.tolist()]
        self.queues = ClassQueues(sizes, network.classifier.in_features)

    def agrees(self, now: Clock) -> bool:
        """Whether pseudo-labels are used by now."""
        return now.step >= int(self.settings.loss.start * now.steps)

    def phase(self, now: Clock) -> str | None:
        return f"{super().phase(now)} {self.agrees(now)}"

    def remembered(self, now: Clock) -> dict[str, Tensor]:
        """`fill`: how full each class's queue is, K."""
        return {"fill": self.queues.fill()}

    def step(self, batch: Batch, now: Clock) -> Step:
        loss, unlabeled = self.settings.loss, batch.unlabeled
        logits, features = self.together(batch.labeled.weak, unlabeled.untouched, unlabeled.weak, unlabeled.strong)
        labeled, untouched, weak, strong = logits
        self.queues.push(features[0].detach(), batch.labeled.label)
        classes = self.labeled_loss(labeled, batch.labeled.label, now)
        information = loss.information * triplet_loss(untouched, weak, strong, over_processes)
        label, mask = agreed(features[2].detach(), self.queues.prototypes(), loss.threshold)
        if not self.agrees(now):
            mask = torch.zeros_like(mask)
        consistency = loss.unlabeled * masked_cross_entropy(strong, label, mask)
        parts = {"class_loss": classes, "information_loss": information, "consistency_loss": consistency}
        parts = {name: value.detach() for name, value in parts.items()}
        total = classes + information + consistency
        yield Objective(total, parts=parts, pseudo_labels=self.given(batch, mask, final=label))
        self.average.follow(self.network)
