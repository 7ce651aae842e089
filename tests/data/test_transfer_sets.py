"""Sets to transfer to: their official parts, in the forms in which they are published."""

import numpy as np
import pytest
from torchvision import datasets

from gristmill.data import caltech101, flowers102, judged, voc2007
from gristmill.data.multi_label import label_matrix
from gristmill.data.packed import open_images
from gristmill.data.prepare import prepare
from gristmill.data.schemas import Prepared, Task, checked
from gristmill.data.source import reader
from gristmill.labels.coarse import group_coarse
from gristmill.parameters.known import sources
from tests.data.transfer_sets import MAKE, made


def test_there_are_twelve_each_with_its_figure():
    assert set(MAKE) | {"cifar10", "cifar100", "cars196"} == set(judged.TRANSFER) and len(judged.TRANSFER) == 12
    assert set(judged.TRANSFER) <= set(sources())
    used = {judged.judged_by(name) for name in judged.TRANSFER}
    assert used == {"top1", "mean_class", "map_11"} and used < set(judged.FIGURES)
    assert set(judged.OTHER) <= set(judged.TRANSFER) and judged.judged_by("omniglot") == "top1"


ROWS: dict[str, list[tuple[str, str, str]]] = {  # sample, part, class, in their order
    "food101": [("images/waffles/11", "train", "waffles"), ("images/waffles/7", "train", "waffles"),
                ("images/apple_pie/3", "train", "apple_pie"), ("images/waffles/2", "test", "waffles"),
                ("images/apple_pie/9", "test", "apple_pie")],
    "fgvc_aircraft": [("data/images/1025794", "train", "F/A-18"), ("data/images/0100002", "train", "Boeing 707"),
                      ("data/images/0100003", "train", "An-12"), ("data/images/0200001", "validation", "An-12"),
                      ("data/images/0300001", "test", "Boeing 707"), ("data/images/0300002", "test", "F/A-18")],
    "dtd": [("images/banded/b_1", "train", "banded"), ("images/dotted/d_1", "train", "dotted"),
            ("images/dotted/d_2", "validation", "dotted"), ("images/banded/b_3", "validation", "banded"),
            ("images/banded/b_2", "test", "banded"), ("images/dotted/d_3", "test", "dotted")],
    "oxford_pets": [("images/Abyssinian_100", "train", "Abyssinian"),
                    ("images/basset_hound_1", "train", "basset_hound"),
                    ("images/Abyssinian_2", "train", "Abyssinian"), ("images/basset_hound_10", "test", "basset_hound")],
    "sun397": [("a/apse/indoor/sun_ab", "train", "apse/indoor"), ("a/abbey/sun_cd", "train", "abbey"),
               ("a/abbey/sun_ef", "test", "abbey")],
    "birdsnap": [("download/images/Acadian_Flycatcher/1", "train", "Acadian Flycatcher"),
                 ("download/images/Coopers_Hawk/4", "train", "Cooper's Hawk"),
                 ("download/images/Coopers_Hawk/2", "test", "Cooper's Hawk")],
    "voc2007": [("000012", "train", "person"), ("000017", "train", "cat"), ("000005", "validation", "cow"),
                ("000001", "test", "person")],
}  # fmt: skip
NAMES = {"food101": ["apple_pie", "waffles"], "fgvc_aircraft": ["Boeing 707", "F/A-18", "An-12"],
         "sun397": ["abbey", "apse/indoor"], "birdsnap": ["Acadian Flycatcher", "Cooper's Hawk"],
         "dtd": ["banded", "dotted"], "oxford_pets": ["Abyssinian", "basset_hound"],
         "voc2007": voc2007.CLASSES}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_the_official_parts_are_read_in_their_order(tmp_path, monkeypatch, name):
    settings = {"source": name, "path": str(made(name, tmp_path, monkeypatch)), "side": 12}
    draft, table = prepare(settings, tmp_path / "images.npy")
    assert list(zip(table["sample"], table["part"], table["fine_name"], strict=True)) == ROWS[name]
    assert [NAMES[name][number] for number in table["fine"]] == table["fine_name"].tolist()
    assert len(open_images(draft)) == len(table) and set(open_images(draft).sizes.min(1)) == {12}
    assert (checked(Task, group_coarse(table, {"grouping": "fine"}), "x")["label"] == table["fine"]).all()


@pytest.mark.parametrize("name", MAKE)
def test_what_a_check_of_the_files_names_is_what_is_read(tmp_path, monkeypatch, name):
    root = made(name, tmp_path, monkeypatch)
    found = reader(name).files({"path": root})
    inner = reader(name).files({"path": root / reader(name).ORIGIN.folder})
    assert found == inner and len(set(found)) == len(found) and all(path.is_file() for path in found)
    assert sum(path.suffix == ".jpg" for path in found) == reader(name).read({"path": root}).count


@pytest.mark.parametrize(
    ("name", "theirs", "parts"),
    [
        ("food101", lambda root, part: datasets.Food101(root, part), ("train", "test")),
        ("fgvc_aircraft", lambda root, part: datasets.FGVCAircraft(root, part), ("train", "val", "test")),
        ("dtd", lambda root, part: datasets.DTD(root, part), ("train", "val", "test")),
        ("flowers102", lambda root, part: datasets.Flowers102(root, part), ("train", "val", "test")),
        ("oxford_pets", lambda root, part: datasets.OxfordIIITPet(root, part), ("trainval", "test")),
    ],
)
def test_torchvision_reads_the_same_from_the_same_folder(tmp_path, monkeypatch, name, theirs, parts):
    root = made(name, tmp_path, monkeypatch)
    if name == "dtd":  # torchvision wants a folder of its name around it
        root = root.rename(root.with_name("dtd")).parent
    if name == "flowers102":
        monkeypatch.setattr(datasets.Flowers102, "_check_integrity", lambda self: True)
    if name == "oxford_pets":  # torchvision does not pass over the remark
        path = root / "oxford-iiit-pet/annotations/test.txt"
        path.write_text(path.read_text().split("\n", 1)[1])
    ours = reader(name).read({"path": root / "dtd" if name == "dtd" else root})
    images, labels = [], []
    for piece in ours.pieces:
        images += piece.images
        labels += piece.table["fine"].tolist()
    found = [sample for part in parts for sample in theirs(str(root), part)]
    assert [label for _, label in found] == labels
    assert all((np.asarray(image) == own).all() for (image, _), own in zip(found, images, strict=True))


def test_pets_know_their_species(tmp_path, monkeypatch):
    root = made("oxford_pets", tmp_path, monkeypatch)
    _, table = prepare({"source": "oxford_pets", "path": str(root)}, tmp_path / "images.npy")
    assert table["coarse_name"].tolist() == ["cat", "dog", "cat", "dog"] and table["coarse"].tolist() == [0, 1, 0, 1]


def test_flowers_are_numbered_as_published(tmp_path, monkeypatch):
    root = made("flowers102", tmp_path, monkeypatch)
    _, table = prepare({"source": "flowers102", "path": str(root)}, tmp_path / "images.npy")
    assert table["part"].tolist() == ["train"] * 102 + ["validation"] * 2 + ["test"] * 2
    assert table["fine"].tolist() == [*range(101, -1, -1), 4, 5, 0, 101]
    assert table["sample"].tolist()[-3:] == ["jpg/image_00104", "jpg/image_00106", "jpg/image_00105"]
    assert datasets.Flowers102.classes == flowers102.CLASSES


def test_thirty_of_each_class_of_caltech_train_whatever_else_is_there(tmp_path, monkeypatch):
    root = made("caltech101", tmp_path, monkeypatch)
    found = caltech101.listing(root / "caltech-101")
    assert found.class_names == ["BACKGROUND_Google", "ant", "zebra"], "the background is a class, as in the papers"
    counts = {(p, f): 0 for p in ("train", "test") for f in range(3)}
    for part, fine in zip(found.part, found.fine, strict=True):
        counts[part, fine] += 1
    assert [counts["train", fine] for fine in range(3)] == [30, 30, 30]
    assert [counts["test", fine] for fine in range(3)] == [1, 3, 1]
    trained = {n for n, part in zip(found.names, found.part, strict=True) if part == "train" and "/zebra/" in n}
    for path in (root / "caltech-101/101_ObjectCategories/ant").iterdir():
        path.unlink()
    (root / "caltech-101/101_ObjectCategories/ant").rmdir()
    again = caltech101.listing(root / "caltech-101")
    assert trained == {n for n, part in zip(again.names, again.part, strict=True) if part == "train" and "/zebra/" in n}


def test_the_classes_of_an_image_stand_in_columns(tmp_path, monkeypatch):
    root = made("voc2007", tmp_path, monkeypatch)
    _, table = prepare({"source": "voc2007", "path": str(root)}, tmp_path / "images.npy")
    labels, names = label_matrix(checked(Prepared, table, "voc2007"))
    assert names == voc2007.CLASSES and labels.shape == (4, 20)
    stored = [{names[c]: int(row[c]) for c in np.flatnonzero(row)} for row in labels]
    assert stored == [{"car": 1, "person": 1}, {"cat": 1, "dog": -1}, {"cow": -1, "sheep": -1}, {"person": 1}]
    task = checked(Task, group_coarse(table, {"grouping": "fine"}), "x")
    test = task[task["part"] == "test"]
    assert label_matrix(table.iloc[test["row"]])[0].tolist() == labels[3:].tolist(), "a task's rows lead to them"
    assert label_matrix(table[["sample", "fine"]]) is None
