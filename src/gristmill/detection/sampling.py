"""Which anchors and regions take part in a loss, drawn from a generator that is handed in."""

import numpy as np
import torch
from torch import Tensor, nn


class Sampler:
    """Some positives and some negatives of each image.

    torchvision's `BalancedPositiveNegativeSampler` does the same from torch's global generator, whose numbers depend on
    the device and would have to be stored with a run.

    Args:
        count: to draw of each image.
        share: of positives at most; negatives fill up.
    """

    def __init__(self, count: int, share: float):
        self.count, self.share = count, share
        self.rng: np.random.Generator | None = None

    def __call__(self, matched: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Masks of the drawn positives and negatives, a pair of lists.

        Args:
            matched: for each image K numbers: at least 1 is positive, 0 negative, below takes no part.
        """
        positives, negatives = [], []
        for labels in matched:
            numbers = labels.cpu()
            positive = self.draw(torch.where(numbers >= 1)[0], int(self.count * self.share))
            negative = self.draw(torch.where(numbers == 0)[0], self.count - len(positive))
            for masks, drawn in ((positives, positive), (negatives, negative)):
                mask = torch.zeros(len(numbers), dtype=torch.uint8)
                mask[drawn] = 1
                masks.append(mask.to(labels.device))
        return positives, negatives

    def draw(self, places: Tensor, count: int) -> Tensor:
        """At most `count` of some places."""
        if len(places) <= count:
            return places
        if self.rng is None:
            raise RuntimeError("no generator was handed to this network's samplers (draw_from)")
        return places[torch.from_numpy(self.rng.permutation(len(places))[:count])]


def draw_from(detector: nn.Module, rng: np.random.Generator) -> None:
    """Hand all samplers of a detector the generator of this step."""
    for module in detector.modules():
        sampler = getattr(module, "fg_bg_sampler", None)
        if isinstance(sampler, Sampler):
            sampler.rng = rng
