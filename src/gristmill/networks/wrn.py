"""Wide residual networks (Zagoruyko & Komodakis, BMVC 2016), as semi-supervised methods on small images use them."""

from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from gristmill.networks.resnet import convolution

SLOPE = 0.1


class Activation(nn.Module):
    """Batch norm and leaky ReLU."""

    def __init__(self, width: int):
        super().__init__()
        self.bn = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return leaky_relu(self.bn(x), SLOPE, inplace=True)  # in the memory that batch norm has just made


class PreActivationBlock(nn.Module):
    """x + conv(act(conv(act(x)))), the 1x1 convolution of the shortcut where the shape changes.

    Args:
        before: the shortcut too starts from act(x), not from x: the network's first block.
    """

    def __init__(self, inputs: int, width: int, stride: int, before: bool):
        super().__init__()
        self.before = before
        self.shortcut = convolution(inputs, width, 1, stride) if stride > 1 or inputs != width else None
        self.act1 = Activation(inputs)
        self.conv1 = convolution(inputs, width, 3, stride)
        self.act2 = Activation(width)
        self.conv2 = convolution(width, width, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.act1(x)
        kept = y if self.before else x
        y = self.conv2(self.act2(self.conv1(y)))
        return y + (kept if self.shortcut is None else self.shortcut(kept))


class WideResNet(nn.Module):
    """WRN-depth-factor: a 3x3 stem, three groups of blocks that are 16, 32 and 64 times `factor` wide, global average.

    Maps N x channels x H x W of any size to N x `width`. WRN-28-2, with 128 features of RGB images, has 1,466,320
    parameters.

    Args:
        depth: 6 n + 4 convolutions, n blocks a group.
        factor: w.
        channels: of the images.
    """

    def __init__(self, depth: int = 28, factor: int = 2, channels: int = 3):
        super().__init__()
        if depth < 10 or depth % 6 != 4:
            raise ValueError(f"depth: 10, 16, 22, 28 and so on are possible, not {depth}")
        self.stem = convolution(channels, 16, 3)
        blocks, inputs = [], 16
        for group, width in enumerate((16 * factor, 32 * factor, 64 * factor)):
            for place in range((depth - 4) // 6):
                blocks.append(PreActivationBlock(inputs, width, 2 if group and not place else 1, not blocks))
                inputs = width
        self.blocks = nn.Sequential(*blocks)
        self.act = Activation(inputs)
        self.width = inputs

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.blocks(self.stem(x))).mean((2, 3))
