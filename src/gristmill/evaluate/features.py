"""The features by which a network is judged."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from gristmill.data.packed import Images, gather, parts, sizes_of


class View(Protocol):
    """Makes a network's input; `gristmill.views.recipes.recipe(settings, "test")` is one."""

    def draw(self, rng: np.random.Generator, n: int, height: Any, width: Any) -> dict[str, Tensor]:
        """The boxes of n images of many sizes; is not asked where images are alike."""
        ...

    def apply(self, images: Tensor, parameters: dict[str, Tensor]) -> Tensor:
        """N x C x H x W uint8 to float32."""
        ...


@torch.no_grad()
def extract(
    network: nn.Module,
    images: Images,
    rows: np.ndarray | Sequence[int],
    view: View,
    *,
    batch: int = 256,
    precision: str = "fp32",
    device: torch.device | str | None = None,
    reads: str = "features",
) -> np.ndarray:
    """`network.features` of some images, in eval mode; leaves the network as it was.

    Args:
        network: has a method `features`, N x C x H x W to N x d.
        images: M x H x W x C uint8, or packed ones of many sizes; may be memory-mapped.
        rows: N places in `images`; may repeat.
        view: the test view.
        batch: images at a time, at least 2. One image alone would take other kernels, with other last bits.
        precision: `fp32` for figures that are reported; `bf16` for a quick look (features differ by 0.3 %).
        device: where the network is; found from its parameters if not given.
        reads: another method to ask, as a protocol (`gristmill.protocols`) names it: `forward`, the head's outputs.

    Returns:
        float32 N x d, not normalized.
    """
    if precision not in ("fp32", "bf16"):
        raise ValueError(f"precision: fp32 or bf16, not {precision}")
    if batch < 2:
        raise ValueError(f"batch: at least 2 images at a time, not {batch}")
    home = torch.device(device) if device else next((p.device for p in network.parameters()), torch.device("cpu"))
    places, parts = np.asarray(rows, np.int64), []
    with evaluating(network):
        for part in batches(len(places), batch):
            seen = see(images, places[part], view, home)
            with torch.autocast(home.type, torch.bfloat16, enabled=precision == "bf16"):
                found = getattr(network, reads)(seen.contiguous(memory_format=torch.channels_last))
            parts.append(found.float().cpu())
    if not parts:
        raise ValueError("rows: no images to take features of")
    return torch.cat(parts).numpy()


def see(images: Images, rows: np.ndarray, view: View, home: torch.device) -> Tensor:
    """Some images as the network is shown them: n x C x size x size float32, on the device."""
    seen = []
    for part in parts(images, rows):
        own = rows[part]
        pixels = torch.from_numpy(gather(images, own)).to(home).permute(0, 3, 1, 2)  # n x C x H x W, a copy
        height, width = sizes_of(images, own)
        drawn = {} if np.ndim(height) == 0 else view.draw(np.random.default_rng(0), len(own), height, width)
        seen.append(view.apply(pixels, drawn))
    return seen[0] if len(seen) == 1 else torch.cat(seen)


def batches(count: int, size: int) -> Iterator[slice]:
    """Consecutive slices of about `size`, as even as can be: none has a single one unless that is all there is."""
    parts = max(1, min(-(-count // size), count // 2)) if count else 0
    edges = [count * part // parts for part in range(parts + 1)] if parts else []
    return (slice(start, stop) for start, stop in pairwise(edges))


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Eval mode, and afterwards the mode that each module had."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
