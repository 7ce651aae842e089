"""Truth and detections of small images."""

import numpy as np

from gristmill.detection.boxes import Annotated, Found

BOX, AWAY = [0, 0, 10, 10], [20, 20, 30, 30]


def truth(boxes, labels=None, difficult=None, name="a", masks=None):
    count = len(boxes)
    return Annotated(
        name, np.array(boxes, np.float32).reshape(-1, 4),
        np.array([0] * count if labels is None else labels, np.int64),
        np.array([False] * count if difficult is None else difficult, bool), masks,
    )  # fmt: skip


def found(boxes, scores, labels=None, masks=None):
    own = [0] * len(boxes) if labels is None else labels
    boxes = np.array(boxes, np.float32).reshape(-1, 4)
    return Found(boxes, np.array(own, np.int64), np.array(scores, np.float32), masks)


def scene(seed: int, classes: int = 3, images: int = 5) -> tuple[list[Found], list[Annotated]]:
    """Truth at random, detections near it and elsewhere, with equal scores among them."""
    rng = np.random.default_rng(seed)
    seen, known = [], []
    for image in range(images):
        corner, count = rng.integers(0, 30, (6, 2)), int(rng.integers(0, 7))
        boxes = np.concatenate([corner, corner + rng.integers(4, 15, (6, 2))], 1)[:count]
        labels = rng.integers(0, classes, count)
        known.append(truth(boxes, labels, rng.random(count) < 0.3, str(image)))
        near = np.concatenate([boxes + rng.integers(-2, 3, boxes.shape), boxes, rng.permutation(boxes)])
        kinds = np.concatenate([labels, labels, rng.integers(0, classes, count)])
        seen.append(found(near, rng.integers(0, 9, len(near)) / 10, kinds))
    return seen, known
