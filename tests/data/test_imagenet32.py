"""ImageNet32 in the form of its files: pickles of planes and of labels in an order of their own."""

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest

from gristmill.data import imagenet32
from gristmill.data.packed import open_images
from gristmill.data.prepare import prepare
from gristmill.errors import UserError
from tests.data.cifar_files import photographs

GOLDEN = Path(__file__).parents[1] / "golden" / "coarse" / "labels_imagenet32.npz"


def write(folder: Path, protocol: int = 4, rows: int = 3, array: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """All eleven files in two folders, as the archives are unpacked; images and labels of all."""
    count = rows * len(imagenet32.FILES)
    images, labels = photographs(count), np.random.default_rng(0).permutation(1000)[:count] + 1
    labels[:2] = 1, 1000
    for number, name in enumerate(imagenet32.FILES):
        place = folder / ("Imagenet32_val" if name == "val_data" else "Imagenet32_train")
        place.mkdir(parents=True, exist_ok=True)
        taken = slice(number * rows, (number + 1) * rows)
        planes = np.ascontiguousarray(images[taken].transpose(0, 3, 1, 2)).reshape(rows, -1)
        values = {"data": planes, "labels": labels[taken] if array else labels[taken].tolist()}
        if name != "val_data":
            values["mean"] = planes.mean(0)
        (place / name).write_bytes(pickle.dumps(values, protocol))
    return images, labels


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(imagenet32, "COUNTS", {"train": 30, "test": 3})
    monkeypatch.setattr(imagenet32, "BLOCK", 2)


@pytest.mark.parametrize("array", [False, True])
@pytest.mark.parametrize("protocol", range(6))
def test_every_form_of_the_files_is_read(tmp_path, protocol, array):
    images, labels = write(tmp_path / "raw", protocol, array=array)
    draft, table = prepare({"source": "imagenet32", "path": str(tmp_path / "raw")}, tmp_path / "images.npy")
    assert (open_images(draft) == images).all()
    assert table.attrs["images_sha256"] == hashlib.sha256(images.tobytes()).hexdigest()
    assert table["part"].tolist() == ["train"] * 30 + ["test"] * 3
    assert table["sample"].iloc[[0, 29, 30]].tolist() == ["train/0000000", "train/0000029", "test/0000000"]
    with np.load(GOLDEN) as published:
        fine = published["file_label_to_fine"][labels - 1]
        assert (table["fine"] == fine).all()
        assert table["wnid"].tolist() == [f"n{published['wnid'][f]:08d}" for f in fine]


def test_the_classes_are_the_published_ones_each_with_a_name_of_its_own():
    to_fine, wnids, names = imagenet32.class_table()
    with np.load(GOLDEN) as published:
        assert (to_fine == published["file_label_to_fine"]).all()
        assert wnids == [f"n{number:08d}" for number in published["wnid"]] == sorted(wnids)
    assert len(set(names)) == 1000
    assert [names[i] for i in (0, 134, 517, 278)] == ["tench", "crane (n02012849)", "crane (n03126707)", "kit_fox"]


def test_missing_files_are_named_with_where_to_get_them(tmp_path):
    write(tmp_path)
    (tmp_path / "Imagenet32_train" / "train_data_batch_7").unlink()
    (tmp_path / "Imagenet32_val" / "val_data").unlink()
    with pytest.raises(UserError, match=r"train_data_batch_7, val_data missing; get .* from https://image-net"):
        imagenet32.files({"path": tmp_path})
    with pytest.raises(UserError, match=r"train_data_batch_1, .*val_data missing"):
        imagenet32.files({"path": tmp_path / "none"})


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"data": np.zeros((3, 3072), np.uint8), "labels": [0, 1, 2]}, "row 0: label 0 is out of range 1..1000"),
        ({"data": np.zeros((3, 3072), np.uint8), "labels": [1, 2]}, "'labels' must list 3 whole numbers"),
        ({"data": np.zeros((3, 3072)), "labels": [1, 1, 2]}, "'data' must be N x 3072 uint8, not"),
        ({"data": np.zeros((3, 100), np.uint8), "labels": [1, 1, 2]}, "'data' must be N x 3072 uint8, not"),
        ({"labels": [1, 1, 2]}, "'data' must be N x 3072 uint8, not NoneType"),
        ({"data": np.zeros((2, 3072), np.uint8), "labels": [1, 1]}, "29 images of the part train, not 30"),
        ({"data": print, "labels": [1, 1]}, "not a readable pickle file"),
    ],
)
def test_wrong_contents_are_one_line_and_leave_nothing(tmp_path, values, reason):
    write(tmp_path / "raw")
    (tmp_path / "raw" / "Imagenet32_train" / "train_data_batch_4").write_bytes(pickle.dumps(values))
    with pytest.raises(UserError, match=reason) as error:
        prepare({"source": "imagenet32", "path": str(tmp_path / "raw")}, tmp_path / "out" / "images.npy")
    assert "\n" not in str(error.value) and not list((tmp_path / "out").iterdir())
