"""Row 9: how often a step would wait for a GPU, for every method."""

from collections.abc import Callable
from typing import Any

from benchmarks import moco_step
from benchmarks.maskcon_step import literal_step
from benchmarks.measure import Calls, threads, torch
from benchmarks.own import StepWithoutViews, start
from benchmarks.own_few_labels import literal_pretrained, plain_batch, pretrained_step, settings
from benchmarks.own_two_views import crops
from benchmarks.own_two_views import settings as of_two_views
from benchmarks.own_two_views import start as start_two_views

METHODS = ("maskcon", "grafit", "coins")
FEW_LABELS = ("supervised", "fixmatch", "pseudolabel", "usadtm", "daso")
TWO_VIEWS = ("moco", "simclr", "supcon", "simsiam", "byol", "logo_moco", "logo_simsiam", "cross_entropy")


def waits(step: Callable[[], Any]) -> int:
    """Numbers fetched from the device, and shapes that depend on values, in one step after a first one."""
    step()
    with Calls() as seen:
        step()
    return seen.waits


def result(literal: int, counts: dict[str, int]) -> dict[str, Any]:
    """The row of some methods."""
    most = max(counts.values())
    return {
        "row": "9",
        "what": f"synchronizations a step, most of {', '.join(counts)}",
        "baseline": "literal step",
        "baseline_calls": literal,
        "own_calls": most,
        "gate": "0",
        "passed": most == 0,
        "notes": str(counts),
    }


def run() -> list[dict[str, Any]]:
    """The literal steps are MaskCon's, DASO's and MoCo's."""
    with threads(1):
        maskcon, views = literal_step(), torch.randn(2, 8, 3, 32, 32)
        labels = torch.zeros(8, dtype=torch.long)
        coarse = {method: waits(StepWithoutViews(start(method, "small", 64))) for method in METHODS}
        few = {method: pretrained_step(settings(method, "small", 64)) for method in FEW_LABELS}
        daso, batch = literal_pretrained(), plain_batch(pretrained_step(settings("daso", "small", 16)))
        moco, pair = moco_step.literal_step(), crops(8)
        views_of = {name: StepWithoutViews(start_two_views(of_two_views(name, "small"))) for name in TWO_VIEWS}
        return [
            result(waits(lambda: maskcon(views[0], views[1], labels)), coarse),
            result(waits(lambda: daso(*batch)), {method: waits(step) for method, step in few.items()}),
            result(waits(lambda: moco(*pair)), {method: waits(step) for method, step in views_of.items()}),
        ]


if __name__ == "__main__":
    for row in run():
        print(row)
