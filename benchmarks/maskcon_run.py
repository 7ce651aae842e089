"""Row 5: MaskCon end to end (ResNet-18, batch 128), views included; wall time, all cores."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from torch.utils.data import DataLoader, Dataset

from benchmarks.literal import LiteralEncoder, LiteralMaskCon, resnet18_small_images
from benchmarks.measure import alternate, faster, gate_of_bf16, precision, threads, torch
from benchmarks.own import CLASSES, images, start
from benchmarks.views import pil_batch, pil_strong, pil_weak

CORES = torch.get_num_threads()
STEPS = 4  # in a row; the product makes the views of four batches at a time


class TwoViews(Dataset):
    """An image's two views, made with PIL when the loader asks for it.

    Args:
        pixels: N x H x W x C, uint8.
        key, query: an image of them to C x H x W, float32.
        length: images of the endless epoch.
    """

    def __init__(self, pixels: np.ndarray, key: Callable, query: Callable, length: int = 10**9):
        self.pixels, self.key, self.query, self.length = pixels, key, query, length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor, int]:
        image = self.pixels[index % len(self.pixels)]
        return self.key(image), self.query(image), index % CLASSES


def weak(image: np.ndarray) -> torch.Tensor:
    return pil_batch(image[None], pil_weak)[0]


def strong(image: np.ndarray) -> torch.Tensor:
    return pil_batch(image[None], pil_strong)[0]


def compare(usual: LiteralMaskCon, views: TwoViews, network: str, batch: int) -> dict[str, float]:
    """Seconds of a step: the literal step fed by two loader workers, and the trainer's.

    The loader lives through the whole comparison: its workers fill their queues and rest while the other runs.
    """
    batches: Iterator = iter(DataLoader(views, batch, num_workers=2, drop_last=True))
    run = start("maskcon", network, batch, CORES)
    step = iter(range(10**9))

    def literal() -> None:
        for _ in range(STEPS):
            usual(*next(batches))

    def own() -> None:
        for _ in range(STEPS):
            run.advance(next(step))

    with threads(CORES):
        seconds = alternate({"usual": literal, "own": own}, wall=True)
    return {name: value / STEPS for name, value in seconds.items()}


def run() -> dict[str, Any]:
    """Images a second stand in the notes."""
    torch.manual_seed(0)
    usual = LiteralMaskCon(LiteralEncoder(resnet18_small_images(), 512, 128, 512, CLASSES), CLASSES, 8192, 128)
    seconds = compare(usual, TwoViews(images(2048, 32, 3), weak, strong), "resnet18", 128)
    what = f"MaskCon run, ResNet-18, batch 128, {precision()}, {CORES} threads, wall"
    rates = f"{128 / seconds['usual']:.0f} to {128 / seconds['own']:.0f} images/s"
    baseline = "literal step, float32, PIL views in 2 loader workers"
    return faster("5", what, baseline, seconds, gate_of_bf16(2.3), notes=rates)


if __name__ == "__main__":
    print(run())
