"""Damaged files of CIFAR give one line that names the file, before anything is made of them."""

import hashlib
import zlib
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gristmill.data import cifar, cifar10, cifar100
from gristmill.errors import UserError
from tests.data.cifar_files import (
    FORMS,
    encoded,
    feature_metadata,
    tiny,
    write_archive,
    write_parquet,
    write_pickles,
    write_shard,
)

C10 = cifar10.LAYOUT


def one_line(error: pytest.ExceptionInfo) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("write", FORMS, ids=lambda write: write.__name__)
def test_a_truncated_file_is_refused_by_name(tmp_path, write):
    layout, *arrays = tiny(C10)
    layout = write(tmp_path, layout, *arrays) or layout
    path = cifar.find_files({"path": tmp_path}, layout)[0]
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError) as error:
        cifar.read_set({"path": tmp_path}, layout)
    assert path.name in one_line(error) and "damaged" in one_line(error)


def test_a_changed_byte_is_seen_by_the_hash(tmp_path):
    layout, *arrays = tiny(C10)
    layout = write_pickles(tmp_path, layout, *arrays)
    path = tmp_path / layout.folder / "data_batch_2"
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"data_batch_2: hash differs \(expected .{8}\.\.\., found .{8}\.\.\.\)"):
        cifar.read_set({"path": tmp_path}, layout)


def test_an_archive_cut_short_with_its_right_hash_is_one_line(tmp_path):
    layout, *arrays = tiny(C10)
    layout = write_archive(tmp_path, layout, *arrays)
    cut = (tmp_path / layout.archive).read_bytes()[:3000]
    (tmp_path / layout.archive).write_bytes(cut)
    with pytest.raises(UserError, match="not a readable archive of cifar10"):
        cifar.read_set({"path": tmp_path}, replace(layout, archive_md5=hashlib.md5(cut).hexdigest()))


@pytest.mark.parametrize("content", [b"not an image", b"", None, "cut"], ids=["noise", "empty", "none", "cut"])
def test_an_image_that_does_not_decode_names_shard_and_row(tmp_path, content):
    layout, images, fine, coarse = tiny(C10)
    write_parquet(tmp_path, layout, images, fine, coarse)
    contents: list = [encoded(image, format="PNG") for image in images[:4]]
    contents[3] = contents[3][: len(contents[3]) // 2] if content == "cut" else content
    write_shard(tmp_path / "train-00001-of-00002.parquet", layout, contents, fine[:4], coarse[:4])
    with pytest.raises(UserError, match=r"train-00001-of-00002\.parquet: row 3: ") as error:
        cifar.read_set({"path": tmp_path}, layout)
    one_line(error)


def test_an_image_of_another_size_is_refused_before_it_is_decoded(tmp_path):
    layout, images, fine, coarse = tiny(C10)
    write_parquet(tmp_path, layout, images, fine, coarse)
    large = encoded(np.zeros((200, 100, 3), np.uint8), format="PNG")
    write_shard(tmp_path / "test-00000-of-00001.parquet", layout, [large], fine[:1], coarse[:1])
    with pytest.raises(UserError, match="row 0: the image is 100 x 200, not 32 x 32"):
        cifar.read_set({"path": tmp_path}, layout)


def test_an_image_that_claims_to_be_huge_is_refused_before_it_is_decoded(tmp_path):
    layout, images, fine, coarse = tiny(C10)
    write_parquet(tmp_path, layout, images, fine, coarse)
    content = encoded(images[0], format="PNG")
    header = b"IHDR" + (100_000).to_bytes(4) * 2 + content[24:29]
    bomb = content[:12] + header + zlib.crc32(header).to_bytes(4) + content[33:]
    write_shard(tmp_path / "test-00000-of-00001.parquet", layout, [bomb], fine[:1], coarse[:1])
    with pytest.raises(UserError, match=r"test-00000-of-00001\.parquet: row 0: the image claims to be huge") as error:
        cifar.read_set({"path": tmp_path}, layout)
    one_line(error)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pa.array([b"x"]), "column 'img' is binary, not images"),
        (pa.array(["x"]), "column 'img' is string, not images"),
        (pa.array([{"path": "0.png"}]), "column 'img' is struct<path: string>, not images"),
        (pa.array([{"bytes": "x"}]), "column 'img': its field 'bytes' is string, not binary"),
        (pa.array([{"bytes": None}]), "row 0: the field 'img' holds no bytes"),
    ],
)
def test_images_of_another_kind_name_shard_and_place(tmp_path, column, words):
    layout, images, fine, coarse = tiny(C10)
    write_parquet(tmp_path, layout, images, fine, coarse)
    path = tmp_path / "test-00000-of-00001.parquet"
    pq.write_table(pa.table({"img": column, "label": pa.array(fine[:1])}), path)
    with pytest.raises(UserError) as error:
        cifar.read_set({"path": tmp_path}, layout)
    assert one_line(error).startswith(f"{path}: {words}")


@pytest.mark.parametrize("write", FORMS, ids=lambda write: write.__name__)
def test_labels_out_of_range_name_file_and_row(tmp_path, write):
    layout, images, fine, coarse = tiny(C10)
    fine[4] = 10
    layout = write(tmp_path, layout, images, fine, coarse) or layout
    row = 2 if write is write_parquet else 4   # the second shard begins with image 2
    with pytest.raises(UserError, match=rf"row {row}: label 10 is out of range 0\.\.9"):
        cifar.read_set({"path": tmp_path}, layout)


def test_names_in_another_order_are_refused(tmp_path):
    layout, images, fine, coarse = tiny(C10)
    write_parquet(tmp_path, layout, images, fine, coarse)
    swapped = replace(layout, fine_names=("automobile", "airplane", *layout.fine_names[2:]))
    contents: list[bytes | None] = [encoded(images[0], format="PNG")]
    path = tmp_path / "test-00000-of-00001.parquet"
    write_shard(path, layout, contents, fine[:1], coarse[:1], feature_metadata(swapped))
    with pytest.raises(UserError, match="label 0 of 'label' is 'automobile', not 'airplane'"):
        cifar.read_set({"path": tmp_path}, layout)
    spelled = replace(layout, fine_names=("aeroplane", *layout.fine_names[1:]))
    write_shard(path, layout, contents, fine[:1], coarse[:1], feature_metadata(spelled))
    assert cifar.read_set({"path": tmp_path}, layout).table["fine_name"].isin(layout.fine_names).all()


def test_a_parquet_file_of_another_set_names_the_column(tmp_path):
    layout, *arrays = tiny(C10)
    write_parquet(tmp_path, layout, *arrays)
    with pytest.raises(UserError, match="no column 'fine_label' for cifar100; found img, label"):
        cifar100.read({"path": tmp_path})
