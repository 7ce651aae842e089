"""Omniglot, background small sets 1 and 2: 4,840 drawings of 242 characters, embedded in the package.

Lake, Salakhutdinov, Tenenbaum: Human-level concept learning through probabilistic program induction. Science 350
(2015) 1332-1338. MIT licence, see embedded/OMNIGLOT_LICENSE. `scripts/make_omniglot.py` makes the file.
"""

from pathlib import Path
from typing import Any

import numpy as np

from gristmill.data.embedded import FOLDER, archive, arrays
from gristmill.data.source import Samples, sample_table

EMBEDDED = FOLDER / "omniglot.npz"
SHA256 = "c087919889daf9af31aaba3ce6ad3cee75254e31bf315f5d3e92dd7290753446"
TRAIN_DRAWERS = 14   # drawers 1-14 train, 15-20 test


def files(settings: Any) -> list[Path]:
    """The archive that `read` opens: `settings.path`, or the one in the package."""
    return archive(settings, EMBEDDED.name, "Omniglot")


def read(settings: Any) -> Samples:
    """Read the embedded drawings.

    Returns:
        images 4,840 x 28 x 28 x 1, ink 255 on paper 0, in the order alphabet, character, drawer; the fine label is
        the character, the coarse one the alphabet, the column `drawer` says which of the 20 drawings it is.
        Whether a drawer number is the same person in different alphabets is not known.
    """
    (path,) = files(settings)
    found = arrays(path, SHA256)
    names, character, drawer = found["characters"].tolist(), found["character"], found["drawer"]
    alphabets = sorted({name.split("/")[0] for name in names})
    table = sample_table(
        sample=[f"{names[c]}/{found['number'][c]:04d}_{d:02d}" for c, d in zip(character, drawer, strict=True)],
        part=np.where(drawer <= TRAIN_DRAWERS, "train", "test"),
        fine=character,
        fine_names=names,
        coarse=np.array([alphabets.index(names[c].split("/")[0]) for c in character]),
        coarse_names=alphabets,
    )
    table["drawer"] = drawer.astype(np.int64)
    return Samples(found["images"][..., None], table)
