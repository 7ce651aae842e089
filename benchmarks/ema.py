"""Row 18: the key encoder follows the query encoder (ResNet-18)."""

from copy import deepcopy
from typing import Any

from benchmarks.literal import LiteralEncoder, resnet18_small_images
from benchmarks.measure import alternate, faster, threads, torch
from benchmarks.own import CLASSES
from gristmill.networks.momentum import SlowCopy


def run() -> dict[str, Any]:
    """A parameter at a time, against all in one call."""
    query = LiteralEncoder(resnet18_small_images(), 512, 128, 512, CLASSES)
    key, slow = deepcopy(query), SlowCopy(query)

    def literal() -> None:
        with torch.no_grad():
            for k, q in zip(key.parameters(), query.parameters(), strict=True):
                k.data = k.data * 0.99 + q.data * (1 - 0.99)

    with threads(1):
        variants = {"usual": literal, "own": lambda: slow.follow(query, 0.99)}
        seconds = alternate(variants, rounds=9, calls=10)
    return faster("18", "moving average, ResNet-18", "a parameter at a time", seconds, 2.8)


if __name__ == "__main__":
    print(run())
