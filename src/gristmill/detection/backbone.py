"""Encoders as the backbones of detectors."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor, nn

from gristmill.attributes import attributes
from gristmill.errors import UserError
from gristmill.networks.build import build
from gristmill.networks.initialize import initialize
from gristmill.networks.resnet import ResNet, rectify


@dataclass(frozen=True, eq=False)
class Backbone:
    """A residual network, and how it is fed.

    Attributes:
        network: with its weights.
        channels: of its images: 3, or 1: then it is shown the gray of color images.
        mean, std: of each channel, of values 0 to 1.
    """

    network: ResNet
    channels: int
    mean: list[float]
    std: list[float]


def backbone_of(recipe: dict[str, Any], start: dict[str, Tensor] | np.random.Generator) -> Backbone:
    """The backbone of an encoder's file: with its weights, or the same network from its beginning.

    Args:
        recipe: of the file (`networks.build.read_encoder`): network, channels, classes and views.
        start: the file's tensors, or a generator from which first weights are drawn.

    Raises:
        UserError: the encoder is no residual network.
    """
    views = recipe["views"]
    whole: Any = build(attributes(recipe["network"]), recipe["channels"], views["size"], recipe["classes"])
    if not isinstance(getattr(whole, "backbone", None), ResNet):
        name = recipe["network"]["name"]
        raise UserError(f"network {name}: detectors stand on residual networks; take small, resnet18, 34 or 50")
    if isinstance(start, dict):
        whole.load_state_dict(start)
    else:
        initialize(whole.backbone, start)
    return Backbone(whole.backbone, recipe["channels"], views["mean"], views["std"])


def stride(network: ResNet, stage: int) -> int:
    """Pixels of the image to a pixel of what a stage, from 1, puts out."""
    pooled = 2 if isinstance(network.maxpool, nn.MaxPool2d) else 1
    return int(network.conv1.stride[0]) * pooled * 2 ** (stage - 1)


def widths(network: ResNet) -> list[int]:
    """The channels of each stage's output; the last stage has `network.width`, each before half of the next."""
    found = []
    for name in network.stages:
        last: Any = network.get_submodule(name)[-1]  # pyright: ignore[reportIndexIssue]
        norm = last.bn3 if hasattr(last, "bn3") else last.bn2
        found.append(norm.num_features)
    return found


class Trunk(nn.Module):
    """The stem and the first stages of a residual network.

    Args:
        network: whose layers are taken, with their names.
        stages: how many.
    """

    def __init__(self, network: ResNet, stages: int):
        super().__init__()
        self.slope, self.stages = network.slope, network.stages[:stages]
        self.conv1, self.bn1, self.maxpool = network.conv1, network.bn1, network.maxpool
        for name in self.stages:
            self.add_module(name, network.get_submodule(name))

    def forward(self, x: Tensor) -> list[Tensor]:
        """N x C x H x W to what each stage puts out."""
        x = self.maxpool(rectify(self.bn1(self.conv1(x)), self.slope))
        maps = []
        for name in self.stages:
            x = self.get_submodule(name)(x)
            maps.append(x)
        return maps
