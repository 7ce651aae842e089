"""A part of Fashion-MNIST: 7,000 training and 2,000 test pictures of 10 kinds of clothing, embedded in the package.

Xiao, Rasul, Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms (2017). MIT
licence, see embedded/FASHION_LICENSE. `scripts/make_fashion.py` makes the file; `fashion_mnist.py` reads the whole set.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from gristmill.data.files import check_hash, file_hash
from gristmill.data.source import Samples, sample_table, setting
from gristmill.errors import UserError

EMBEDDED = Path(__file__).parent / "embedded" / "fashion.npz"
SHA256 = "909fef603b838c56b7ea6d58cab8c51f7324ea39a8734b2c38997ddc0da83496"


def files(settings: Any) -> list[Path]:
    """The archive that `read` opens: `settings.path`, or the one in the package."""
    path = Path(setting(settings, "path") or EMBEDDED)
    if not path.is_file():
        raise UserError(f"{path}: no such file; the part of Fashion-MNIST comes with the package: {EMBEDDED}")
    return [path]


def read(settings: Any) -> Samples:
    """Read the embedded pictures.

    Returns:
        images 9,000 x 28 x 28 x 1, bright on black: the first 700 training and the first 200 test pictures of each
        class, train before test, each in the order of the original file, classes mixed as there. A sample's id is its
        part and its position in that file, the same as in the whole set.
    """
    (path,) = files(settings)
    check_hash(path, file_hash(path, "sha256"), SHA256, f"get {path.name} of this version of Gristmill back")
    with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as archive:
        images, label, names = archive["images"], archive["label"], archive["classes"].tolist()
        part, position = np.where(archive["test"], "test", "train"), archive["position"]
    table = sample_table(
        sample=[f"{name}/{i:05d}" for name, i in zip(part, position, strict=True)],
        part=part,
        fine=label,
        fine_names=names,
    )
    return Samples(images[..., None], table)
