"""What the methods share that compare two views of each image: one network, one stream, one optimizer."""

from typing import TYPE_CHECKING, ClassVar

from torch import nn

from gristmill.methods.method import Clock, Method, Optimizer, Stream
from gristmill.networks.headed import Headed

if TYPE_CHECKING:
    from gristmill.parameters import two_views


def descent(network: nn.Module, train: "two_views.Pretraining") -> Optimizer:
    """All trained parameters, by stochastic gradient descent or LARS.

    `decay: all` is weight decay of all of them, batch norm and biases included; `weights`: of those with more than one
    dimension.
    """
    groups: tuple[list[nn.Parameter], list[nn.Parameter]] = ([], [])
    for parameter in network.parameters():
        if parameter.requires_grad:
            groups[train.decay == "weights" and parameter.ndim <= 1].append(parameter)
    rest = (train.warmup, train.momentum, train.weight_decay)
    return Optimizer(groups[0], train.lr, train.schedule, *rest, spared=groups[1], rule=train.optimizer)


class TwoViews(Method):
    """One stream of training images, each seen as a `first` and a `second` view; both come from the same recipe.

    Args:
        network: encoder and head.
        settings: of the method.
    """

    VIEWS: ClassVar = {"first": "first", "second": "second"}  # name in the batch -> role in the recipe

    def __init__(self, network: Headed, settings: "two_views.TwoViewsStep"):
        super().__init__()
        self.settings = settings
        self.network = network

    def streams(self) -> dict[str, Stream]:
        """Every epoch drops its incomplete last batch."""
        return {"train": Stream("train", self.settings.train.batch, self.VIEWS)}

    def optimizers(self) -> dict[str, Optimizer]:
        return {"main": descent(self.network, self.settings.train)}

    def phase(self, now: Clock) -> str:
        """All steps are alike."""
        return "train"

    @property
    def evaluated(self) -> nn.Module:
        return self.network
