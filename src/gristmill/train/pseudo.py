"""Pseudo-labels counted against the truth, which the trainer alone holds."""

import torch
from torch import Tensor

from gristmill.methods.method import PseudoLabels
from gristmill.networks.parallel import gather


class PseudoLabelCounts:
    """For every kind of pseudo-label: how many were given and right, among all and among those that are used.

    Args:
        truth: the true class of every image, by its row.
    """

    def __init__(self, truth: Tensor):
        self.truth = truth
        self.counts: dict[str, Tensor] = {}  # kind -> given, right, used, used and right

    @torch.no_grad()
    def count(self, given: PseudoLabels, rows: Tensor) -> None:
        """Add the labels of one step; `rows` are the images of its stream."""
        truth = self.truth[rows[given.index.cpu()]].to(given.index.device)
        used = torch.ones_like(truth, dtype=torch.bool) if given.mask is None else given.mask.bool()
        for kind, labels in given.labels.items():
            right = labels == truth
            counts = torch.stack([torch.ones_like(right), right, used, right & used]).sum(1)
            self.counts[kind] = self.counts[kind] + counts if kind in self.counts else counts

    def of_all_processes(self) -> dict[str, Tensor]:
        """The counts, summed over the processes; all of them must ask."""
        return {kind: gather(counts[None]).sum(0) for kind, counts in sorted(self.counts.items())}

    def rates(self) -> dict[str, float]:
        """Shares since the last call, as columns of the history."""
        columns = {}
        for kind, counts in self.of_all_processes().items():
            given, right, used, good = counts.tolist()
            columns |= {f"{kind}_accuracy": right / given, f"{kind}_used": used / given}
            columns |= {f"{kind}_used_accuracy": good / used} if used else {}
        self.counts = {}
        return columns
