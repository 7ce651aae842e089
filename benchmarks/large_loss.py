"""Row 11: MaskCon's loss and its gradient, 256 queries against 65,536 keys of 128 values.

Under glibc's allocator as it comes and with the settings of `gristmill.allocator`; a process for each variant.
"""

import json
import sys
from typing import Any

from benchmarks.maskcon_loss import inputs, literal, own
from benchmarks.measure import alternate, apart, extra_megabytes, faster, threads

WHAT = "256 x 65,536 x 128, fp32"
VARIANTS = {"usual": literal, "own": own}


def measure(variant: str, queries: int = 256, keys: int = 65_536) -> dict[str, float]:
    """Seconds and megabytes of a variant in this process; small inputs have loaded its kernels before."""
    call, few, tensors = VARIANTS[variant], inputs(2, 64), inputs(queries, keys)
    with threads(1):
        call(**few)
        megabytes = extra_megabytes(lambda: call(**tensors))
        seconds = alternate({variant: lambda: call(**tensors)})[variant]
    return {"seconds": seconds, "megabytes": megabytes}


def run() -> list[dict[str, Any]]:
    """The default allocator first."""
    rows = []
    for allocator, gate in (("default", 3.0), ("own", 1.5)):
        found = {name: apart("benchmarks.large_loss", name, allocator == "default") for name in VARIANTS}
        seconds = {name: each["seconds"] for name, each in found.items()}
        rows.append(faster("11", f"MaskCon loss and gradient, {WHAT}, {allocator} allocator", "literal", seconds, gate))
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])) if len(sys.argv) > 1 else run())
