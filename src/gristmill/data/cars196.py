"""Cars196: 16,185 photographs of 196 makes, models and years of cars.

Krause, Stark, Deng, Fei-Fei: 3D object representations for fine-grained categorization (ICCV workshops 2013).
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gristmill.data.files import check_hash, file_hash
from gristmill.data.photographs import check_there, photographs
from gristmill.data.source import Pieces, sample_table, setting
from gristmill.errors import UserError

SITE = "https://ai.stanford.edu/~jkrause/cars/car_dataset.html"
META, TRAIN, TEST = "devkit/cars_meta.mat", "devkit/cars_train_annos.mat", "cars_test_annos_withlabels.mat"
TEST_MD5 = "b0a2b23655a3edd16d84508592a98d10"   # as torchvision checks it
ONE = "cars_annos.mat"   # the other form of the set: one file for both parts, with all images in car_ims/
CLASSES = 196


class Photos(NamedTuple):
    """What the annotations say: image files relative to the folder, part and class (from 0) of each, class names."""

    names: list[str]
    part: list[str]
    fine: np.ndarray
    class_names: list[str]


def files(settings: Any) -> list[Path]:
    """The annotations and every image that they name.

    Raises:
        UserError: one of them is missing; says where it comes from.
    """
    folder = _folder(settings)
    found = annotations(folder)
    check_there(folder, found.names, _remedy(folder))
    return [*_annotation_files(folder), *(folder / name for name in found.names)]


def read(settings: Any) -> Pieces:
    """Train before test, each in the order of its annotations; fine labels in the official order, from 0."""
    folder = _folder(settings)
    found = annotations(folder)
    check_there(folder, found.names, _remedy(folder))
    table = sample_table([Path(name).with_suffix("").as_posix() for name in found.names], found.part, found.fine,
                         found.class_names)  # fmt: skip
    return photographs([folder / name for name in found.names], table, setting(settings, "side"))


def annotations(folder: Path) -> Photos:
    """Read the .mat files; they hold numbers and words, nothing in them is run.

    Raises:
        UserError: a file that is missing, damaged, or has other contents.
    """
    paths = _annotation_files(folder)
    if len(paths) == 1:
        held = _load(paths[0])
        rows, class_names = _rows(held, paths[0], ("relative_im_path", "class", "test")), _names(held, paths[0])
        part = np.where(rows["test"].astype(np.int64) == 0, "train", "test")
        order = np.argsort(part != "train", kind="stable")
        names = rows["relative_im_path"][order].tolist()
        return Photos(names, part[order].tolist(), _fine(rows["class"], class_names, paths[0])[order], class_names)
    meta, train, test = paths
    check_hash(test, file_hash(test, "md5"), TEST_MD5, f"get it again, see {SITE}")
    class_names = _names(_load(meta), meta)
    names, part, fine = [], [], []
    for path, place in ((train, "train"), (test, "test")):
        rows = _rows(_load(path), path, ("fname", "class"))
        names += [f"cars_{place}/{name}" for name in rows["fname"]]
        part += [place] * len(rows["fname"])
        fine.append(_fine(rows["class"], class_names, path))
    return Photos(names, part, np.concatenate(fine), class_names)


def _folder(settings: Any) -> Path:
    folder = Path(setting(settings, "path") or "data/raw/cars196")
    return folder / "stanford_cars" if (folder / "stanford_cars").is_dir() else folder


def _annotation_files(folder: Path) -> list[Path]:
    """`cars_annos.mat`, or names, train and test annotations; the last lie in the folder or in devkit."""
    if (folder / ONE).is_file():
        return [folder / ONE]
    test = next((folder / place for place in (TEST, f"devkit/{TEST}") if (folder / place).is_file()), folder / TEST)
    found = [folder / META, folder / TRAIN, test]
    missing = [path.relative_to(folder).as_posix() for path in found if not path.is_file()]
    if missing:
        raise UserError(f"{folder}: {', '.join(missing)} missing; {_remedy(folder)}")
    return found


def _remedy(folder: Path) -> str:
    return (
        f"put cars_train/, cars_test/, {META}, {TRAIN} and {TEST} into {folder}, or car_ims/ and {ONE}; "
        f"they are described at {SITE}, whose downloads are gone: copies of the original files will do"
    )


def _load(path: Path) -> dict[str, Any]:
    from scipy.io import loadmat  # comes with scikit-learn; half a second

    try:
        return loadmat(path, squeeze_me=True)
    except Exception as error:   # a damaged file can fail in any way
        reason = " ".join(str(error).split())
        raise UserError(f"{path}: not a readable .mat file ({reason}); get it again, see {SITE}") from error


def _rows(held: dict[str, Any], path: Path, fields: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Some fields of the annotations, a value an image each."""
    rows = np.atleast_1d(held.get("annotations", np.empty(0)))
    missing = [name for name in fields if name not in (rows.dtype.names or ())]
    if missing:
        hint = "; the test annotations with labels are a file of their own" if "class" in missing else ""
        raise UserError(f"{path}: 'annotations' must have the fields {', '.join(fields)}{hint}")
    return {name: np.atleast_1d(rows[name]) for name in fields}


def _names(held: dict[str, Any], path: Path) -> list[str]:
    names = [str(name) for name in np.atleast_1d(held.get("class_names", np.empty(0)))]
    if len(names) != CLASSES or len(set(names)) != CLASSES:
        raise UserError(f"{path}: 'class_names' must hold {CLASSES} different names, not {len(set(names))}")
    return names


def _fine(stored: np.ndarray, names: list[str], path: Path) -> np.ndarray:
    fine = stored.astype(np.int64) - 1
    wrong = np.flatnonzero((fine < 0) | (fine >= len(names)))
    if len(wrong):
        raise UserError(f"{path}: row {wrong[0]}: class {fine[wrong[0]] + 1} is out of range 1..{len(names)}")
    return fine
