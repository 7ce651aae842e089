"""FixMatch: confident labels of the weak view teach the strong one (Sohn et al., NeurIPS 2020, arXiv 2001.07685)."""

from typing import TYPE_CHECKING

from gristmill.losses.consistency import confident, masked_cross_entropy
from gristmill.methods.few_labels import FewLabels
from gristmill.methods.method import Batch, Clock, Objective, Step

if TYPE_CHECKING:
    from gristmill.parameters import fixmatch


class FixMatch(FewLabels):
    """L = CE(f(x), y) + lambda_u / (mu B) sum_i [max p_i >= tau] CE(f(A_s(u_i)), argmax p_i).

    p_i = softmax(f(A_w(u_i))).

    As DASO's authors run it: mu = 2, no interleaving, a constant rate, batch-norm statistics averaged too, all
    parameters decayed, and no labeled image among the unlabeled ones.
    """

    settings: "fixmatch.Train"

    def step(self, batch: Batch, now: Clock) -> Step:
        loss = self.settings.loss
        (labeled, weak, strong), _ = self.together(batch.labeled.weak, batch.unlabeled.weak, batch.unlabeled.strong)
        label, mask = confident(weak.detach().softmax(1), loss.threshold)
        classes = self.labeled_loss(labeled, batch.labeled.label, now)
        consistency = loss.unlabeled * masked_cross_entropy(strong, label, mask)
        parts = {"class_loss": classes.detach(), "consistency_loss": consistency.detach()}
        yield Objective(classes + consistency, parts=parts, pseudo_labels=self.given(batch, mask, final=label))
        self.average.follow(self.network)
