"""PseudoLabel: confident predictions are taken for labels (Lee, ICML workshop 2013)."""

from typing import TYPE_CHECKING, ClassVar

from gristmill.losses.consistency import confident, masked_cross_entropy, ramp
from gristmill.methods.few_labels import FewLabels
from gristmill.methods.method import Batch, Clock, Objective, Step

if TYPE_CHECKING:
    from gristmill.parameters import pseudolabel


class PseudoLabel(FewLabels):
    """L = CE(f(x), y) + c(it) lambda_u / (mu B) sum_i [max p_i >= tau] CE(f(u_i), argmax p_i), p_i = softmax f(u_i).

    One weak view of an unlabeled image gives the label and learns it. c rises over the first share `ramp` of the run.
    """

    VIEWS: ClassVar = {"weak": "weak"}
    settings: "pseudolabel.Train"

    def phase(self, now: Clock) -> str | None:
        """While the weight rises, every step is another one."""
        return None if now.step < self.settings.loss.ramp * now.steps else super().phase(now)

    def step(self, batch: Batch, now: Clock) -> Step:
        loss = self.settings.loss
        (labeled, weak), _ = self.together(batch.labeled.weak, batch.unlabeled.weak)
        label, mask = confident(weak.detach().softmax(1), loss.threshold)
        classes = self.labeled_loss(labeled, batch.labeled.label, now)
        weight = loss.unlabeled * ramp(now.step, now.steps, loss.ramp)
        consistency = weight * masked_cross_entropy(weak, label, mask)
        parts = {"class_loss": classes.detach(), "consistency_loss": consistency.detach()}
        yield Objective(classes + consistency, parts=parts, pseudo_labels=self.given(batch, mask, final=label))
        self.average.follow(self.network)
