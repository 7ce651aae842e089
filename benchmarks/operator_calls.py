"""Row 8: operator calls of a MaskCon step (ResNet-18), the views made before."""

from typing import Any

from benchmarks.maskcon_step import literal_step
from benchmarks.measure import Calls, threads, torch
from benchmarks.own import StepWithoutViews, start


def run() -> dict[str, Any]:
    """What the dispatcher sees in one step, after one that has set everything up."""
    with threads(1):
        own, usual = StepWithoutViews(start("maskcon", "resnet18", 8)), literal_step()
        views, labels = torch.randn(2, 8, 3, 32, 32), own.batch.train.label
        counts = []
        for step in (lambda: usual(views[0], views[1], labels), own):
            step()
            with Calls() as seen:
                step()
            counts.append(seen.calls)
    return {
        "row": "8",
        "what": "operator calls of a MaskCon step, ResNet-18",
        "baseline": "literal step",
        "baseline_calls": counts[0],
        "own_calls": counts[1],
        "ratio": counts[0] / counts[1],
        "gate": "at most 650",
        "passed": counts[1] <= 650,
    }


if __name__ == "__main__":
    print(run())
