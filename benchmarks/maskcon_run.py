"""Row 5: MaskCon end to end (ResNet-18, batch 128), views included; wall time, all cores."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from torch.utils.data import DataLoader, Dataset

from benchmarks.literal import LiteralEncoder, LiteralMaskCon, resnet18_small_images
from benchmarks.measure import alternate, faster, gate_of_bf16, precision, threads, torch
from benchmarks.own import CLASSES, images, start
from benchmarks.views import pil_batch, pil_strong, pil_weak
from gristmill.train.loop import Run

CORES = torch.get_num_threads()
STEPS = 4  # in a row; the product makes the views of four batches at a time


class Viewed(Dataset):
    """An image's views and label, made with PIL when the loader asks for it.

    Args:
        pixels: N x H x W x C, uint8.
        views: an image of them to C x H x W, float32.
        labels: N.
        length: images of the endless epoch.
    """

    def __init__(self, pixels: np.ndarray, *views: Callable, labels: np.ndarray | None = None, length: int = 10**9):
        self.pixels, self.views, self.length = pixels, views, length
        self.labels = np.arange(len(pixels)) % CLASSES if labels is None else labels

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[torch.Tensor | int, ...]:
        place = index % len(self.pixels)
        return (*(view(self.pixels[place]) for view in self.views), int(self.labels[place]))


def weak(image: np.ndarray) -> torch.Tensor:
    return pil_batch(image[None], pil_weak)[0]


def strong(image: np.ndarray) -> torch.Tensor:
    return pil_batch(image[None], pil_strong)[0]


def compare(usual: LiteralMaskCon, views: Viewed, network: str, batch: int) -> dict[str, float]:
    """Seconds of a step: the literal step fed by two loader workers, and the trainer's."""
    batches: Iterator = iter(DataLoader(views, batch, num_workers=2, drop_last=True))
    return seconds_of_step(lambda: usual(*next(batches)), start("maskcon", network, batch, CORES))


def seconds_of_step(literal: Callable[[], Any], run: Run, first: int = 0) -> dict[str, float]:
    """Wall seconds of a literal step, its loading included, and of the trainer's from step `first` on.

    Loaders live through the whole comparison: their workers fill their queues and rest while the other runs.
    """
    step = iter(range(first, 10**9))

    def usual() -> None:
        for _ in range(STEPS):
            literal()

    def own() -> None:
        for _ in range(STEPS):
            run.advance(next(step))

    with threads(CORES):
        seconds = alternate({"usual": usual, "own": own}, wall=True)
    return {name: value / STEPS for name, value in seconds.items()}


def run() -> dict[str, Any]:
    """Images a second stand in the notes."""
    torch.manual_seed(0)
    usual = LiteralMaskCon(LiteralEncoder(resnet18_small_images(), 512, 128, 512, CLASSES), CLASSES, 8192, 128)
    seconds = compare(usual, Viewed(images(2048, 32, 3), weak, strong), "resnet18", 128)
    what = f"MaskCon run, ResNet-18, batch 128, {precision()}, {CORES} threads, wall"
    rates = f"{128 / seconds['usual']:.0f} to {128 / seconds['own']:.0f} images/s"
    baseline = "literal step, float32, PIL views in 2 loader workers"
    return faster("5", what, baseline, seconds, gate_of_bf16(2.3), notes=rates)


if __name__ == "__main__":
    print(run())
