"""What a method remembers of each class: features with their mean, and how often it was the pseudo-label."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gristmill.networks.parallel import gather


class ClassQueues(nn.Module):
    """The newest features of each class, first in first out; their mean is the class's prototype.

    Oh, Kim & Kweon, DASO (CVPR 2022), section 3.2: queues of equal length L. USADTM: 5 N_k for class k.

    Buffers: `features` K x L x D (rows beyond a shorter queue's length stay zero), `pushed` K: how many features each
    class has ever been given, which tells how full its queue is and where the next one goes.

    Args:
        sizes: K lengths; 0 for a class that never has a label.
        dim: D.
    """

    features: Tensor
    pushed: Tensor
    sizes: Tensor

    def __init__(self, sizes: Sequence[int], dim: int):
        super().__init__()
        self.register_buffer("features", torch.zeros(len(sizes), max(sizes), dim))
        self.register_buffer("pushed", torch.zeros(len(sizes), dtype=torch.long))
        self.register_buffer("sizes", torch.tensor(sizes), persistent=False)

    @torch.no_grad()
    def push(self, features: Tensor, labels: Tensor) -> None:
        """Append a batch, in its order; of more features than a queue holds the last ones stay.

        Args:
            features: N x D of this process; those of all processes are stored, in the order of their ranks.
            labels: N, in 0 .. K - 1.
        """
        features, labels = gather(features), gather(labels)
        same = labels[:, None] == labels  # N x N
        place = (self.pushed[labels] + same.tril(-1).sum(1)) % self.sizes[labels]  # N
        # two of a batch may fall on one place: both then write the later one, whatever order a device writes in
        writers = torch.arange(len(labels), device=labels.device)
        last = torch.where(same & (place[:, None] == place), writers, -1).amax(1)
        rows = labels * self.features.shape[1] + place
        self.features.flatten(0, 1).index_copy_(0, rows, features[last].to(self.features.dtype))
        self.pushed.index_add_(0, labels, torch.ones_like(labels))

    @property
    def counts(self) -> Tensor:
        """K: how many features each queue holds."""
        return torch.minimum(self.pushed, self.sizes)

    def fill(self) -> Tensor:
        """K in 0..1: the part of each queue that holds a feature; NaN where a class has none."""
        return self.counts / self.sizes

    def prototypes(self) -> Tensor:
        """K x D means of the queues (c_k); 0 for a class never seen."""
        return self.features.sum(1) / self.counts.clamp(min=1)[:, None]


class LabelWindow(nn.Module):
    """How often each class was the pseudo-label in the last complete window of steps (m of DASO, section 3.3).

    Windows do not overlap. Buffers: `counts` K of the last complete window, 0 before the first has ended; `running` K
    of the one that runs.

    Args:
        classes: K.
        length: steps of a window.
    """

    counts: Tensor
    running: Tensor

    def __init__(self, classes: int, length: int):
        super().__init__()
        self.length = length
        self.register_buffer("counts", torch.zeros(classes, dtype=torch.long))
        self.register_buffer("running", torch.zeros(classes, dtype=torch.long))

    @torch.no_grad()
    def push(self, labels: Tensor) -> None:
        """Count N labels of this process, in 0 .. K - 1; those of all processes are counted."""
        labels = gather(labels)
        self.running.index_add_(0, labels, torch.ones_like(labels))

    @torch.no_grad()
    def end_step(self, step: int, steps: int) -> None:
        """After the 0-based `step` of `steps`: a complete window becomes the last one, save at the run's end."""
        if (step + 1) % self.length == 0 and step + 1 < steps:
            self.counts.copy_(self.running)
            self.running.zero_()
