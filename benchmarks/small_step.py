"""Row 3: a training step of the small ResNet (28 pixels, batch 128): network, cross entropy, optimizer."""

from copy import deepcopy
from typing import Any

from benchmarks.literal import LiteralEncoder, small_resnet
from benchmarks.measure import alternate, faster, gate_of_bf16, precision, threads, torch
from benchmarks.own import CLASSES
from gristmill.methods.method import Optimizer as Settings
from gristmill.train.precision import place, use_bf16
from gristmill.train.step import Optimizer


def compare(
    usual: torch.nn.Module, images: torch.Tensor, calls: int, encoder: torch.nn.Module | None = None
) -> dict[str, float]:
    """Seconds of a step: float32 as it comes from the box, and the trainer's precision, layout and optimizer.

    Args:
        usual: returns logits of CLASSES first.
        encoder: the product's network, where it is written otherwise than the usual one.
    """
    encoder = encoder or deepcopy(usual)
    own = torch.nn.ModuleDict({"encoder": encoder})
    place(own, torch.device("cpu"), use_bf16("auto", torch.device("cpu")))
    sgd = torch.optim.SGD(usual.parameters(), 0.02, momentum=0.9, weight_decay=5e-4)
    parameters = list(own.parameters())
    optimizer = Optimizer(Settings(parameters, 0.02, momentum=0.9, weight_decay=5e-4), 1000, 1)
    last, labels = images.contiguous(memory_format=torch.channels_last), torch.randint(0, CLASSES, (len(images),))
    loss = torch.nn.functional.cross_entropy

    def usual_step() -> None:
        sgd.zero_grad()
        loss(usual(images)[0], labels).backward()
        sgd.step()

    def own_step() -> None:
        optimizer.update(loss(encoder(last)[0], labels), None)

    with threads(1):
        return alternate({"usual": usual_step, "own": own_step}, calls=calls)


def run() -> dict[str, Any]:
    """Weights and images are random."""
    torch.manual_seed(0)
    network = LiteralEncoder(small_resnet(), 128, 128, 128, CLASSES)
    seconds = compare(network, torch.randn(128, 1, 28, 28), calls=5)
    what = f"small ResNet step, batch 128, {precision()}"
    return faster("3", what, "float32 as it comes", seconds, gate_of_bf16(1.65))


if __name__ == "__main__":
    print(run())
