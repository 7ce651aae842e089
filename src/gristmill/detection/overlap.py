"""How much boxes overlap."""

import numpy as np


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of every pair of boxes.

    Args:
        first: K x 4, x0, y0, x1, y1.
        second: L x 4.

    Returns:
        K x L float64 in 0 to 1; 0 where neither box has an area.
    """
    one, other = first.astype(np.float64)[:, None], second.astype(np.float64)[None]
    sides = np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2])   # K x L x 2
    common = sides.clip(0).prod(-1)
    union = _areas(one) + _areas(other) - common
    return np.divide(common, union, out=np.zeros_like(common), where=union > 0)


def _areas(boxes: np.ndarray) -> np.ndarray:
    return (boxes[..., 2:] - boxes[..., :2]).clip(0).prod(-1)
