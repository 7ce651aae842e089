"""The blur by convolution at the edges, and as an operation on bytes."""

import numpy as np
import pytest
import torch

from gristmill.views.blur_conv import ConvolutionBlur, gaussian_blur_conv
from tests.views.pictures import pictures


def reference(line: np.ndarray, sigma: float, reach: int, mode: str) -> np.ndarray:
    weights = np.exp(-(np.arange(-reach, reach + 1.0) ** 2) / (2 * sigma**2))
    padded = np.pad(line, reach, mode=mode) if mode == "reflect" else np.pad(line, reach)
    return np.convolve(padded, weights / weights.sum(), "valid")


@pytest.mark.parametrize("border", ["zero", "reflect"])
@pytest.mark.parametrize("length", [1, 2, 5, 30])
def test_a_line_is_blurred_also_where_the_kernel_is_longer(border, length):
    images = torch.rand(3, 2, 1, length, dtype=torch.float64, generator=torch.manual_seed(0))
    sigma, reach = torch.tensor([0.5, 1.0, 2.0]), 6
    across = gaussian_blur_conv(images, sigma, 2 * reach + 1, border)
    turned = gaussian_blur_conv(images.transpose(2, 3), sigma, 2 * reach + 1, border).transpose(2, 3)
    torch.testing.assert_close(across, turned)
    for i, s in enumerate(sigma.tolist()):
        # The image has one row: beyond it lies black, or, reflected, itself.
        center = 1 / np.exp(-(np.arange(-reach, reach + 1.0) ** 2) / (2 * s**2)).sum() if border == "zero" else 1
        for channel in range(2):
            exact = center * reference(images[i, channel, 0].numpy(), s, reach, border)
            np.testing.assert_allclose(across[i, channel, 0].numpy(), exact, rtol=1e-10)


def test_no_sigma_and_a_kernel_of_one_change_nothing():
    images = torch.rand(4, 3, 9, 7, generator=torch.manual_seed(0))
    assert torch.equal(gaussian_blur_conv(images, torch.tensor([0.0, 0, 1e-8, 0]), 7), images)
    assert torch.equal(gaussian_blur_conv(images, torch.tensor([1.0, 2, 0.1, 5]), 1), images)


def test_floats_of_both_widths_keep_their_type_and_agree():
    images = torch.rand(4, 3, 40, 40, dtype=torch.float64, generator=torch.manual_seed(0))
    sigma = torch.tensor([0.1, 0.7, 1.3, 2.0])
    double, single = gaussian_blur_conv(images, sigma, 9), gaussian_blur_conv(images.float(), sigma, 9)
    assert (double.dtype, single.dtype) == (torch.float64, torch.float32)
    torch.testing.assert_close(single.double(), double, rtol=0, atol=2e-6)


@pytest.mark.parametrize(("side", "kernel"), [(224, 23), (60, 7), (32, 3), (19, 1)])
def test_the_kernel_is_a_tenth_of_the_image_and_the_result_is_rounded_once(side, kernel):
    images = pictures((side, side))
    sigma, apply = torch.linspace(0.1, 2, 14), torch.arange(14) % 3 != 0
    ours = ConvolutionBlur(0.5).apply(images, sigma=sigma, apply=apply)
    exact = gaussian_blur_conv(images.double(), sigma, kernel)
    assert torch.equal(ours[~apply], images[~apply])
    assert (ours[apply] - exact[apply]).abs().max() <= 0.5 + 1e-4


def test_constant_images_darken_at_the_border_alone():
    images = torch.full((1, 3, 60, 60), 200, dtype=torch.uint8)
    blurred = ConvolutionBlur(1).apply(images, sigma=torch.tensor([2.0]), apply=torch.tensor([True]))
    assert (blurred[..., 3:-3, 3:-3] == 200).all()
    assert (blurred[..., 0, :] < 200).all() and (blurred[..., :, -1] < 200).all()
