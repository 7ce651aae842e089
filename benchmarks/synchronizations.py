"""Row 9: how often a step would wait for a GPU, for every method."""

from typing import Any

from benchmarks.maskcon_step import literal_step
from benchmarks.measure import Calls, threads, torch
from benchmarks.own import StepWithoutViews, start

METHODS = ("maskcon", "grafit", "coins")


def run() -> dict[str, Any]:
    """Numbers fetched from the device, and shapes that depend on values, in one step."""
    with threads(1):
        usual, views = literal_step(), torch.randn(2, 8, 3, 32, 32)
        labels = torch.zeros(8, dtype=torch.long)
        with Calls() as seen:
            usual(views[0], views[1], labels)
        literal, counts = seen.waits, {}
        for method in METHODS:
            step = StepWithoutViews(start(method, "small", 64))
            step()
            with Calls() as seen:
                step()
            counts[method] = seen.waits
    most = max(counts.values())
    return {
        "row": "9",
        "what": f"synchronizations a step, most of {', '.join(METHODS)}",
        "baseline": "literal step",
        "baseline_calls": literal,
        "own_calls": most,
        "gate": "0",
        "passed": most == 0,
        "notes": str(counts),
    }


if __name__ == "__main__":
    print(run())
