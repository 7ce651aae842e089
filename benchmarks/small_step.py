"""Row 3: a training step of the small ResNet (28 pixels, batch 128): network, cross entropy, optimizer."""

from copy import deepcopy
from typing import Any

from benchmarks.literal import LiteralEncoder, small_resnet
from benchmarks.measure import alternate, faster, gate_of_bf16, precision, threads, torch
from benchmarks.own import CLASSES
from gristmill.methods.method import Optimizer as Settings
from gristmill.train.precision import place, use_bf16
from gristmill.train.step import Optimizer


def run() -> dict[str, Any]:
    """float32 as it comes from the box, against the trainer's precision, layout and optimizer."""
    torch.manual_seed(0)
    usual = LiteralEncoder(small_resnet(), 128, 128, 128, CLASSES)
    own = torch.nn.ModuleDict({"encoder": deepcopy(usual)})
    place(own, torch.device("cpu"), use_bf16("auto", torch.device("cpu")))
    sgd = torch.optim.SGD(usual.parameters(), 0.02, momentum=0.9, weight_decay=5e-4)
    parameters = list(own.parameters())
    optimizer = Optimizer(Settings(parameters, 0.02, momentum=0.9, weight_decay=5e-4), 1000, 1)
    images, labels = torch.randn(128, 1, 28, 28), torch.randint(0, CLASSES, (128,))
    last = images.contiguous(memory_format=torch.channels_last)
    loss = torch.nn.functional.cross_entropy

    def usual_step() -> None:
        sgd.zero_grad()
        loss(usual(images)[0], labels).backward()
        sgd.step()

    def own_step() -> None:
        optimizer.update(loss(own["encoder"](last)[0], labels), None, 1)

    with threads(1):
        seconds = alternate({"usual": usual_step, "own": own_step}, calls=5)
    what = f"small ResNet step, batch 128, {precision()}"
    return faster("3", what, "float32 as it comes", seconds, gate_of_bf16(1.65))


if __name__ == "__main__":
    print(run())
