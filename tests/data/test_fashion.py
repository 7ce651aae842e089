"""The embedded part of Fashion-MNIST is the published one, in the order of the original files."""

import numpy as np
import pytest

from gristmill.data import fashion, fashion_mnist
from gristmill.data.prepare import prepare
from gristmill.data.source import Samples
from gristmill.errors import UserError
from tests.data.idx_files import TRAIN, write


@pytest.fixture(scope="module")
def pictures() -> Samples:
    return fashion.read({})


def test_every_class_has_as_many_pictures_in_the_order_of_the_files(pictures):
    images, table = pictures
    assert images.shape == (9000, 28, 28, 1) and images.dtype == np.uint8
    assert table["part"].tolist() == ["train"] * 7000 + ["test"] * 2000
    assert table.groupby(["part", "fine"]).size().to_dict() == {
        (part, fine): count for part, count in (("train", 700), ("test", 200)) for fine in range(10)
    }
    position = table["sample"].str.rsplit("/", n=1).str[1].astype(int)
    assert all((np.diff(position[table["part"] == part]) > 0).all() for part in ("train", "test"))
    assert (table["sample"].str.split("/").str[0] == table["part"]).all()
    assert table["fine_name"].tolist() == [fashion_mnist.NAMES[label] for label in table["fine"]]


def test_the_first_labels_are_the_published_ones(pictures):
    table = pictures.table
    assert table["fine"].iloc[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert table["fine"].iloc[7000:7010].tolist() == [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]
    assert table["sample"].iloc[[0, 9, 7000]].tolist() == ["train/00000", "train/00009", "test/00000"]


def test_the_pictures_are_as_bright_as_those_of_the_whole_set(pictures):
    train = pictures.images[:7000] / 255
    assert train.mean() == pytest.approx(0.286, abs=0.002) and train.std() == pytest.approx(0.353, abs=0.002)


def test_it_is_prepared_as_every_set_is():
    images, table = prepare({"source": "fashion", "path": str(fashion.EMBEDDED)})
    assert len(images) == len(table) == 9000 and len(table.attrs["images_sha256"]) == 64


def test_a_changed_a_truncated_and_a_missing_file_are_refused(tmp_path):
    content = bytearray(fashion.EMBEDDED.read_bytes())
    (tmp_path / "cut.npz").write_bytes(content[:-1])
    content[1000] ^= 1
    (tmp_path / "changed.npz").write_bytes(content)
    for name in ("cut", "changed"):
        with pytest.raises(UserError, match=rf"{name}\.npz: hash differs \(expected 909fef60\.\.\."):
            fashion.read({"path": tmp_path / f"{name}.npz"})
    with pytest.raises(UserError, match=r"none\.npz: no such file"):
        fashion.files({"path": tmp_path / "none.npz"})


def test_the_embedded_file_is_small_and_its_licence_lies_beside_it():
    assert fashion.EMBEDDED.stat().st_size < 4_000_000
    assert "2017 Zalando SE" in fashion.EMBEDDED.with_name("FASHION_LICENSE").read_text(encoding="utf-8")


def test_the_script_takes_the_first_of_each_class_in_file_order(tmp_path, monkeypatch):
    from scripts import make_fashion

    train, train_labels, test, test_labels = write(tmp_path, monkeypatch)
    monkeypatch.setattr(make_fashion, "FIRST", {"train": 2, "test": 1})
    (tmp_path / "data" / "embedded").mkdir(parents=True)
    make_fashion.main(tmp_path, tmp_path)
    with np.load(tmp_path / "data" / "embedded" / "fashion.npz") as archive:
        made = dict(archive)
    first = sorted(i for label in range(10) for i in np.flatnonzero(train_labels == label)[:2])
    first_test = sorted(np.flatnonzero(test_labels == label)[0] for label in range(10))
    assert made["position"].tolist() == [*first, *first_test] and made["test"].tolist() == [False] * 20 + [True] * 10
    assert (made["images"] == np.concatenate([train[first], test[first_test]])).all()
    assert (made["label"] == np.concatenate([train_labels[first], test_labels[first_test]])).all()
    assert max(first) < TRAIN


def test_the_script_makes_the_same_bytes_from_the_files(tmp_path, fashion_folder):
    from scripts import make_fashion

    (tmp_path / "data" / "embedded").mkdir(parents=True)
    make_fashion.main(fashion_folder, tmp_path)
    assert (tmp_path / "data" / "embedded" / "fashion.npz").read_bytes() == fashion.EMBEDDED.read_bytes()
