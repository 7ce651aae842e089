"""Row 4: MaskCon's whole step (ResNet-18, 32 pixels, memory 8192, batch 64), the views made before."""

from typing import Any

from benchmarks.literal import LiteralEncoder, LiteralMaskCon, resnet18_small_images
from benchmarks.measure import alternate, faster, gate_of_bf16, precision, threads, torch
from benchmarks.own import CLASSES, StepWithoutViews, start


def literal_step() -> LiteralMaskCon:
    """The usual way's step."""
    torch.manual_seed(0)
    return LiteralMaskCon(LiteralEncoder(resnet18_small_images(), 512, 128, 512, CLASSES), CLASSES, 8192, 128)


def run() -> dict[str, Any]:
    """The literal step against the trainer's, log and look at finite values included."""
    with threads(1):
        own = StepWithoutViews(start("maskcon", "resnet18", 64))
        usual, views, labels = literal_step(), torch.randn(2, 64, 3, 32, 32), own.batch.train.label
        seconds = alternate({"usual": lambda: usual(views[0], views[1], labels), "own": own})
    what = f"MaskCon step, ResNet-18, batch 64, {precision()}"
    return faster("4", what, "literal step, float32", seconds, gate_of_bf16(1.7))


if __name__ == "__main__":
    print(run())
