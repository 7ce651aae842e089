"""STL-10 in the form of its files: planes of columns, labels from 1, and photographs without a label."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gristmill.data import stl10
from gristmill.data.packed import open_images
from gristmill.data.prepare import prepare
from gristmill.errors import UserError
from gristmill.labels.coarse import group_coarse

NAMES = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"]
COUNTS = {"train": 12, "test": 5, "unlabeled": 7}


def stored(images: np.ndarray) -> bytes:
    """The bytes of N x 96 x 96 x 3 images as the files have them: of each channel column after column."""
    return b"".join(
        image[:, column, channel].tobytes() for image in images for channel in range(3) for column in range(96)
    )


def write(folder: Path) -> tuple[np.ndarray, list[int]]:
    """A small set; images of all parts, and labels from 0, -1 where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (sum(COUNTS.values()), 96, 96, 3), np.uint8)
    train, test = np.arange(COUNTS["train"]) % 10, np.array([9, 0, 3, 3, 1])
    (folder / "class_names.txt").write_bytes("".join(f"{name}\n" for name in NAMES).encode())
    (folder / "fold_indices.txt").write_bytes(b"0 1 2 \n")
    (folder / "train_y.bin").write_bytes((train + 1).astype(np.uint8).tobytes())
    (folder / "test_y.bin").write_bytes((test + 1).astype(np.uint8).tobytes())
    start = 0
    for part, count in COUNTS.items():
        (folder / f"{part}_X.bin").write_bytes(stored(images[start : start + count]))
        start += count
    return images, [*train, *test, *[-1] * COUNTS["unlabeled"]]


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(stl10, "BLOCK", 4)


@pytest.mark.parametrize("place", [".", "stl10_binary"])
def test_columns_become_rows_and_every_image_keeps_its_label(tmp_path, place):
    images, fine = write(tmp_path / "raw" / place)
    draft, table = prepare({"source": "stl10", "path": str(tmp_path / "raw")}, tmp_path / "images.npy")
    assert (open_images(draft) == images).all()
    assert table.attrs["images_sha256"] == hashlib.sha256(images.tobytes()).hexdigest()
    assert table["fine"].tolist() == fine
    assert table["fine_name"].tolist() == [NAMES[label] if label >= 0 else "" for label in fine]
    assert table["part"].tolist() == [part for part, count in COUNTS.items() for _ in range(count)]
    wanted = ["train/00000", "train/00011", "test/00000", "unlabeled/00000", "unlabeled/00006"]
    assert table["sample"].iloc[[0, 11, 12, 17, 23]].tolist() == wanted


def test_a_task_of_it_tells_the_learner_nothing_of_unlabeled_images(tmp_path):
    _, fine = write(tmp_path / "raw")
    _, table = prepare({"source": "stl10", "path": str(tmp_path / "raw")}, tmp_path / "images.npy")
    task = group_coarse(table, {"grouping": "fine"})
    assert task["label"].tolist() == fine and task["row"].tolist() == list(range(24))


def test_missing_files_are_named_with_where_to_get_them(tmp_path):
    write(tmp_path)
    (tmp_path / "unlabeled_X.bin").unlink()
    (tmp_path / "class_names.txt").unlink()
    wanted = r"unlabeled_X\.bin, class_names\.txt missing; `gristmill fetch stl10` puts stl10_binary\.tar\.gz"
    with pytest.raises(UserError, match=wanted):
        stl10.files({"path": tmp_path})
    with pytest.raises(UserError, match=r"train_X\.bin, train_y\.bin, .* missing"):
        stl10.files({"path": tmp_path / "none"})


@pytest.mark.parametrize(
    ("file", "change", "reason"),
    [
        ("train_X.bin", lambda b: b[:-1], r"train_X\.bin: 331,775 bytes are no whole number of images of 27,648 bytes"),
        ("unlabeled_X.bin", lambda b: b + b"\0", r"unlabeled_X\.bin: 193,537 bytes are no whole number of images"),
        ("test_X.bin", lambda b: b"", r"test_X\.bin: 0 bytes are no whole number of images"),
        ("test_X.bin", lambda b: b[: 27648 * 4], r"test_y\.bin: 5 labels, but 4 images beside it"),
        ("train_y.bin", lambda b: b[:-1], r"train_y\.bin: 11 labels, but 12 images beside it"),
        ("train_y.bin", lambda b: b[:3] + b"\0" + b[4:], r"train_y\.bin: row 3: label 0 is out of range 1\.\.10"),
        ("test_y.bin", lambda b: b[:4] + b"\x0b", r"test_y\.bin: row 4: label 11 is out of range 1\.\.10"),
        ("class_names.txt", lambda b: b"", r"train_y\.bin: row 0: label 1 is out of range 1\.\.0"),
        ("class_names.txt", lambda b: b"\xff\xfe", r"class_names\.txt: not text"),
        ("class_names.txt", lambda b: b"cat\n" * 10, "one_name_for_each_fine_label"),
    ],
)
def test_wrong_files_are_one_line_and_leave_nothing(tmp_path, file, change, reason):
    write(tmp_path / "raw")
    path = tmp_path / "raw" / file
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(UserError, match=reason) as error:
        prepare({"source": "stl10", "path": str(tmp_path / "raw")}, tmp_path / "out" / "images.npy")
    assert "\n" not in str(error.value) and not list(tmp_path.glob("out/*"))


def test_a_file_that_is_cut_while_it_is_read_is_one_line(tmp_path):
    write(tmp_path / "raw")
    given = stl10.read({"path": tmp_path / "raw"})
    path = tmp_path / "raw" / "unlabeled_X.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"unlabeled_X\.bin: became shorter while it was read"):
        list(given.pieces)


MEMORY = """
import resource, sys
from pathlib import Path
from gristmill.data.prepare import prepare

for folder in sys.argv[2:]:
    prepare({"source": "stl10", "path": folder}, Path(sys.argv[1]))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_unlabeled_images(tmp_path):
    """4,000 images more are 111 MB; a thousand are in memory at a time."""
    for name, count in (("few", 2_000), ("many", 6_000)):
        write(tmp_path / name)
        with (tmp_path / name / "unlabeled_X.bin").open("wb") as file:
            file.truncate(count * stl10.BYTES)  # zeros that take no place on the disk
    command = [sys.executable, "-c", MEMORY, *(str(tmp_path / name) for name in ("images.npy", "few", "many"))]
    few, many = map(int, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    assert many - few < 50, f"{few} MB for 2,000 images, {many} MB for 6,000"
