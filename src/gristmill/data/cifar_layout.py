"""How CIFAR-10 and CIFAR-100 are published; one `Layout` each stands in cifar10.py and cifar100.py."""

from dataclasses import dataclass

import numpy as np

from gristmill.data.files import Published
from gristmill.errors import UserError

SITE = "https://www.cs.toronto.edu/~kriz"


@dataclass(frozen=True)
class Batch:
    """One of the official pickle files: the part that it belongs to, its name, MD5 and number of images."""

    part: str
    file: str
    md5: str
    rows: int


@dataclass(frozen=True)
class Layout:
    """How a set is published.

    `archive` holds `folder`, and that the pickles `batches` with the keys `fine_key`, `coarse_key`; Parquet files
    have the columns `fine_column`, `coarse_column`. Names are listed in the order of the labels.
    """

    name: str
    archive: str
    archive_md5: str
    folder: str
    batches: tuple[Batch, ...]
    fine_key: str
    fine_column: str
    fine_names: tuple[str, ...]
    coarse_key: str = ""
    coarse_column: str = ""
    coarse_names: tuple[str, ...] = ()
    side: int = 32

    @property
    def url(self) -> str:
        return f"{SITE}/{self.archive}"

    @property
    def published(self) -> Published:
        """The archive, to download."""
        return Published(self.archive, self.archive_md5, self.url)


def check_labels(labels: np.ndarray, names: tuple[str, ...], where: str, first: int = 0) -> None:
    """Refuse a label that none of the names belongs to; `first` is the row of labels[0] in `where`."""
    wrong = np.flatnonzero((labels < 0) | (labels >= len(names)))
    if len(wrong):
        row = wrong[0]
        raise UserError(f"{where}: row {first + row}: label {labels[row]} is out of range 0..{len(names) - 1}")
