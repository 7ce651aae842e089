"""Row 12: memory that MaskCon's loss and gradient take, 256 queries against 65,536 keys; default allocator."""

from typing import Any

from benchmarks.large_loss import VARIANTS, WHAT
from benchmarks.measure import apart, smaller


def run() -> dict[str, Any]:
    """Beyond the inputs, at the most."""
    megabytes = {name: apart("benchmarks.large_loss", name, True)["megabytes"] for name in VARIANTS}
    return smaller("12", f"memory of MaskCon loss and gradient, {WHAT}", "literal", megabytes, 120)


if __name__ == "__main__":
    print(run())
