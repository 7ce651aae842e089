"""Row 11b: losses and gradients among the views of one batch, SimCLR's and SupCon's, against all pairs at once.

The gate is the price of holding no pairs (row 12b): the backward pass computes them once more.
"""

import json
import sys
from typing import Any

from benchmarks.literal_two_views import literal_ntxent, literal_supcon
from benchmarks.measure import alternate, apart, extra_megabytes, faster, threads, torch
from benchmarks.own import CLASSES
from gristmill.losses.supcon import ntxent_loss, supcon_loss

IMAGES = {"small": 256, "large": 4096}  # two views of each
GATE = 0.6
SUPCON: dict[str, float] = {"temperature": 0.1, "base": 0.07}


def inputs(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """N x 2 x 128 unit rows, made in place, and labels."""
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(count, 2, 128, generator=generator)
    rows.div_(rows.norm(dim=2, keepdim=True))
    return rows.requires_grad_(), torch.randint(0, CLASSES, (count,), generator=generator)


def own_supcon(features: torch.Tensor, labels: torch.Tensor, temperature: float, base: float) -> torch.Tensor:
    """The product's."""
    return supcon_loss(features, labels, temperature=temperature, base_temperature=base).mean()


LOSSES = {
    "SimCLR usual": lambda features, _: literal_ntxent(features[:, 0], features[:, 1], 0.2),
    "SimCLR own": lambda features, _: ntxent_loss(features[:, 0], features[:, 1], 0.2),
    "SupCon usual": lambda features, labels: literal_supcon(features, labels, **SUPCON),
    "SupCon own": lambda features, labels: own_supcon(features, labels, **SUPCON),
}


def gradient(which: str, features: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Of the loss, for the features."""
    return torch.autograd.grad(LOSSES[which](features, labels), features)[0]


def measure(which: str, count: int) -> dict[str, float]:
    """Seconds and megabytes in this process; small inputs have loaded its kernels before."""
    few, tensors = inputs(8), inputs(count)
    with threads(1):
        gradient(which, *few)
        megabytes = extra_megabytes(lambda: gradient(which, *tensors))
        seconds = alternate({which: lambda: gradient(which, *tensors)})[which]
    return {"seconds": seconds, "megabytes": megabytes}


def run() -> list[dict[str, Any]]:
    """The small batch in one process, the large one in a process for each form."""
    rows = []
    for loss in ("SimCLR", "SupCon"):
        tensors, what = inputs(IMAGES["small"]), f"{loss} loss and gradient, 2 x {{}} views x 128, fp32"
        usual, own = f"{loss} usual", f"{loss} own"
        with threads(1):
            torch.testing.assert_close(gradient(own, *tensors), gradient(usual, *tensors), rtol=1e-4, atol=1e-7)
            variants = {"usual": lambda: gradient(usual, *tensors), "own": lambda: gradient(own, *tensors)}  # noqa: B023
            seconds = alternate(variants, rounds=9, calls=10)
        rows.append(faster("11b", what.format(IMAGES["small"]), "all pairs at once", seconds, GATE))
        large = {name: apart("benchmarks.batch_loss", f"{loss} {name}")["seconds"] for name in ("usual", "own")}
        rows.append(faster("11b", what.format(IMAGES["large"]), "all pairs at once", large, GATE))
    return rows


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], IMAGES["large"])))
    else:
        for row in run():
            print(row)
