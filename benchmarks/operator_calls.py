"""Row 8: operator calls of a step of MaskCon, MoCo, LoGo (ResNet-18) and DASO (WRN-28-2), the views made before."""

from collections.abc import Callable
from typing import Any

from benchmarks import logo_step, moco_step
from benchmarks.maskcon_step import literal_step
from benchmarks.measure import Calls, threads, torch
from benchmarks.own import StepWithoutViews, start
from benchmarks.own_few_labels import literal_pretrained, plain_batch, pretrained_step, settings
from benchmarks.own_two_views import crops
from benchmarks.own_two_views import settings as of_two_views
from benchmarks.own_two_views import start as start_two_views


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
        moco, logo = (StepWithoutViews(start_two_views(of_two_views(name, batch=8))) for name in ("moco", "logo_moco"))
        usual_moco, usual_logo = moco_step.literal_step(), logo_step.literal_step()
        pair, four = crops(8), crops(8, "logo_moco")
        return [
            count("MaskCon step, ResNet-18", lambda: usual_maskcon(views[0], views[1], labels), maskcon, 650),
            count("DASO step, WRN-28-2", lambda: usual_daso(*batch), daso, 750),
            count("MoCo step, ResNet-18", lambda: usual_moco(*pair), moco, 650),
            count("LoGo step on MoCo, ResNet-18", lambda: usual_logo(*four), logo, 3600),
        ]


if __name__ == "__main__":
    for row in run():
        print(row)
