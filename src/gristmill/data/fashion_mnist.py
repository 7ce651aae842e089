"""Fashion-MNIST: 60,000 training and 10,000 test pictures of 10 kinds of clothing, from the four IDX files.

Xiao, Rasul, Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms (2017).
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gristmill.data.files import Published
from gristmill.data.idx import read_idx
from gristmill.data.source import Samples, sample_table, setting
from gristmill.errors import UserError

SITE = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


class IdxFile(NamedTuple):
    """One of the files: name, dimensions, MD5 of its raw content and of the .gz as it is published.

    Others packed the same content anew (Debian did), so that what is read is checked unpacked.
    """

    name: str
    dimensions: int
    md5: str
    packed_md5: str


FILES = (
    IdxFile("train-images-idx3-ubyte", 3, "f4a8712d7a061bf5bd6d2ca38dc4d50a", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
    IdxFile("train-labels-idx1-ubyte", 1, "9018921c3c673c538a1fc5bad174d6f9", "25c81989df183df01b3e8a0aad5dffbe"),
    IdxFile("t10k-images-idx3-ubyte", 3, "8181f5470baa50b63fa0f6fddb340f0a", "bef4ecab320f06d8554ea6380940ec79"),
    IdxFile("t10k-labels-idx1-ubyte", 1, "15d484375f8d13e6eb1aabb0c3f46965", "bb300cfdad3c16e7a12a480ee83cd310"),
)
PUBLISHED = tuple(Published(f"{file.name}.gz", file.packed_md5, f"{SITE}/{file.name}.gz") for file in FILES)


def files(settings: Any) -> list[Path]:
    """The four files, raw or .gz, in `settings.path` or in FashionMNIST/raw inside it, as torchvision puts them."""
    folder = Path(setting(settings, "path") or "data/raw/fashion_mnist")
    places = [folder, folder / "FashionMNIST" / "raw"]
    found = [_find(places, file.name) for file in FILES]
    missing = [file.name for file, path in zip(FILES, found, strict=True) if path is None]
    if missing:
        raise UserError(
            f"{folder}: {', '.join(missing)} missing, raw or .gz; `gristmill fetch fashion_mnist` puts them into "
            f"data/raw/fashion_mnist, Debian's package dataset-fashion-mnist into /usr/share/datasets/fashion-mnist"
        )
    return [path for path in found if path is not None]


def _find(places: list[Path], name: str) -> Path | None:
    candidates = [place / file for place in places for file in (name, f"{name}.gz")]
    return next((path for path in candidates if path.is_file()), None)


def read(settings: Any) -> Samples:
    """Read the four files.

    Returns:
        images 70,000 x 28 x 28 x 1, bright on black, train before test, each in the order of its file; the sample's
        id is its part and position there.
    """
    train, train_labels, test, test_labels = (
        read_idx(path, file.dimensions, file.md5) for path, file in zip(files(settings), FILES, strict=True)
    )
    parts = {"train": train_labels, "test": test_labels}
    table = sample_table(
        sample=[f"{part}/{i:05d}" for part, labels in parts.items() for i in range(len(labels))],
        part=np.repeat(list(parts), [len(labels) for labels in parts.values()]),
        fine=np.concatenate(list(parts.values())),
        fine_names=NAMES,
    )
    return Samples(np.concatenate([train, test])[..., None], table)
