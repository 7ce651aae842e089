"""What the methods with few labels share: a classifier, its moving average, labeled and unlabeled images."""

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn

from gristmill.losses.logit_adjustment import adjusted, log_prior
from gristmill.losses.reweighting import class_balanced_weights, ldam_loss, ldam_margins, weighted_cross_entropy
from gristmill.methods.lengths import average_rate
from gristmill.methods.method import Batch, Clock, Method, Optimizer, PseudoLabels, Stream
from gristmill.networks.average import Average
from gristmill.networks.classifier import Classifier, decay_groups
from gristmill.networks.parallel import gather

if TYPE_CHECKING:
    from gristmill.parameters import few_labels


class LabeledLoss(nn.Module):
    """The loss of the labeled images, possibly balanced.

    Plain cross entropy until the share `start` of the run, from then on by `loss`: `plain`, `weighted` (class-balanced
    weights, Cui et al. 2019) or `ldam` (margins and weights, Cao et al. 2019; with a late start that is DRW). Logits
    are adjusted before by `adjust` log prior (Menon et al. 2021), over the whole run.

    Buffers: `prior`, `weights`, `margins`, K each, all from the classifier's counts.
    """

    prior: Tensor
    weights: Tensor
    margins: Tensor

    def __init__(self, counts: Tensor, settings: "few_labels.Balance"):
        super().__init__()
        self.settings = settings
        counts, beta = counts.to(torch.get_default_dtype()), 1.0 if settings.loss == "plain" else settings.beta
        for name, value in (
            ("prior", log_prior(counts)),
            ("weights", class_balanced_weights(counts, beta)),
            ("margins", ldam_margins(counts)),
        ):
            self.register_buffer(name, value)

    def balances(self, now: Clock) -> bool:
        """Whether the balanced loss has taken over."""
        return self.settings.loss != "plain" and now.step + 1 >= round(self.settings.start * now.steps)

    def forward(self, logits: Tensor, labels: Tensor, now: Clock) -> Tensor:
        """A scalar.

        Args:
            logits: B x K.
            labels: B.
        """
        logits = adjusted(logits, self.prior, self.settings.adjust)
        if not self.balances(now):
            return nn.functional.cross_entropy(logits, labels)
        if self.settings.loss == "weighted":
            return weighted_cross_entropy(logits, labels, self.weights)
        own = self.weights[labels].sum()  # of this process: the loss is divided by that of the whole batch
        return ldam_loss(logits, labels, self.margins, self.weights) * (own / gather(own[None]).mean())


def nesterov(network: nn.Module, train: "few_labels.Loop") -> Optimizer:
    """Nesterov's momentum; `decay: all` is weight decay of all parameters, batch norm and biases included."""
    parameters, spared = decay_groups(network, train.decay)
    rest = (train.warmup, train.momentum, train.weight_decay)
    return Optimizer(parameters, train.lr, train.schedule, *rest, nesterov=True, spared=spared)


class FewLabels(Method):
    """A classifier on a labeled and an unlabeled stream; evaluated is its moving average.

    Labeled images have a weak view, unlabeled ones those of `VIEWS`; one forward pass sees all of them together, so
    that batch norm does.

    Args:
        network: knows how many labeled images each class has.
        settings: of the method.
    """

    VIEWS: ClassVar = {"weak": "weak", "strong": "strong"}  # of unlabeled images

    def __init__(self, network: Classifier, settings: "few_labels.FewLabelsStep"):
        super().__init__()
        self.settings = settings
        self.network = network
        self.average = Average(network, average_rate(settings.train))
        self.labeled_loss = LabeledLoss(network.counts, settings.balance)

    def streams(self) -> dict[str, Stream]:
        """B labeled images and mu B unlabeled ones, both cut from endless permutations."""
        train = self.settings.train
        return {
            "labeled": Stream("train", train.batch, {"weak": "weak"}, straddle=True),
            "unlabeled": Stream("unlabeled", train.batch * train.unlabeled, self.VIEWS, straddle=True),
        }

    def optimizers(self) -> dict[str, Optimizer]:
        return {"main": nesterov(self.network, self.settings.train)}

    def phase(self, now: Clock) -> str | None:
        """Plain and balanced loss are two phases."""
        return "balanced" if self.labeled_loss.balances(now) else "plain"

    @property
    def evaluated(self) -> nn.Module:
        return self.average.network

    def together(self, *images: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Logits and features of several batches of images, from one forward pass."""
        sizes = [len(some) for some in images]
        logits, features = self.network(torch.cat(images))
        return logits.split(sizes), features.split(sizes)

    def given(self, batch: Batch, mask: Tensor, **labels: Tensor) -> PseudoLabels:
        """The pseudo-labels of a step, for the trainer to count."""
        return PseudoLabels("unlabeled", batch.unlabeled.index, labels, mask)
