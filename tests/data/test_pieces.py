"""Sources that do not fit into memory: written piece by piece, complete or not at all, and never held."""

import errno
import os
import subprocess
import sys
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gristmill.data import pieces, prepare
from gristmill.data.packed import Packed, gather, open_images, parts, sizes_of
from gristmill.data.prepare import images_sha256
from gristmill.data.source import Piece, Pieces, Samples, sample_table
from gristmill.errors import UserError
from gristmill.pipelines.datasets import ArrayDataset, draft_of

LARGE = 1_281_167 if os.environ.get("GRISTMILL_LARGE") else 60_000   # ImageNet32's; 3.9 GB of disk, some minutes


def table(first: int, count: int) -> pd.DataFrame:
    i = np.arange(first, first + count)
    return sample_table([f"{n:07d}" for n in i], np.where(i % 5, "train", "test"), i % 7, list("abcdefg"))


def stream(images, cuts=(0, 3, 4, 10), made=table) -> Pieces:
    blocks = (Piece(images[a:b], made(a, b - a)) for a, b in pairwise(cuts))
    return Pieces(len(images), blocks)


def use(monkeypatch, given) -> None:
    monkeypatch.setattr(prepare, "reader", lambda name: SimpleNamespace(read=lambda settings: given))


def uniform(count: int = 10) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 4, 5, 3), np.uint8)


def unequal(count: int = 10) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.integers(0, 256, (*rng.integers(1, 30, 2), 3), np.uint8) for _ in range(count)]


def test_pieces_give_the_same_file_and_table_as_the_whole_array(tmp_path, monkeypatch):
    images = uniform()
    use(monkeypatch, Samples(images, table(0, 10)))
    array, whole = prepare.prepare({"source": "made"})
    use(monkeypatch, stream(images))
    draft, read = prepare.prepare({"source": "made"}, draft_of(tmp_path / "b.npy"))
    pd.testing.assert_frame_equal(read, whole)
    assert read.attrs == whole.attrs == {"images_sha256": images_sha256(images)}
    ArrayDataset(str(tmp_path / "a.npy")).save(array)
    ArrayDataset(str(tmp_path / "b.npy")).save(draft)
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()
    assert not draft.exists()
    assert (ArrayDataset(str(tmp_path / "b.npy")).load() == images).all()


def test_images_of_many_sizes_come_back_one_by_one_and_on_a_canvas(tmp_path, monkeypatch):
    images = unequal()
    use(monkeypatch, stream(images))
    draft, read = prepare.prepare({"source": "made"}, tmp_path / "images.npy")
    packed = open_images(draft)
    assert isinstance(packed, Packed) and len(packed) == 10 and packed.channels == 3
    assert read.attrs["images_sha256"] == images_sha256(np.load(draft))
    assert all((packed[i] == image).all() for i, image in enumerate(images))
    rows = np.array([7, 2, 2])
    canvas, (height, width) = gather(packed, rows), sizes_of(packed, rows)
    for place, row, h, w in zip(canvas, rows, height, width, strict=True):
        assert (place[:h, :w] == images[row]).all() and not place[h:].any() and not place[:, w:].any()
    with pytest.raises(IndexError):
        packed[10]


def test_a_canvas_is_bounded_whatever_the_sizes(tmp_path, monkeypatch):
    use(monkeypatch, stream(unequal()))
    packed = open_images(prepare.prepare({"source": "made"}, tmp_path / "images.npy")[0])
    monkeypatch.setattr("gristmill.data.packed.BUDGET", 3000)
    rows = np.tile(np.arange(10), 5)
    cut = list(parts(packed, rows))
    assert [i for part in cut for i in range(part.start, part.stop)] == list(range(50))
    assert len(cut) > 10 and all(gather(packed, rows[p]).nbytes <= 3000 or p.stop - p.start == 1 for p in cut)
    assert list(parts(uniform(), rows)) == [slice(0, 50)]


@pytest.mark.parametrize("harm", [lambda b: b[:-8], lambda b: b[8:], lambda b: b[:0], lambda b: b[:3], lambda b: b * 0])
def test_a_packed_file_of_another_length_is_one_line(tmp_path, monkeypatch, harm):
    use(monkeypatch, stream(unequal()))
    draft, _ = prepare.prepare({"source": "made"}, tmp_path / "images.npy")
    np.save(draft.with_suffix(".bad.npy"), harm(np.load(draft)))
    with pytest.raises(UserError, match=r"bad\.npy: damaged"):
        open_images(draft.with_suffix(".bad.npy"))


def broken(images, error):
    yield Piece(images[:5], table(0, 5))
    raise error


class Full:
    """A file on a full disk."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("error", [UserError("file 3: damaged"), KeyboardInterrupt(), MemoryError()])
def test_nothing_half_written_stays(tmp_path, monkeypatch, error):
    use(monkeypatch, Pieces(10, broken(uniform(), error)))
    with pytest.raises(type(error)):
        prepare.prepare({"source": "made"}, tmp_path / "images.npy")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, monkeypatch):
    real = pieces.Path.open
    monkeypatch.setattr(pieces.Path, "open", lambda path, mode: Full(real(path, mode)))
    use(monkeypatch, stream(uniform()))
    with pytest.raises(UserError, match="No space left on device") as error:
        prepare.prepare({"source": "made"}, tmp_path / "images.npy")
    assert "\n" not in str(error.value) and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (Pieces(0, iter(())), "no image"),
        (stream(uniform(), (0, 0)), "no image"),
        (stream(uniform(), made=lambda a, n: table(a, n + 1)), "3 images, but 4 rows"),
        (stream(uniform(), made=lambda a, n: table(0, n)), "'sample'"),
        (stream(uniform().astype(float)), "uint8"),
        (stream([*unequal(9), np.zeros((2, 2), np.uint8)]), "an image must be H x W"),
        (stream([*unequal(9), np.zeros((2, 2, 1), np.uint8)]), "some images have 1 channel"),
        (Pieces(2, iter([Piece(uniform(1), table(0, 1)), Piece(unequal(1), table(1, 1))])), "of the form"),
    ],
)
def test_pieces_of_another_form_are_refused(tmp_path, monkeypatch, given, reason):
    use(monkeypatch, given)
    with pytest.raises(UserError, match=reason):
        prepare.prepare({"source": "made"}, tmp_path / "images.npy")
    assert not list(tmp_path.iterdir())


def test_a_side_is_for_images_of_many_sizes():
    with pytest.raises(UserError, match="source 'digits': its images have one size already; leave 'side' out"):
        prepare.prepare({"source": "digits", "side": 32})


def test_a_log_gets_a_line_now_and_then(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pieces, "LINE_EVERY", -1.0)
    use(monkeypatch, stream(uniform()))
    prepare.prepare({"source": "made"}, tmp_path / "images.npy")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and lines[1].startswith("  prepare  source 'made'   40 %  4/10 images")


MEMORY = """
import resource, sys
import numpy as np
from pathlib import Path
from types import SimpleNamespace
from gristmill.data import prepare
from gristmill.data.source import Piece, Pieces, sample_table

def made(count, block=5000):
    for first in range(0, count, block):
        i = np.arange(first, min(first + block, count))
        images = np.random.default_rng(first).integers(0, 256, (len(i), 32, 32, 3), np.uint8)
        names = [f"class {n}" for n in range(1000)]
        yield Piece(images, sample_table([f"train/{n:07d}" for n in i], ["train"] * len(i), i % 1000, names))

for count in map(int, sys.argv[2:]):
    given = Pieces(count, made(count))
    prepare.reader = lambda name: SimpleNamespace(read=lambda settings: given)
    path, table = prepare.prepare({"source": "made"}, Path(sys.argv[1]))
    assert len(table) == count and path.stat().st_size == 128 + count * 3072
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_number_of_images(tmp_path):
    """GRISTMILL_LARGE=1 makes as many as ImageNet32 has: they must pass within 3 GB."""
    draft = tmp_path / "images.npy"
    command = [sys.executable, "-c", MEMORY, str(draft), "10000", str(LARGE)]
    few, many = map(int, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
    rows = 5e-4 * (LARGE - 10_000)   # MB: the table may take half a kilobyte a row
    assert many - few < 40 + rows and many < 3000, f"{few} MB for 10,000 images, {many} MB for {LARGE:,}"


def test_what_a_killed_preparation_left_is_removed_by_the_next(tmp_path, monkeypatch):
    from gristmill.pipelines.prepare import prepare as node

    monkeypatch.chdir(tmp_path)
    left = tmp_path / "data/prepared/small/images.npy.tmp"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    with pytest.raises(UserError, match="no such source"):
        node("small", {"source": "digitz"})
    assert not left.exists()
