"""Pseudo-labels counted against the truth, which the trainer alone holds."""

from typing import Any

import torch
from torch import Tensor

from gristmill.evaluate.classification import listed
from gristmill.evaluate.pseudo_labels import LabelQuality
from gristmill.methods.method import PseudoLabels
from gristmill.networks.parallel import gather


class PseudoLabelCounts:
    """For every kind of pseudo-label: how often each class was given to images of each class, used or not.

    Args:
        truth: the true class of every image, by its row; -1 where nobody knows it.
    """

    def __init__(self, truth: Tensor):
        self.truth = truth
        self.classes = int(truth.max()) + 1 if len(truth) else 0  # K
        self.counts: dict[str, Tensor] = {}  # kind -> 2 x (K + 1) x (K + 1): all, used; true class; label; last: none
        self.rows: Tensor | None = None
        self.of_rows = truth  # on the device, so that counting waits for nothing

    @torch.no_grad()
    def count(self, given: PseudoLabels, rows: Tensor) -> None:
        """Add the labels of one step; `rows` are the images of its stream."""
        side, device = self.classes + 1, given.index.device
        if rows is not self.rows:
            self.rows, self.of_rows = rows, self.truth[rows].to(device)
        truth = self.of_rows[given.index]
        labels = torch.stack(list(given.labels.values()))  # kinds x N; -1, of truth too, is the last class
        place = (truth.remainder(side) * side + labels.remainder(side))[:, None]
        place = place + side**2 * torch.arange(2 * len(labels), device=device).view(-1, 2, 1)  # kinds x (all, used) x N
        every = torch.ones_like(truth)
        values = torch.stack([every, every if given.mask is None else given.mask.long()]).expand(place.shape)
        added = torch.zeros(2 * len(labels) * side**2, dtype=torch.long, device=device)
        added.index_add_(0, place.flatten(), values.flatten())
        for kind, counts in zip(given.labels, added.view(-1, 2, side, side), strict=True):
            self.counts[kind] = self.counts[kind] + counts if kind in self.counts else counts

    def of_all_processes(self) -> dict[str, Tensor]:
        """The counts, summed over the processes; all of them must ask."""
        return {kind: gather(counts[None]).sum(0) for kind, counts in sorted(self.counts.items())}

    def rates(self) -> dict[str, Any]:
        """Figures since the last call, as columns of the history; all but `used` of images whose class is known.

        Of each kind the accuracy, mean recall and precision over classes, the share that is used and its accuracy;
        and lists of K: recall, precision, gain, and the classes' shares among the used labels.
        """
        columns: dict[str, Any] = {}
        for kind, counts in self.of_all_processes().items():
            every, used = (LabelQuality(table.cpu().numpy()[:-1]) for table in counts)
            given = int(counts[0, :, :-1].sum())
            if not given:  # no label of this kind yet
                continue
            scalars = {
                "accuracy": every.accuracy,
                "recall": every.mean_recall,
                "precision": every.mean_precision,
                "used": int(counts[1, :, :-1].sum()) / given,
                "used_accuracy": used.accuracy,
            }
            lists = {"recalls": every.recall, "precisions": every.precision, "gains": every.gain}
            lists |= {"used_shares": used.share}
            columns |= {f"{kind}_{name}": value for name, value in scalars.items() if value == value}
            columns |= {f"{kind}_{name}": listed(values) for name, values in lists.items()}
        self.counts = {}
        return columns
