"""Pixels as 32-bit words, one byte a channel: what moves pixels about moves all channels at once."""

import torch
from torch import Tensor


def pack(images: Tensor) -> Tensor:
    """N x C x H x W uint8, at most three channels, to N x H x W int32."""
    first, *others = images.unbind(1)
    words = first.to(torch.int32, memory_format=torch.contiguous_format)
    for place, channel in enumerate(others, 1):
        words.add_(channel.int(), alpha=1 << (8 * place))
    return words


def unpack(words: Tensor, channels: int) -> Tensor:
    """N x H x W int32 to N x C x H x W uint8."""
    shift = torch.arange(0, 8 * channels, 8, dtype=torch.int32, device=words.device)[:, None, None]
    return (words[:, None] >> shift).to(torch.uint8)
