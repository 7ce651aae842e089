"""What storing, scaling and bending do to an image."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image

from gristmill.evaluate.corrupt.lines import along, folded, gaussian
from gristmill.evaluate.corrupt.noise import Draws


def contrast(x: np.ndarray, factor: float) -> np.ndarray:
    """Nearer to the mean of each channel of the image."""
    mean = x.mean((1, 2), keepdims=True)
    return (x - mean) * factor + mean


def draw_bends(rng: np.random.Generator, x: np.ndarray, amount: float, sigma: float, corners: float) -> Draws:
    """How three points move (3 x 2, across and down), and raw moves of all pixels across and down (H x W each)."""
    reach = corners * min(x.shape[:2])
    return rng.uniform(-reach, reach, (3, 2)), rng.uniform(-1, 1, x.shape[:2]), rng.uniform(-1, 1, x.shape[:2])


def elastic_transform(
    x: np.ndarray,
    points: np.ndarray,
    across: np.ndarray,
    down: np.ndarray,
    amount: float,
    sigma: float,
    corners: float,
) -> np.ndarray:
    """An affine map, then a smooth displacement.

    Args:
        points: N x 3 x 2, pixels.
        across, down: N x H x W in [-1, 1].
        amount, sigma, corners: in shorter sides of the image.
    """
    _, height, width, _ = x.shape
    side = min(height, width)
    row, column = np.indices((height, width)).astype(float)
    inverse = _inverse(points, height, width)                                                    # N x 2 x 3
    at = np.stack([column, row, np.ones_like(row)])                                              # 3 x H x W
    old_column, old_row = np.einsum("nij,jhw->inhw", inverse, at)
    x = sampled(x, old_row, old_column, "mirror")
    return sampled(
        x, row + _smooth(down, sigma * side) * amount * side, column + _smooth(across, sigma * side) * amount * side,
        "reflect",
    ).astype(np.float32)  # fmt: skip


def _inverse(moves: np.ndarray, height: int, width: int) -> np.ndarray:
    """N x 2 x 3: where each pixel of the moved image was, if three points around the middle have moved."""
    middle, third = np.array([width // 2, height // 2], float), min(height, width) // 3
    before = middle + third * np.array([[1, 1], [1, -1], [-1, -1]])
    one = np.ones((len(moves), 3, 1))
    after = np.concatenate([before + moves, one], 2)
    return np.linalg.solve(after, np.broadcast_to(before, moves.shape)).transpose(0, 2, 1)


def _smooth(field: np.ndarray, sigma: float) -> np.ndarray:
    _, height, width = field.shape
    filters = (gaussian(n, sigma, "reflect", 3.0) for n in (height, width))
    return along(field[..., None], *filters)[..., 0]


def sampled(x: np.ndarray, row: np.ndarray, column: np.ndarray, border: str) -> np.ndarray:
    """The values between pixels, bilinear.

    Args:
        x: N x H x W x C.
        row, column: N x H x W.
        border: see `folded`.
    """
    n, height, width, channels = x.shape
    top, left = np.floor(row), np.floor(column)
    below, right = (row - top)[..., None], (column - left)[..., None]
    flat, first = x.reshape(-1, channels), (np.arange(n) * height * width)[:, None, None]
    rows = [first + width * folded(top.astype(int) + step, height, border) for step in (0, 1)]
    columns = [folded(left.astype(int) + step, width, border) for step in (0, 1)]

    def between(row: np.ndarray) -> np.ndarray:
        here, next_ = (flat.take(row + place, 0, mode="clip") for place in columns)   # "clip" is the fast one
        return here + (next_ - here) * right

    upper, lower = map(between, rows)
    return upper + (lower - upper) * below


def pixelate(x: np.ndarray, share: float) -> np.ndarray:
    """Reduced by the mean over boxes and enlarged again, in whole numbers as Pillow does it."""
    _, height, width, _ = x.shape
    small = max(1, int(width * share)), max(1, int(height * share))

    def coarse(image: Image.Image) -> Image.Image:
        return image.resize(small, Image.Resampling.BOX).resize((width, height), Image.Resampling.BOX)

    return _each(x, coarse)


def jpeg_compression(x: np.ndarray, quality: float) -> np.ndarray:
    """Stored as JPEG by Pillow and read again."""

    def squeezed(image: Image.Image) -> Image.Image:
        file = BytesIO()
        image.save(file, "JPEG", quality=int(quality))
        return Image.open(file)

    return _each(x, squeezed)


def _each(x: np.ndarray, change: Callable[[Image.Image], Image.Image]) -> np.ndarray:
    pixels = np.rint(x * 255).astype(np.uint8)
    channels = x.shape[3]
    images = (Image.fromarray(image[..., 0] if channels == 1 else image) for image in pixels)
    return np.stack([np.asarray(change(image)).reshape(x.shape[1:]) for image in images]) / 255
