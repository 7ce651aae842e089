"""What a classifier says of images."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from gristmill.data.packed import Images
from gristmill.evaluate.features import View, extract


def logits_of(
    network: nn.Module, images: Images, rows: np.ndarray | Sequence[int], view: View, **how: Any
) -> np.ndarray:
    """float32 N x K: the linear classifier of `network` on the features of some images.

    Args:
        network: has `features` and `classifier` (`gristmill.networks.classifier.Classifier`).
        images, rows, view, how: as `extract` takes them.
    """
    return linear(network, extract(network, images, rows, view, **how))


@torch.no_grad()
def linear(network: Any, features: np.ndarray) -> np.ndarray:
    """float32 N x K logits of features, N x d float32."""
    classifier = network.classifier
    found = classifier(torch.from_numpy(features).to(classifier.weight.device))
    return found.float().cpu().numpy()
