"""A part of Fashion-MNIST: 7,000 training and 2,000 test pictures of 10 kinds of clothing, embedded in the package.

Xiao, Rasul, Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms (2017). MIT
licence, see embedded/FASHION_LICENSE. `scripts/make_fashion.py` makes the file; `fashion_mnist.py` reads the whole set.
"""

from pathlib import Path
from typing import Any

import numpy as np

from gristmill.data.embedded import FOLDER, archive, arrays
from gristmill.data.source import Samples, sample_table

EMBEDDED = FOLDER / "fashion.npz"
SHA256 = "909fef603b838c56b7ea6d58cab8c51f7324ea39a8734b2c38997ddc0da83496"


def files(settings: Any) -> list[Path]:
    """The archive that `read` opens: `settings.path`, or the one in the package."""
    return archive(settings, EMBEDDED.name, "the part of Fashion-MNIST")


def read(settings: Any) -> Samples:
    """Read the embedded pictures.

    Returns:
        images 9,000 x 28 x 28 x 1, bright on black: the first 700 training and the first 200 test pictures of each
        class, train before test, each in the order of the original file, classes mixed as there. A sample's id is its
        part and its position in that file, the same as in the whole set.
    """
    (path,) = files(settings)
    found = arrays(path, SHA256)
    part = np.where(found["test"], "test", "train")
    table = sample_table(
        sample=[f"{name}/{i:05d}" for name, i in zip(part, found["position"], strict=True)],
        part=part,
        fine=found["label"],
        fine_names=found["classes"].tolist(),
    )
    return Samples(found["images"][..., None], table)
