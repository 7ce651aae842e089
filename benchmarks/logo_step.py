"""Row 4c: LoGo's whole step on MoCo (ResNet-18, crops of 32 and 16 pixels, batch 64), the views made before."""

from typing import Any

from benchmarks.literal_two_views import LiteralLoGo, LiteralRegressor, literal_network
from benchmarks.measure import alternate, faster, gate_of_bf16, precision, threads, torch
from benchmarks.own import StepWithoutViews
from benchmarks.own_two_views import DIM, KEYS, crops, settings, start


def literal_step() -> LiteralLoGo:
    """The usual way's step."""
    torch.manual_seed(0)
    return LiteralLoGo(literal_network(), LiteralRegressor(DIM, DIM), KEYS, DIM)


def run(batch: int = 64) -> dict[str, Any]:
    """The literal step against the trainer's, log and look at finite values included."""
    with threads(1):
        own, usual = StepWithoutViews(start(settings("logo_moco", batch=batch))), literal_step()
        views = crops(batch, "logo_moco")
        seconds = alternate({"usual": lambda: usual(*views), "own": own})
    what = f"LoGo step on MoCo, ResNet-18, batch {batch}, {precision()}"
    return faster("4c", what, "literal step, float32", seconds, gate_of_bf16(1.7))


if __name__ == "__main__":
    print(run())
