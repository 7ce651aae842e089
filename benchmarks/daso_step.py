"""Row 6: DASO's whole step (WRN-28-2, 32 pixels, 64 + 2 x 128 images, labels blended), the views made before."""

from typing import Any

from benchmarks.measure import alternate, faster, gate_of_bf16, precision, threads
from benchmarks.own_few_labels import literal_pretrained, plain_batch, pretrained_step, settings


def run() -> dict[str, Any]:
    """The literal step against the trainer's, log, counted pseudo-labels and look at finite values included."""
    with threads(1):
        own, usual = pretrained_step(settings("daso")), literal_pretrained()
        batch = plain_batch(own)
        seconds = alternate({"usual": lambda: usual(*batch), "own": own})
    what = f"DASO step, WRN-28-2, 64 + 2 x 128, {precision()}"
    return faster("6", what, "literal step, float32", seconds, gate_of_bf16(1.8))


if __name__ == "__main__":
    print(run())
