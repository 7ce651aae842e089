"""Row 4b: MoCo's whole step (ResNet-18, 32 pixels, queue 4096, batch 64), the views made before."""

from typing import Any

from benchmarks.literal_two_views import LiteralMoCo, literal_network
from benchmarks.measure import alternate, faster, gate_of_bf16, precision, threads, torch
from benchmarks.own import StepWithoutViews
from benchmarks.own_two_views import DIM, KEYS, crops, settings, start


def literal_step() -> LiteralMoCo:
    """The usual way's step."""
    torch.manual_seed(0)
    return LiteralMoCo(literal_network(), KEYS, DIM)


def run(batch: int = 64) -> dict[str, Any]:
    """The literal step against the trainer's, log and look at finite values included."""
    with threads(1):
        own, usual, views = StepWithoutViews(start(settings("moco", batch=batch))), literal_step(), crops(batch)
        seconds = alternate({"usual": lambda: usual(*views), "own": own})
    what = f"MoCo step, ResNet-18, batch {batch}, {precision()}"
    return faster("4b", what, "literal step, float32", seconds, gate_of_bf16(1.7))


if __name__ == "__main__":
    print(run())
