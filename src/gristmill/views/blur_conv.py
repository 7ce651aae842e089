"""Gaussian blur as a convolution with a sampled Gaussian, in floats: the blur of SimCLR's and BYOL's released code."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from gristmill.views.operation import Operation, Parameters, Size, as_bytes, change_rows


def gaussian_blur_conv(images: Tensor, sigma: Tensor, kernel_size: int, border: str = "zero") -> Tensor:
    """Blur each image by its own sigma: weights exp(-k^2 / (2 sigma^2)), k = -r..r, sum 1, along each axis.

    Args:
        images: N x C x H x W floats.
        sigma: N, pixels; 0 leaves an image as it is.
        kernel_size: 2 r + 1.
        border: what lies beyond it: `zero`, or `reflect` (the outermost pixel is not repeated).

    Returns:
        N x C x H x W of the same type.
    """
    reach = kernel_size // 2
    squares = torch.arange(reach + 1).double().square()[:, None]
    weights = (squares / (-2 * sigma.double().clamp(min=1e-9).square())).exp()  # r + 1 x N, one side
    weights = weights / (2 * weights.sum(0) - weights[0])
    weights = weights.to(images.device, images.dtype, non_blocking=True)[..., None]
    n, channels, height, width = images.shape
    # The axis that is blurred comes first: neighbors are then shifted views of whole rows of memory. Sums of single
    # products, since a matrix product may round differently for another batch size.
    across = images.permute(3, 0, 1, 2).reshape(width, n, channels * height)
    across = _convolve(across, weights, border).view(width, n, channels, height)
    down = across.permute(3, 1, 2, 0).reshape(height, n, channels * width)
    down = _convolve(down, weights, border).view(height, n, channels, width)
    return down.permute(1, 2, 0, 3).contiguous()


def _convolve(x: Tensor, weights: Tensor, border: str) -> Tensor:
    """L x N x M, along L."""
    length, reach = len(x), len(weights) - 1
    if border == "zero":
        beyond = x.new_zeros(reach, *x.shape[1:])
        padded = torch.cat([beyond, x, beyond])
    else:
        place = np.abs(np.arange(-reach, length + reach)) % max(2 * (length - 1), 1)
        mirrored = torch.from_numpy(np.minimum(place, 2 * (length - 1) - place))
        padded = x.index_select(0, mirrored.to(x.device, non_blocking=True))
    total = x * weights[0]
    for k in range(1, reach + 1):
        before, after = (padded[reach + j : reach + j + length] for j in (-k, k))
        total.add_((before + after).mul_(weights[k]))
    return total


@dataclass(frozen=True)
class ConvolutionBlur(Operation):
    """Blur with probability p by a sigma that is uniform in `sigma`, with a kernel of a tenth of the image's height.

    Black lies beyond the border, and the result is rounded to whole numbers (the released code goes on with floats).
    Drawn: sigma, then whether it happens.
    """

    p: float
    sigma: tuple[float, float] = (0.1, 2.0)

    def draw(self, rng: Generator, n: int, size: Size) -> Parameters:
        sigma = torch.from_numpy(rng.uniform(*self.sigma, n))
        return {"sigma": sigma, "apply": torch.from_numpy(rng.random(n) < self.p)}  # N, N

    def apply(self, images: Tensor, sigma: Tensor, apply: Tensor) -> Tensor:
        kernel_size = 2 * (images.shape[2] // 20) + 1

        def blur(some: Tensor, sigma: Tensor) -> Tensor:
            return as_bytes(gaussian_blur_conv(some.float(), sigma, kernel_size).round_())

        return change_rows(images.clone(), apply, blur, sigma)
