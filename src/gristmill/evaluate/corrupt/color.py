"""Gray, hue, saturation and value of images as N x H x W x C from 0 to 1.

In HSV a channel is value (1 - saturation below): `below` depends on the hue alone, 0 for the largest channel and 1 for
the smallest. An image of one channel is its value; it has no hue.
"""

import numpy as np

RED = np.array([0.0, 1.0, 1.0])   # the hue of gray


def gray(x: np.ndarray) -> np.ndarray:
    """Luma, ... x 3 to ... x 1; what has one channel is gray already."""
    return x @ np.array([[0.299], [0.587], [0.114]]) if x.shape[-1] == 3 else x


def brightness(x: np.ndarray, more: float) -> np.ndarray:
    """The value of HSV rises; hue and saturation stay."""
    value, saturation, below = hsv(x)
    return (value + more).clip(0, 1) * (1 - saturation * below)


def saturate(x: np.ndarray, factor: float, more: float) -> np.ndarray:
    """The saturation of HSV times a factor, and more of it; hue and value stay.

    As in HSV a gray pixel of three channels counts as red. An image of one channel stays as it is.
    """
    value, saturation, below = hsv(x)
    return value * (1 - (saturation * factor + more).clip(0, 1) * below)


def hsv(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Value and saturation, N x H x W x 1, and below, N x H x W x C."""
    value, chroma = x.max(3, keepdims=True), np.ptp(x, 3, keepdims=True)
    saturation = np.divide(chroma, value, out=np.zeros_like(value), where=value > 0)
    if x.shape[3] == 1:
        return value, saturation, np.zeros_like(x)
    below = np.divide(value - x, chroma, out=np.broadcast_to(RED, x.shape).copy(), where=chroma > 0)
    return value, saturation, below
