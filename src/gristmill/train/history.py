"""What a run tells about itself: one row an epoch, collected without waiting for the device."""

from typing import Any

import torch
from torch import Tensor

from gristmill.evaluate.rank import told, verdict
from gristmill.methods.method import Objective
from gristmill.networks.parallel import gather


class StepLog:
    """Values of the steps of one epoch, in a table on the device, read once at its end.

    Columns: the loss (the sum of a step's objectives), the parts that the method names, the norm of the last
    gradient. The first step fixes the columns; every step has the same.
    """

    def __init__(self, steps: int, device: torch.device):
        self.steps, self.device = steps, device
        self.columns: list[str] = []
        self.table: Tensor | None = None

    def add(self, row: int, done: list[tuple[Objective, Tensor]]) -> None:
        """Store the values of a step in row `row`."""
        loss = done[0][0].loss.detach()
        for objective, _ in done[1:]:
            loss = loss + objective.loss.detach()
        parts = {name: value for objective, _ in done for name, value in objective.parts.items()}
        values = {"loss": loss, **parts, "gradient_norm": done[-1][1]}
        if self.table is None:
            self.columns = list(values)
            kind = torch.float32 if self.device.type == "mps" else torch.float64  # mps has no float64
            self.table = torch.zeros(self.steps, len(values), device=self.device, dtype=kind)
        assert list(values) == self.columns, f"a step has the parts {list(values)}, the first had {self.columns}"
        torch.stack([value.detach().to(self.table.dtype) for value in values.values()], out=self.table[row])

    def finite(self, row: int) -> bool:
        """Whether the values of a step are finite; on a GPU this waits for the device."""
        assert self.table is not None
        values = self.table[row].cpu().numpy()
        return bool((abs(values) < float("inf")).all())

    def values(self, row: int) -> dict[str, float]:
        """The values of one step."""
        assert self.table is not None
        return dict(zip(self.columns, self.table[row].tolist(), strict=True))

    def means(self) -> dict[str, float]:
        """The means over the epoch's steps, each of all processes, which saw a slice of its batch."""
        assert self.table is not None
        means = gather(self.table[None]).mean(0).mean(0)  # as a checkpoint keeps them: a resumed run has the same bits
        return dict(zip(self.columns, means.tolist(), strict=True))


def collapse_warning(row: dict[str, Any], before: dict[str, Any], name: str) -> str | None:
    """A line with the verdict on outputs that shrink or have collapsed; None where it is that of the row before."""
    found, last = (verdict(given.get("spread", 1.0)) for given in (row, before))
    if found in ("healthy", last):
        return None
    what = told(row["spread"], f" at epoch {row['epoch']}")
    return f"{name}: {found}: {what}; a lower train.lr or a longer train.warmup usually helps"
