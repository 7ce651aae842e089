"""Make the embedded Omniglot and its groupings: python scripts/make_omniglot.py <folder with the two archives>.

The archives are images_background_small1.zip and images_background_small2.zip of github.com/brendenlake/omniglot
(folder python). The same archives give the same bytes: the names carry no time, and bzip2, unlike zlib, has one
implementation.
"""

import csv
import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

ARCHIVES = {
    "images_background_small1.zip": "f38eb80f801274ac2b4dff5b24289016bfaba4a7d5bb50deebf27104ad6cb8a4",
    "images_background_small2.zip": "3ccaa407515a8778e5d0861875af38b17e418f301ad5bb3b5a6b65d901a41c7f",
}
SIDE, DRAWN = 28, 105   # pixels here, pixels of the archives
GROUPS = 8              # of the bad grouping, as many as there are alphabets
PACKAGE = Path(__file__).resolve().parents[1] / "src" / "gristmill"


def drawings(folder: Path) -> dict[str, bytes]:
    """PNG files by `<alphabet>/character<NN>/<id>_<drawer>.png`, sorted; 1,000 stand in both archives alike."""
    found: dict[str, bytes] = {}
    for name, expected in ARCHIVES.items():
        content = (folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != expected:
            sys.exit(f"{folder / name}: hash differs: the file is damaged or another version")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                if member.endswith(".png"):
                    png = archive.read(member)
                    if found.setdefault(member.split("/", 1)[1], png) != png:
                        sys.exit(f"{member}: the two archives hold different drawings under this name")
    return dict(sorted(found.items()))


def averaging(size: int, source: int) -> np.ndarray:
    """size x source weights: row i averages the pixels below output pixel i, fractions by overlap."""
    edge = np.arange(source)
    step = source / size
    left, right = np.arange(size)[:, None] * step, np.arange(1, size + 1)[:, None] * step
    return np.clip(np.minimum(right, edge + 1) - np.maximum(left, edge), 0, None) / step


def shrink(png: bytes, weights: np.ndarray) -> np.ndarray:
    """A drawing as uint8 with ink 255 on paper 0."""
    ink = 1.0 - np.asarray(Image.open(io.BytesIO(png)), np.float64)   # mode 1: paper is 1
    return np.rint(255 * (weights @ ink @ weights.T)).astype(np.uint8)


def write_archive(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """An npz file whose bytes depend on the arrays alone (np.savez would compress with zlib)."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type, member.create_system = zipfile.ZIP_BZIP2, 3
            archive.writestr(member, content.getvalue(), compresslevel=9)


def write_grouping(name: str, rows: list[tuple[str, str]]) -> None:
    with (PACKAGE / "labels" / "groupings" / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows([("fine", "coarse"), *rows])


def main(folder: Path) -> None:
    files = drawings(folder)
    characters = list(dict.fromkeys(name.rsplit("/", 1)[0] for name in files))
    number = {name.rsplit("/", 1)[0]: int(name.rsplit("/", 1)[1].split("_")[0]) for name in files}
    weights = averaging(SIDE, DRAWN)
    arrays = {
        "images": np.stack([shrink(png, weights) for png in files.values()]),
        "character": np.array([characters.index(name.rsplit("/", 1)[0]) for name in files], np.int16),
        "drawer": np.array([int(name[-6:-4]) for name in files], np.int16),
        "number": np.array([number[name] for name in characters], np.int16),
        "characters": np.array(characters),
    }
    path = PACKAGE / "data" / "embedded" / "omniglot.npz"
    write_archive(path, arrays)
    write_grouping("omniglot_good", [(name, name.split("/")[0]) for name in characters])
    write_grouping("omniglot_bad", [(name, f"mixed {i % GROUPS}") for i, name in enumerate(characters)])
    print(f"{path.name}: {arrays['images'].shape}, {path.stat().st_size:,} bytes, "
          f"sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(str(__doc__).splitlines()[0])
    main(Path(sys.argv[1]))
