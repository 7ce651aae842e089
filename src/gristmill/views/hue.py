"""Hue, saturation, value with 8 bits each, and shifts of the hue, as PIL does them, bytes exact."""

from functools import cache

import numpy as np
import torch
from torch import Tensor

from gristmill.views.operation import on_whole_numbers, per_image

TURN = 6 * 255 + 1  # values that the position on the color wheel can take for the greatest chroma


@on_whole_numbers
def adjust_hue(images: Tensor, factor: Tensor) -> Tensor:
    """Turn the hue by `factor` of the wheel (PIL conversion to HSV and back; images of one channel stay).

    Args:
        images: N x C x H x W, uint8 or whole numbers in float32.
        factor: N float64 in [-0.5, 0.5].
    """
    if images.shape[1] == 1:
        return images
    hue, saturation, value = _hsv(images)
    shift = (255 * factor.double()).trunc()
    return _rgb(hue.add_(per_image(shift, images)).remainder_(256), saturation, value)


@on_whole_numbers
def rgb_to_hsv(images: Tensor) -> Tensor:
    """N x 3 x H x W red, green, blue to hue, saturation, value, each 0..255 (PIL's mode HSV)."""
    return torch.cat(_hsv(images), 1)


@on_whole_numbers
def hsv_to_rgb(images: Tensor) -> Tensor:
    """N x 3 x H x W hue, saturation, value to red, green, blue (PIL's mode HSV)."""
    return _rgb(*images.split(1, 1))


def _hsv(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    red, green, blue = x.split(1, 1)
    value = x.amax(1, keepdim=True)
    chroma = value - x.amin(1, keepdim=True)
    is_red, is_green = red == value, green == value
    wheel = torch.where(is_green, 2 * chroma + (blue - red), 4 * chroma + (red - green))
    wheel = torch.where(is_red, green - blue, wheel)  # the first channel that reaches the maximum decides
    wheel.add_(6 * chroma * (wheel < 0))  # 0 .. 6 chroma
    hue = hue_table(x.device).take((chroma * TURN + wheel).long()).to(x.dtype)
    saturation = (255 * chroma).div_(value.clamp(min=1)).floor_()
    return hue, saturation, value


def _rgb(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """Each channel is value minus a share of the saturation that depends on its distance on the wheel."""
    wheel = 6 * hue
    red = (wheel - 765).abs_().neg_().add_(510)
    green = (wheel - 510).abs_().sub_(255)
    blue = (wheel - 1020).abs_().sub_(255)
    away = torch.cat([red, green, blue], 1).clamp_(0, 255)  # N x 3 x H x W
    numerator = (65025 - saturation * away).mul_(value).add_(32512)  # below 2^24: exact in float32
    # A tensor as divisor: a number would be inverted first on a GPU, and the quotient not correctly rounded.
    return numerator.div_(torch.full_like(value, 65025)).floor_()


@cache
def hue_table(device: torch.device) -> Tensor:
    """256 x 1531 uint8: the hue that PIL gives to a chroma and a position 0 .. 6 chroma on the color wheel.

    Where 255 position / (6 chroma) is a whole number PIL's chain of float32 and float64 steps sometimes ends just
    below it, so the chain is repeated here step by step.
    """
    chroma = np.arange(256, dtype=np.float32)[:, None]
    wheel = np.arange(TURN, dtype=np.float32)

    def missing(center: int) -> np.ndarray:
        """(maximum - channel) / chroma of the channel whose color lies at center * chroma on the wheel."""
        return np.clip(np.abs(wheel - center * chroma) - chroma, 0, chroma) / np.maximum(chroma, 1)

    green, blue = missing(2), missing(4)
    red = (chroma - np.clip(np.abs(wheel - 3 * chroma) - chroma, 0, chroma)) / np.maximum(chroma, 1)
    sector = np.where(
        (wheel <= chroma) | (wheel >= 5 * chroma),
        (blue - green).astype(np.float64),
        np.where(wheel <= 3 * chroma, 2.0 + red.astype(np.float64) - blue, 4.0 + green.astype(np.float64) - red),
    ).astype(np.float32)
    turn = np.fmod(sector.astype(np.float64) / 6.0 + 1.0, 1.0).astype(np.float32)
    hue = np.where(chroma > 0, turn.astype(np.float64) * 255.0, 0).astype(np.uint8)
    return torch.from_numpy(hue).to(device)
