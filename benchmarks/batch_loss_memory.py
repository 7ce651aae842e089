"""Row 12b: memory that SimCLR's and SupCon's loss and gradient take among 2 x 4096 views; default allocator."""

from typing import Any

from benchmarks.batch_loss import IMAGES
from benchmarks.measure import apart, smaller


def run() -> list[dict[str, Any]]:
    """Beyond the inputs, at the most."""
    rows = []
    for loss in ("SimCLR", "SupCon"):
        found = {name: apart("benchmarks.batch_loss", f"{loss} {name}", True) for name in ("usual", "own")}
        megabytes = {name: each["megabytes"] for name, each in found.items()}
        what = f"memory of {loss} loss and gradient, 2 x {IMAGES['large']} views x 128, fp32"
        rows.append(smaller("12b", what, "all pairs at once", megabytes, 200))
    return rows


if __name__ == "__main__":
    for row in run():
        print(row)
