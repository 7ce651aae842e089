"""Row 7: DASO end to end (WRN-28-2, 64 + 2 x 128 images, labels blended), views included; wall time, all cores."""

from typing import Any

import numpy as np
from torch.utils.data import DataLoader

from benchmarks.maskcon_run import CORES, Viewed, seconds_of_step
from benchmarks.measure import faster, gate_of_bf16, precision, torch
from benchmarks.own import images
from benchmarks.own_few_labels import COUNTS, FIRST, UNLABELED, literal_pretrained, pretrained, settings
from benchmarks.views import pil_batch, pil_fixmatch_strong, pil_fixmatch_weak

BATCH, MU = 64, 2


def weak(image: np.ndarray) -> torch.Tensor:
    return pil_batch(image[None], pil_fixmatch_weak)[0]


def strong(image: np.ndarray) -> torch.Tensor:
    return pil_batch(image[None], pil_fixmatch_strong)[0]


def loaders() -> tuple[DataLoader, DataLoader]:
    """Labeled and unlabeled images as the usual way reads them: a loader each, with a worker each."""
    pixels, labeled = images(sum(COUNTS) + UNLABELED, 32, 3), sum(COUNTS)
    order = np.random.default_rng(0).permutation(labeled)
    labels = np.repeat(np.arange(len(COUNTS)), COUNTS)[order]
    return (
        DataLoader(Viewed(pixels[:labeled][order], weak, labels=labels), BATCH, num_workers=1, drop_last=True),
        DataLoader(Viewed(pixels[labeled:], weak, strong), MU * BATCH, num_workers=1, drop_last=True),
    )


def run() -> dict[str, Any]:
    """Images a second stand in the notes: those that the network sees, 64 + 2 x 128 a step."""
    usual = literal_pretrained()
    labeled, unlabeled = (iter(loader) for loader in loaders())

    def literal() -> None:
        (images, labels), (weak, strong, _) = next(labeled), next(unlabeled)
        usual(images, labels, weak, strong)

    seconds = seconds_of_step(literal, pretrained(settings("daso", batch=BATCH, threads=CORES)), FIRST)
    what = f"DASO run, WRN-28-2, 64 + 2 x 128, {precision()}, {CORES} threads, wall"
    seen = BATCH * (1 + 2 * MU)
    rates = f"{seen / seconds['usual']:.0f} to {seen / seconds['own']:.0f} images/s"
    baseline = "literal step, float32, PIL views in 2 loader workers"
    return faster("7", what, baseline, seconds, gate_of_bf16(2.3), notes=rates)


if __name__ == "__main__":
    print(run())
