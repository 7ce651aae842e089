"""An IDX file is read whole or refused in one line, whatever is in it."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from gristmill.data.idx import parse, read_idx
from gristmill.errors import UserError
from tests.data.idx_files import packed_head

IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
CONTENT = packed_head(IMAGES) + IMAGES.tobytes()


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


@pytest.mark.parametrize("name", ["images", "images.gz"])
def test_a_raw_and_a_packed_file_are_the_same_array(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(CONTENT) if path.suffix else CONTENT)
    assert (read_idx(path, 3, md5(CONTENT)) == IMAGES).all()


def test_labels_have_one_dimension():
    labels = np.array([9, 0, 3], np.uint8)
    assert parse(packed_head(labels) + labels.tobytes(), 1, "x").tolist() == [9, 0, 3]
    assert parse(packed_head(labels[:0]), 1, "x").shape == (0,)


HUGE = packed_head(IMAGES)[:4] + b"\xff" * 12
WRONG = [
    (b"", "not an IDX file of 3 dimensions: begins with nothing, not 00000803"),
    (CONTENT[:3], "begins with 000008"),
    (CONTENT[:10], "begins with 00000803"),
    (CONTENT[:-1], "39 bytes, 40 wanted for 2 x 3 x 4; get the original file again"),
    (CONTENT[:16], "16 bytes, 40 wanted for 2 x 3 x 4"),
    (CONTENT + b"\0", "41 bytes, 40 wanted for 2 x 3 x 4"),
    (HUGE, "wanted for 4294967295 x 4294967295 x 4294967295"),
    (packed_head(IMAGES[0]) + IMAGES[0].tobytes(), "begins with 00000802"),
    (bytes((0, 0, 0x0D, 3)) + CONTENT[4:], "begins with 00000d03"),
    (gzip.compress(CONTENT), "begins with 1f8b08"),
]


@pytest.mark.parametrize(("content", "reason"), WRONG, ids=[reason for _, reason in WRONG])
def test_what_is_no_whole_idx_file_is_one_line(tmp_path, content, reason):
    (tmp_path / "images").write_bytes(content)
    with pytest.raises(UserError) as error:
        read_idx(tmp_path / "images", 3, md5(content))
    assert reason in str(error.value) and str(tmp_path / "images") in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "content", [b"", b"\x1f", CONTENT, gzip.compress(CONTENT)[:-9], gzip.compress(CONTENT)[:12] + b"\xff" * 40]
)
def test_a_damaged_gzip_file_is_one_line(tmp_path, content):
    (tmp_path / "images.gz").write_bytes(content)
    with pytest.raises(UserError, match=r"images\.gz: not ") as error:
        read_idx(tmp_path / "images.gz", 3, md5(CONTENT))
    assert "\n" not in str(error.value)


def test_another_version_and_a_missing_file_are_one_line(tmp_path):
    path: Path = tmp_path / "images"
    with pytest.raises(UserError, match="images: cannot be read"):
        read_idx(path, 3, md5(CONTENT))
    path.write_bytes(CONTENT[:-1] + b"\0")
    with pytest.raises(UserError, match="images: hash differs"):
        read_idx(path, 3, md5(CONTENT))
