"""The network of the semi-supervised methods: a backbone with a linear classifier, and how it is built."""

from typing import Any

import torch
from torch import Tensor, nn

from gristmill.networks.resnet import BasicBlock, ResNet
from gristmill.networks.wrn import SLOPE, WideResNet


class Classifier(nn.Module):
    """Backbone E and linear classifier f, without a projector.

    Buffer: `counts` K, N_k: how many labeled images of each class it is trained with. A prediction for a balanced
    world needs them (`gristmill.losses.logit_adjustment`), so they are kept with the weights.

    Args:
        backbone: maps images to N x d_f.
        width: d_f.
        classes: K.

    Returns from `forward`: logits f(z), N x K, and features z = E(x), N x d_f.
    """

    counts: Tensor

    def __init__(self, backbone: nn.Module, width: int, classes: int):
        super().__init__()
        self.register_buffer("counts", torch.zeros(classes, dtype=torch.long))
        self.backbone = backbone
        self.classifier = nn.Linear(width, classes)
        self.classifier.xavier_normal = True  # type: ignore[assignment]  # read by `initialize`

    def features(self, images: Tensor) -> Tensor:
        """N x d_f."""
        return self.backbone(images)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.backbone(images)
        return self.classifier(features), features


def build_classifier(settings: Any, channels: int, classes: int) -> Classifier:
    """The network that `settings.name` names, not initialized; all its convolutions are marked `he_normal`.

    Args:
        settings: of `wrn` also `depth` and `factor` (28 and 2 in the papers); of `small` (runs of minutes) `widths` and
            `blocks`: a residual network with a stem of stride 2 and the leaky ReLU of `wrn`.
    """
    if settings.name == "wrn":
        backbone = WideResNet(settings.depth, settings.factor, channels)
    else:
        widths = settings.widths
        backbone = ResNet(BasicBlock, [settings.blocks] * len(widths), widths, channels, stem="tiny", slope=SLOPE)
        backbone.conv1.he_normal = True  # type: ignore[assignment]
    return Classifier(backbone, backbone.width, classes)


def decay_groups(network: nn.Module, decay: str) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """The parameters with weight decay, and those without.

    Args:
        decay: `all` decay (DASO's released code); `weights`: biases and batch norm do not (kekmodel's FixMatch).
    """
    groups: tuple[list[nn.Parameter], list[nn.Parameter]] = ([], [])
    for parameter in network.parameters():
        groups[decay == "weights" and parameter.ndim <= 1].append(parameter)
    return groups
