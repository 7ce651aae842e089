"""Omniglot, background small sets 1 and 2: 4,840 drawings of 242 characters, embedded in the package.

Lake, Salakhutdinov, Tenenbaum: Human-level concept learning through probabilistic program induction. Science 350
(2015) 1332-1338. MIT licence, see embedded/OMNIGLOT_LICENSE. `scripts/make_omniglot.py` makes the file.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from gristmill.data.files import check_hash, file_hash
from gristmill.data.source import Samples, sample_table, setting
from gristmill.errors import UserError

EMBEDDED = Path(__file__).parent / "embedded" / "omniglot.npz"
SHA256 = "c087919889daf9af31aaba3ce6ad3cee75254e31bf315f5d3e92dd7290753446"
TRAIN_DRAWERS = 14   # drawers 1-14 train, 15-20 test


def files(settings: Any) -> list[Path]:
    """The archive that `read` opens: `settings.path`, or the one in the package."""
    path = Path(setting(settings, "path") or EMBEDDED)
    if not path.is_file():
        raise UserError(f"{path}: no such file; Omniglot comes with the package: {EMBEDDED}")
    return [path]


def read(settings: Any) -> Samples:
    """Read the embedded drawings.

    Returns:
        images 4,840 x 28 x 28 x 1, ink 255 on paper 0, in the order alphabet, character, drawer; the fine label is
        the character, the coarse one the alphabet, the column `drawer` says which of the 20 drawings it is.
        Whether a drawer number is the same person in different alphabets is not known.
    """
    (path,) = files(settings)
    check_hash(path, file_hash(path, "sha256"), SHA256, f"get {path.name} of this version of Gristmill back")
    with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as archive:
        images, names = archive["images"], archive["characters"].tolist()
        character, drawer, number = archive["character"], archive["drawer"], archive["number"]
    alphabets = sorted({name.split("/")[0] for name in names})
    table = sample_table(
        sample=[f"{names[c]}/{number[c]:04d}_{d:02d}" for c, d in zip(character, drawer, strict=True)],
        part=np.where(drawer <= TRAIN_DRAWERS, "train", "test"),
        fine=character,
        fine_names=names,
        coarse=np.array([alphabets.index(names[c].split("/")[0]) for c in character]),
        coarse_names=alphabets,
    )
    table["drawer"] = drawer.astype(np.int64)
    return Samples(images[..., None], table)
