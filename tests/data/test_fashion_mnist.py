"""The whole Fashion-MNIST from its four files, in every way that they lie in a folder."""

import gzip
from collections import Counter

import numpy as np
import pytest

from gristmill.data import fashion_mnist
from gristmill.data.prepare import prepare
from gristmill.errors import UserError
from tests.data.idx_files import TEST, TRAIN, write


@pytest.mark.parametrize("place", [".", "FashionMNIST/raw"])
@pytest.mark.parametrize("packed", [True, False])
def test_raw_and_packed_files_and_torchvisions_folder_give_the_same_table(tmp_path, monkeypatch, packed, place):
    train, train_labels, test, test_labels = write(tmp_path / place, monkeypatch, packed)
    images, table = prepare({"source": "fashion_mnist", "path": str(tmp_path)})
    assert (images[..., 0] == np.concatenate([train, test])).all()
    assert table["part"].tolist() == ["train"] * TRAIN + ["test"] * TEST
    assert table["fine"].tolist() == [*train_labels, *test_labels]
    assert table["fine_name"].tolist() == [fashion_mnist.NAMES[label] for label in table["fine"]]
    assert table["sample"].iloc[[0, TRAIN - 1, TRAIN]].tolist() == ["train/00000", "train/00029", "test/00000"]


def test_some_files_raw_and_some_packed_are_read(tmp_path, monkeypatch):
    write(tmp_path, monkeypatch)
    labels = tmp_path / "train-labels-idx1-ubyte.gz"
    labels.with_suffix("").write_bytes(gzip.decompress(labels.read_bytes()))
    labels.unlink()
    assert len(fashion_mnist.read({"path": tmp_path}).table) == TRAIN + TEST
    assert [path.suffix for path in fashion_mnist.files({"path": tmp_path})] == [".gz", "", ".gz", ".gz"]


def test_missing_files_are_named_with_where_to_get_them(tmp_path, monkeypatch):
    write(tmp_path, monkeypatch)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(UserError, match=r": t10k-labels-idx1-ubyte missing, raw or \.gz; `gristmill fetch fashion_mn"):
        fashion_mnist.files({"path": tmp_path})
    with pytest.raises(UserError, match=r"train-images-idx3-ubyte, .*, t10k-labels-idx1-ubyte missing"):
        fashion_mnist.files({"path": tmp_path / "none"})


def test_a_file_of_another_set_is_refused(tmp_path, monkeypatch):
    write(tmp_path, monkeypatch)
    (tmp_path / "t10k-images-idx3-ubyte.gz").replace(tmp_path / "train-images-idx3-ubyte.gz")
    write(tmp_path / "FashionMNIST" / "raw", monkeypatch)
    with pytest.raises(UserError, match=r"train-images-idx3-ubyte\.gz: hash differs"):
        fashion_mnist.read({"path": tmp_path})


def test_the_real_files_are_read_as_they_are_published(fashion_folder):
    images, table = fashion_mnist.read({"path": fashion_folder})
    assert images.shape == (70_000, 28, 28, 1)
    train = images[: table["part"].eq("train").sum()] / 255
    assert len(train) == 60_000 and train.mean() == pytest.approx(0.28604060, abs=1e-8)
    assert train.std() == pytest.approx(0.35302424, abs=1e-8)
    assert table["fine"].iloc[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert table["fine"].iloc[60_000:60_010].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    count = Counter(zip(table["part"], table["fine"], strict=True))
    assert set(count.values()) == {6_000, 1_000} and len(count) == 20
