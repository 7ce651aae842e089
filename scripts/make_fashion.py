"""Make the embedded part of Fashion-MNIST: python -m scripts.make_fashion <folder with the four IDX files>.

The files may be raw or .gz; their raw content is checked by MD5. The same content gives the same bytes.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np

from gristmill.data import fashion_mnist
from gristmill.errors import UserError
from scripts.make_omniglot import PACKAGE, write_archive

FIRST = {"train": 700, "test": 200}  # images of each class, in the order of the files


def main(folder: Path, package: Path = PACKAGE) -> None:
    images, table = fashion_mnist.read({"path": folder})
    turn = table.groupby(["part", "fine"]).cumcount()  # 0 for the first image of a class
    kept = np.flatnonzero(turn < table["part"].map(FIRST.get))
    chosen = table.iloc[kept]
    arrays = {
        "images": images[kept, ..., 0],
        "label": chosen["fine"].to_numpy(np.uint8),
        "test": (chosen["part"] == "test").to_numpy(),
        "position": chosen["sample"].str.rsplit("/", n=1).str[1].astype(np.uint16).to_numpy(),
        "classes": np.array(fashion_mnist.NAMES),
    }
    path = package / "data" / "embedded" / "fashion.npz"
    write_archive(path, arrays)
    print(
        f"{path.name}: {arrays['images'].shape}, {path.stat().st_size:,} bytes, "
        f"sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(str(__doc__).splitlines()[0])
    try:
        main(Path(sys.argv[1]))
    except UserError as error:
        sys.exit(str(error))
