"""Row 14: Recall@1 to Recall@100 among 40,000 images with 512 features: time, and memory beyond the features."""

import json
import sys
from typing import Any

import numpy as np

from benchmarks.measure import alternate, apart, extra_megabytes, faster, smaller, threads
from benchmarks.recall import KS, features, literal
from gristmill.evaluate.recall import recall_at_k

COUNT = 40_000


def own(values: np.ndarray, labels: np.ndarray) -> list[float]:
    """The product's."""
    return list(recall_at_k(values, labels, KS).at.values())


VARIANTS = {"usual": literal, "own": own}


def measure(variant: str, count: int = COUNT) -> dict[str, float]:
    """Megabytes of a variant in this process; a small call has loaded its kernels before."""
    call, few, many = VARIANTS[variant], features(1000), features(count)
    with threads(1):
        call(*few)
        return {"megabytes": extra_megabytes(lambda: call(*many))}


def run(count: int = COUNT) -> list[dict[str, Any]]:
    """Time as in row 13; memory of a process for each, under the default allocator."""
    tables = features(count)
    with threads(1):
        seconds = alternate({name: lambda call=call: call(*tables) for name, call in VARIANTS.items()})
    megabytes = {name: apart("benchmarks.large_recall", name, True)["megabytes"] for name in VARIANTS}
    what, usual = f"Recall@1..100 among {count:,} x 512", "top 101 of ten blocks"
    return [faster("14", what, usual, seconds, 1.4), smaller("14", f"memory of {what}", usual, megabytes, 200)]


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])) if len(sys.argv) > 1 else run())
