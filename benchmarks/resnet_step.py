"""Row 1: a training step of ResNet-18 (32 pixels, batch 64): network, cross entropy, optimizer."""

from typing import Any

from benchmarks.literal import LiteralEncoder, resnet18_small_images
from benchmarks.measure import faster, gate_of_bf16, precision, torch
from benchmarks.own import CLASSES
from benchmarks.small_step import compare


def run() -> dict[str, Any]:
    """Weights and images are random."""
    torch.manual_seed(0)
    network = LiteralEncoder(resnet18_small_images(), 512, 128, 512, CLASSES)
    seconds = compare(network, torch.randn(64, 3, 32, 32), calls=1)
    what = f"ResNet-18 step, batch 64, {precision()}"
    return faster("1", what, "float32 as it comes", seconds, gate_of_bf16(1.7))


if __name__ == "__main__":
    print(run())
