"""scikit-learn's handwritten digits: 1,797 images of 8 x 8 pixels, for tests and first steps."""

from pathlib import Path
from typing import Any

import numpy as np

from gristmill.data.source import Samples, sample_table

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEST_EVERY = 5   # every fifth image is a test image


def files(settings: Any) -> list[Path]:
    """Nothing of the user's: the images are part of scikit-learn."""
    return []


def read(settings: Any) -> Samples:
    """Read the digits.

    Returns:
        images 1,797 x 8 x 8 x 1 (16 grey levels spread over 0..255); the fine label is the digit, the coarse one
        whether it is even (0) or odd (1).
    """
    from sklearn.datasets import load_digits  # 1.4 s

    digits: Any = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)[..., None]
    count = np.arange(len(images))
    table = sample_table(
        sample=[f"{i:04d}" for i in count],
        part=np.where(count % TEST_EVERY == TEST_EVERY - 1, "test", "train"),
        fine=digits.target,
        fine_names=NAMES,
        coarse=digits.target % 2,
        coarse_names=("even", "odd"),
    )
    return Samples(images, table)
