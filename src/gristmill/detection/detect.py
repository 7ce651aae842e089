"""What a detector finds in images."""

from collections.abc import Iterable

import numpy as np
import torch
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN

from gristmill.detection.batches import as_input
from gristmill.detection.boxes import Found
from gristmill.evaluate.features import evaluating


@torch.no_grad()
def detect(detector: GeneralizedRCNN, images: Iterable[np.ndarray]) -> list[Found]:
    """Boxes of every image, the surest first; image by image, so that none depends on its neighbors.

    Args:
        images: H x W x 3 uint8 each.
    """
    device = next(detector.parameters()).device
    channels = len(detector.transform.image_mean)  # pyright: ignore[reportArgumentType]
    found = []
    with evaluating(detector):
        for image in images:
            (told,) = detector([as_input(image, channels).to(device)])
            boxes, labels, scores = (told[key].cpu().numpy() for key in ("boxes", "labels", "scores"))
            masks = (told["masks"][:, 0] > 0.5).cpu().numpy() if "masks" in told else None
            found.append(Found(boxes.astype(np.float32), labels - 1, scores.astype(np.float32), masks))
    return found
