"""What is allowed and seldom meant: a line on stderr for each."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

QUEUES = ("moco", "logo_moco")  # methods with a queue of keys that have no labels
LARGE = 256  # batches of SimSiam from here on neither stall nor collapse, say users of its code


def of_settings(runs: Iterable[dict[str, Any]]) -> Iterator[str]:
    """What settings alone show.

    Args:
        runs: what `resolve_all` tells of each.
    """
    for run in runs:
        batch = run["train"].get("train", {}).get("batch", LARGE)
        if run["method"] == "simsiam" and batch < LARGE:
            name = f"{run['experiment']}: train.batch {batch}"
            yield f"{name}: SimSiam stalls or collapses more easily below {LARGE}; watch the spread in its history"


def of_task(experiment: str, settings: dict[str, Any], table: "pd.DataFrame") -> Iterator[str]:
    """What only the data show: MoCo's queue would hold keys of the very images that it is compared with.

    Args:
        settings: of training.
        table: the task, of one seed.
    """
    if settings["method"] not in QUEUES:
        return
    size, images = settings["memory"]["size"], len(table.query("part == 'train'"))
    if size >= images:
        what = f"memory.size {size} is not below the {images} training images"
        yield f"{experiment}: {what}, so that an image is compared with its own earlier keys as if they were others'"


def tell(lines: Iterable[str]) -> None:
    """Each line on stderr."""
    for line in lines:
        print(line, file=sys.stderr)
