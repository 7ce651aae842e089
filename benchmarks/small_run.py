"""Row 7b: MaskCon end to end with the small ResNet (drawings of 28 pixels, batch 128); wall time, all cores."""

from typing import Any

import numpy as np
from PIL import Image

from benchmarks.literal import LiteralEncoder, LiteralMaskCon, small_resnet
from benchmarks.maskcon_run import CORES, Viewed, compare
from benchmarks.measure import faster, gate_of_bf16, precision, torch
from benchmarks.own import CLASSES, images

SIDE = 28


def affine(image: np.ndarray) -> torch.Tensor:
    """A drawing turned, sheared, scaled and shifted at random: the demo's view, with PIL."""
    rng = np.random.default_rng()
    area, ratio = rng.uniform(0.8, 1.25), np.exp(rng.uniform(-np.log(1.15), np.log(1.15)))
    scale = np.diag([np.sqrt(area * ratio), np.sqrt(area / ratio)])
    angle, shear = np.deg2rad(rng.uniform(-10, 10)), rng.uniform(-0.1, 0.1)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1, shear], [0, 1]]) @ scale
    shift = rng.uniform(-1, 1, 2) * (np.maximum(0, 1 - np.diag(scale)) + 0.1) * SIDE / 2
    offset = SIDE / 2 - matrix @ np.full(2, SIDE / 2) + shift
    values = (matrix[0, 0], matrix[0, 1], offset[0], matrix[1, 0], matrix[1, 1], offset[1])
    seen = Image.fromarray(image[:, :, 0]).transform(
        (SIDE, SIDE), Image.Transform.AFFINE, values, Image.Resampling.BILINEAR
    )
    return torch.from_numpy(np.array(seen)).float().div_(255).sub_(0.5).div_(0.25)[None]


def run() -> dict[str, Any]:
    """Images a second stand in the notes."""
    torch.manual_seed(0)
    usual = LiteralMaskCon(LiteralEncoder(small_resnet(), 128, 128, 128, CLASSES), CLASSES, 8192, 128)
    seconds = compare(usual, Viewed(images(2048, SIDE, 1), affine, affine), "small", 128)
    what = f"MaskCon run, small ResNet, batch 128, {precision()}, {CORES} threads, wall"
    rates = f"{128 / seconds['usual']:.0f} to {128 / seconds['own']:.0f} images/s"
    baseline = "literal step, float32, PIL views in 2 loader workers"
    return faster("7b", what, baseline, seconds, gate_of_bf16(2.4), notes=rates)


if __name__ == "__main__":
    print(run())
