"""CIFAR in all its forms gives one and the same set, and missing files are named."""

import io

import numpy as np
import pytest
from PIL import Image

from gristmill.data import cifar, cifar10, cifar100
from gristmill.data.schemas import Prepared, checked
from gristmill.errors import UserError
from tests.data.cifar_files import (
    FORMS,
    LAYOUTS,
    encoded,
    tiny,
    write_parquet,
    write_pickles,
    write_shard,
)

C10 = cifar10.LAYOUT


def one_line(error: pytest.ExceptionInfo) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize("write", FORMS, ids=lambda write: write.__name__)
def test_every_form_gives_the_same_images_and_table(tmp_path, layout, write):
    layout, images, fine, coarse = tiny(layout)
    layout = write(tmp_path, layout, images, fine, coarse) or layout
    found = cifar.read_set({"path": str(tmp_path)}, layout)
    train = sum(batch.rows for batch in layout.batches if batch.part == "train")
    assert (found.images == images).all()
    assert found.table["fine"].tolist() == fine.tolist()
    assert found.table["fine_name"].tolist() == [layout.fine_names[label] for label in fine]
    assert found.table["part"].tolist() == ["train"] * train + ["test"] * 4
    assert found.table["sample"].tolist()[train - 1 : train + 1] == [f"train/{train - 1:05d}", "test/00000"]
    if layout.coarse_names:
        assert found.table["coarse"].tolist() == coarse.tolist()
        assert found.table["coarse_name"].tolist() == [layout.coarse_names[label] for label in coarse]
    checked(Prepared, found.table, "tiny")


def test_jpeg_decodes_as_pillow_decodes_it(tmp_path):
    layout, images, fine, coarse = tiny(C10)
    contents: list[bytes | None] = [encoded(image, format="JPEG") for image in images]
    write_shard(tmp_path / "train-00000-of-00001.parquet", layout, contents[:30], fine[:30], coarse[:30])
    write_shard(tmp_path / "test-00000-of-00001.parquet", layout, contents[30:], fine[30:], coarse[30:])
    found = cifar.read_set({"path": tmp_path}, layout).images
    assert (found == [np.asarray(Image.open(io.BytesIO(content or b""))) for content in contents]).all()


def test_parquet_lies_in_a_subfolder_as_in_the_published_repositories(tmp_path):
    layout, *arrays = tiny(C10)
    write_parquet(tmp_path / "plain_text", layout, *arrays)
    assert len(cifar.read_set({"path": tmp_path}, layout).images) == 34


def test_the_official_files_are_named_by_their_published_checksums():
    assert C10.batches[0].md5 == "c99cafc152244af753f735de768cd75f" and len(C10.batches) == 6
    assert cifar100.LAYOUT.archive_md5 == "eb9058c3a382ffc7106e4002c42a8d85"
    for names, count in ((cifar100.LAYOUT.fine_names, 100), (cifar100.LAYOUT.coarse_names, 20)):
        assert len(names) == count and list(names) == sorted(set(names))


# What is missing


@pytest.mark.parametrize("made", [False, True], ids=["no folder", "empty folder"])
def test_missing_files_say_which_from_where_and_to_which_folder(tmp_path, made):
    folder = tmp_path / "raw"
    if made:
        folder.mkdir()
    with pytest.raises(UserError) as error:
        cifar10.files({"path": folder})
    message = one_line(error)
    assert all(part in message for part in (str(folder), "cifar-10-python.tar.gz", C10.url, "gristmill fetch cifar10"))


def test_a_missing_batch_is_named(tmp_path):
    layout, *arrays = tiny(C10)
    layout = write_pickles(tmp_path, layout, *arrays)
    (tmp_path / layout.folder / "data_batch_3").unlink()
    with pytest.raises(UserError, match="data_batch_3 missing"):
        cifar.find_files({"path": tmp_path}, layout)


def test_a_missing_shard_is_named(tmp_path):
    layout, *arrays = tiny(C10)
    write_parquet(tmp_path, layout, *arrays)
    (tmp_path / "train-00001-of-00002.parquet").unlink()
    with pytest.raises(UserError, match=r"train-00001-of-00002\.parquet is missing"):
        cifar.find_files({"path": tmp_path}, layout)


def test_a_missing_part_and_two_versions_are_named(tmp_path):
    layout, *arrays = tiny(C10)
    write_parquet(tmp_path, layout, *arrays)
    (tmp_path / "test-00000-of-00001.parquet").rename(tmp_path / "test.parquet")
    assert len(cifar.find_files({"path": tmp_path}, layout)) == 3
    (tmp_path / "train.parquet").write_bytes(b"")
    with pytest.raises(UserError, match="train lies there in two versions"):
        cifar.find_files({"path": tmp_path}, layout)
    (tmp_path / "train.parquet").unlink()
    (tmp_path / "test.parquet").unlink()
    with pytest.raises(UserError, match="no test-"):
        cifar.find_files({"path": tmp_path}, layout)
