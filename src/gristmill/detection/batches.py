"""Images and truths as a detector in training sees them: mirrored, scaled, as tensors."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from gristmill.detection.boxes import Annotated, DetectionSet
from gristmill.detection.masks import pixels
from gristmill.detection.settings import Training
from gristmill.train.keys import generator
from gristmill.views.color import grayscale

Batch = tuple[list[Tensor], list[dict[str, Tensor]]]


def as_input(image: np.ndarray, channels: int) -> Tensor:
    """H x W x 3 uint8 to channels x H x W float32 from 0 to 1: of one channel is the gray that Pillow makes of it."""
    whole = torch.from_numpy(np.array(image)).permute(2, 0, 1)  # a copy: images may be read-only
    if channels == 1:
        whole = grayscale(whole[None], torch.ones(1, dtype=torch.bool))[0, :1]
    return whole.float() / 255


def drawn_rows(count: int, batch: int, seed: int, step: int) -> list[int]:
    """Which of `count` images a step sees: every image once, in a new order, before one comes again."""
    places = range(step * batch, (step + 1) * batch)
    epochs = range(places[0] // count, places[-1] // count + 1)
    orders = {epoch: generator(seed, "detection/order", epoch).permutation(count) for epoch in epochs}
    return [int(orders[place // count][place % count]) for place in places]


def training_batch(
    data: DetectionSet, rows: list[int], settings: Training, longest: int, channels: int, masks: bool,
    rng: np.random.Generator,
) -> Batch:
    """Some images, each C x h x w in its own size, and their truths with labels from 1.

    Args:
        longest: pixels of a long side, at most.
        masks: whether truths have masks.
    """
    images, targets = [], []
    for row in rows:
        mirrored, side = rng.random() < settings.flip, int(rng.choice(settings.sides))
        image, truth = data.images(row), data.annotated[row]
        target = target_of(truth, image.shape[:2], settings.difficult, masks)
        image, target = scaled(as_input(image, channels), target, side, longest)
        images.append(image.flip(-1) if mirrored else image)
        targets.append(flipped(target, image.shape[-1]) if mirrored else target)
    return images, targets


def target_of(truth: Annotated, size: tuple[int, ...], difficult: bool, masks: bool) -> dict[str, Tensor]:
    """A truth as torchvision's detectors take it."""
    kept = np.ones(len(truth.labels), bool) if difficult else ~truth.difficult
    target = {
        "boxes": torch.from_numpy(truth.boxes[kept].astype(np.float32).reshape(-1, 4)),
        "labels": torch.from_numpy(truth.labels[kept].astype(np.int64) + 1),
    }
    if masks:
        given: list[Any] = truth.masks or []
        drawn = [pixels(mask, *size[:2]) for mask, keep in zip(given, kept, strict=True) if keep]
        target["masks"] = torch.from_numpy(np.array(drawn, np.uint8).reshape(-1, *size[:2]))
    return target


def scaled(image: Tensor, target: dict[str, Tensor], side: int, longest: int) -> tuple[Tensor, dict[str, Tensor]]:
    """An image whose short side is `side`, or its long one `longest` where that is less; and its truth."""
    height, width = image.shape[-2:]
    scale = min(side / min(height, width), longest / max(height, width))
    size = [max(1, int(height * scale)), max(1, int(width * scale))]
    image = interpolate(image[None], size, mode="bilinear", align_corners=False)[0]
    ratio = torch.tensor([size[1] / width, size[0] / height]).repeat(2)
    target = target | {"boxes": target["boxes"] * ratio}
    if "masks" in target:
        shapes = target["masks"][:, None]
        target["masks"] = interpolate(shapes, size)[:, 0] if len(shapes) else shapes.new_zeros(0, *size)
    return image, target


def flipped(target: dict[str, Tensor], width: int) -> dict[str, Tensor]:
    """The truth of a mirrored image."""
    x0, y0, x1, y1 = target["boxes"].unbind(1)
    target = target | {"boxes": torch.stack([width - x1, y0, width - x0, y1], 1)}
    return target | ({"masks": target["masks"].flip(-1)} if "masks" in target else {})
