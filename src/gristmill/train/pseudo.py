"""Pseudo-labels counted against the truth, which the trainer alone holds."""

from collections.abc import Mapping

import torch
from torch import Tensor

from gristmill.methods.method import PseudoLabels


class PseudoLabelCounts:
    """For every kind of pseudo-label: how many were given and right, among all and among those that are used.

    Args:
        truth: stream -> the true class of each of its rows.
    """

    def __init__(self, truth: Mapping[str, Tensor]):
        self.truth = dict(truth)
        self.counts: dict[str, Tensor] = {}  # kind -> given, right, used, used and right

    @torch.no_grad()
    def count(self, given: PseudoLabels | None) -> None:
        """Add the labels of one step."""
        if given is None:
            return
        truth = self.truth[given.stream].to(given.index.device)[given.index]
        used = torch.ones_like(truth, dtype=torch.bool) if given.mask is None else given.mask.bool()
        for kind, labels in given.labels.items():
            right = labels == truth
            counts = torch.stack([torch.ones_like(right), right, used, right & used]).sum(1)
            self.counts[kind] = self.counts[kind] + counts if kind in self.counts else counts

    def rates(self) -> dict[str, float]:
        """Shares since the last call, as columns of the history."""
        columns = {}
        for kind, counts in self.counts.items():
            given, right, used, good = counts.tolist()
            columns |= {f"{kind}_accuracy": right / given, f"{kind}_used": used / given}
            columns |= {f"{kind}_used_accuracy": good / used} if used else {}
        self.counts = {}
        return columns
