"""Row 8: operator calls of a step of MaskCon (ResNet-18) and of DASO (WRN-28-2), the views made before."""

from collections.abc import Callable
from typing import Any

from benchmarks.maskcon_step import literal_step
from benchmarks.measure import Calls, threads, torch
from benchmarks.own import StepWithoutViews, start
from benchmarks.own_few_labels import literal_pretrained, plain_batch, pretrained_step, settings


def count(what: str, usual: Callable[[], Any], own: Callable[[], Any], gate: int) -> dict[str, Any]:
    """What the dispatcher sees in one step, after one that has set everything up."""
    counts = []
    for step in (usual, own):
        step()
        with Calls() as seen:
            step()
        counts.append(seen.calls)
    return {
        "row": "8",
        "what": f"operator calls of a {what}",
        "baseline": "literal step",
        "baseline_calls": counts[0],
        "own_calls": counts[1],
        "ratio": counts[0] / counts[1],
        "gate": f"at most {gate}",
        "passed": counts[1] <= gate,
    }


def run() -> list[dict[str, Any]]:
    """The literal DASO step depends a little on which classes the batch has; all else not on the images."""
    with threads(1):
        maskcon, usual_maskcon = StepWithoutViews(start("maskcon", "resnet18", 8)), literal_step()
        views, labels = torch.randn(2, 8, 3, 32, 32), maskcon.batch.train.label
        daso, usual_daso = pretrained_step(settings("daso")), literal_pretrained()
        batch = plain_batch(daso)
        return [
            count("MaskCon step, ResNet-18", lambda: usual_maskcon(views[0], views[1], labels), maskcon, 650),
            count("DASO step, WRN-28-2", lambda: usual_daso(*batch), daso, 750),
        ]


if __name__ == "__main__":
    for row in run():
        print(row)
