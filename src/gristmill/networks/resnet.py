"""Residual networks in torchvision's layout and names, so that its weight files fit."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import leaky_relu, relu


def convolution(inputs: int, outputs: int, side: int, stride: int = 1) -> nn.Conv2d:
    """A square convolution without bias, drawn from the ResNet paper's normal distribution."""
    layer = nn.Conv2d(inputs, outputs, side, stride, padding=side // 2, bias=False)
    layer.he_normal = True  # type: ignore[assignment]  # read by `initialize`
    return layer


def shortcut(inputs: int, outputs: int, stride: int) -> nn.Sequential | None:
    """A 1x1 convolution where shape changes, else nothing."""
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))


def rectify(x: Tensor, slope: float) -> Tensor:
    """ReLU, or leaky ReLU where there is a slope below 0. Changes `x`."""
    return leaky_relu(x, slope, inplace=True) if slope else relu(x, inplace=True)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions (ResNet-18, ResNet-34)."""

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int, slope: float = 0.0):
        super().__init__()
        self.slope = slope
        self.conv1, self.bn1 = convolution(inputs, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = convolution(width, width, 3), nn.BatchNorm2d(width)
        self.downsample = shortcut(inputs, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = rectify(self.bn1(self.conv1(x)), self.slope)
        y = self.bn2(self.conv2(y))
        return rectify(y + (x if self.downsample is None else self.downsample(x)), self.slope)


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions, the stride in the 3x3 (ResNet-50)."""

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int, slope: float = 0.0):
        super().__init__()
        self.slope = slope
        self.conv1, self.bn1 = convolution(inputs, width, 1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = convolution(width, width, 3, stride), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = convolution(width, 4 * width, 1), nn.BatchNorm2d(4 * width)
        self.downsample = shortcut(inputs, 4 * width, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = rectify(self.bn1(self.conv1(x)), self.slope)
        y = rectify(self.bn2(self.conv2(y)), self.slope)
        y = self.bn3(self.conv3(y))
        return rectify(y + (x if self.downsample is None else self.downsample(x)), self.slope)


class ResNet(nn.Module):
    """Stem, one stage a width, global average; stages after the first halve the side.

    Args:
        block: `BasicBlock` or `Bottleneck`.
        blocks: how many blocks each stage has.
        widths: channels of each stage, before the block's expansion.
        channels: of the images.
        stem: `imagenet` (7x7 stride 2 and max-pool; torchvision's), `small` (3x3 stride 1: images of at most
            64 pixels) or `tiny` (3x3 stride 2: runs of minutes on drawings). The 3x3 stems keep PyTorch's
            default initialization, as in MaskCon's released code.
        slope: of the rectifiers below 0; 0 is ReLU.

    Maps N x channels x H x W to N x `width`.
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        blocks: Sequence[int],
        widths: Sequence[int],
        channels: int = 3,
        stem: str = "imagenet",
        slope: float = 0.0,
    ):
        super().__init__()
        self.slope = slope
        if stem == "imagenet":
            self.conv1 = convolution(channels, widths[0], 7, 2)
            self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        else:
            self.conv1 = nn.Conv2d(channels, widths[0], 3, 2 if stem == "tiny" else 1, padding=1, bias=False)
            self.maxpool = nn.Identity()
        self.bn1 = nn.BatchNorm2d(widths[0])
        inputs = widths[0]
        self.stages = []
        for number, (count, width) in enumerate(zip(blocks, widths, strict=True), start=1):
            layers = []
            for position in range(count):
                layers.append(block(inputs, width, 2 if number > 1 and position == 0 else 1, slope))
                inputs = width * block.expansion
            self.stages.append(f"layer{number}")
            self.add_module(f"layer{number}", nn.Sequential(*layers))
        self.width = inputs

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(rectify(self.bn1(self.conv1(x)), self.slope))
        for stage in self.stages:
            x = self.get_submodule(stage)(x)
        return x.mean((2, 3))


def start_branches_at_zero(network: nn.Module) -> None:
    """Every residual block starts as its shortcut: the weight of its branch's last batch norm is 0 (Goyal et al. 2017).

    `initialize` does it; what else that draws stays the same.
    """
    for module in network.modules():
        if isinstance(module, BasicBlock | Bottleneck):
            last = module.bn2 if isinstance(module, BasicBlock) else module.bn3
            last.starts_at_zero = True  # type: ignore[assignment]  # read by `initialize`


class Pixels(nn.Module):
    """The image itself as its feature: the floor that a learned feature must beat. N x C x H x W to N x CHW."""

    def __init__(self, channels: int, side: int):
        super().__init__()
        self.width = channels * side * side

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)
