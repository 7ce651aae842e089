"""Row 19: a step of the optimizer (ResNet-18)."""

from copy import deepcopy
from typing import Any

from benchmarks.literal import LiteralEncoder, resnet18_small_images
from benchmarks.measure import alternate, faster, threads, torch
from benchmarks.own import CLASSES
from gristmill.methods.method import Optimizer as Settings
from gristmill.train.step import Optimizer


def run() -> dict[str, Any]:
    """torch's default SGD against the trainer's."""
    usual = LiteralEncoder(resnet18_small_images(), 512, 128, 512, CLASSES)
    own = deepcopy(usual)
    for parameter in (*usual.parameters(), *own.parameters()):
        parameter.grad = torch.randn_like(parameter)
    sgd = torch.optim.SGD(usual.parameters(), 0.02, momentum=0.9, weight_decay=5e-4)
    optimizer = Optimizer(Settings(list(own.parameters()), 0.02, momentum=0.9, weight_decay=5e-4), 10, 1)
    with threads(1):
        seconds = alternate({"usual": sgd.step, "own": optimizer.sgd.step}, rounds=9, calls=10)
    return faster("19", "SGD step, ResNet-18", "torch's default", seconds, 1.6)


if __name__ == "__main__":
    print(run())
