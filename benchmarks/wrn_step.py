"""Row 2: a training step of WRN-28-2 (32 pixels, batch 64): network, cross entropy, optimizer."""

from typing import Any

from benchmarks.literal_daso import LiteralWideResNet
from benchmarks.measure import faster, gate_of_bf16, precision, torch
from benchmarks.own import CLASSES
from benchmarks.own_few_labels import settings
from benchmarks.small_step import compare
from gristmill.networks.classifier import build_classifier


def run() -> dict[str, Any]:
    """Weights and images are random."""
    torch.manual_seed(0)
    usual, own = LiteralWideResNet(classes=CLASSES), build_classifier(settings("daso").network, 3, CLASSES)
    seconds = compare(usual, torch.randn(64, 3, 32, 32), calls=1, encoder=own)
    what = f"WRN-28-2 step, batch 64, {precision()}"
    return faster("2", what, "float32 as it comes", seconds, gate_of_bf16(1.8))


if __name__ == "__main__":
    print(run())
