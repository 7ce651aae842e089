"""Cars196 in both forms in which it is published, and its body types."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from gristmill.data import cars196
from gristmill.data.packed import open_images
from gristmill.data.prepare import prepare
from gristmill.data.schemas import Task, checked
from gristmill.data.source import sample_table
from gristmill.errors import UserError
from gristmill.labels.coarse import group_coarse
from gristmill.labels.grouping import grouping_path, read_grouping
from scripts import make_cars196
from tests.data.test_photographs import photo

NAMES = read_grouping(grouping_path("cars196"))["fine"].tolist()
META, TRAIN = "devkit/cars_meta.mat", "devkit/cars_train_annos.mat"
BOX = ("bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2")


def cells(texts: list[str]) -> np.ndarray:
    found = np.empty((1, len(texts)), object)
    found[0] = texts
    return found


def structs(rows: list[dict]) -> np.ndarray:
    found = np.zeros((1, len(rows)), [(name, object) for name in rows[0]])
    for i, row in enumerate(rows):
        for name, value in row.items():
            found[0, i][name] = value
    return found


def rows(classes: list[int], name: str, **more) -> list[dict]:
    return [
        {**dict.fromkeys(BOX, np.uint16(3)), "class": np.uint8(c), name: f"{i + 1:05d}.jpg", **more}
        for i, c in enumerate(classes)
    ]


def photos(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for i in range(count):
        photo(40 + i, 30, seed=i).save(folder / f"{i + 1:05d}.jpg")


def write_parts(folder: Path, train=(196, 1, 5), test=(7, 7), inside: str = "") -> str:
    """Images and annotations of the two parts; MD5 of the test annotations."""
    photos(folder / "cars_train", len(train))
    photos(folder / "cars_test", len(test))
    (folder / "devkit").mkdir()
    savemat(folder / "devkit" / "cars_meta.mat", {"class_names": cells(NAMES)})
    savemat(folder / "devkit" / "cars_train_annos.mat", {"annotations": structs(rows(list(train), "fname"))})
    path = folder / inside / "cars_test_annos_withlabels.mat"
    savemat(path, {"annotations": structs(rows(list(test), "fname"))})
    return hashlib.md5(path.read_bytes()).hexdigest()


def write_one(folder: Path) -> None:
    """The form with one file for all."""
    photos(folder / "car_ims", 5)
    held = [{**row, "relative_im_path": f"car_ims/{row.pop('fname')}", "test": np.uint8(i in (0, 3))}
            for i, row in enumerate(rows([7, 196, 1, 7, 5], "fname"))]  # fmt: skip
    savemat(folder / "cars_annos.mat", {"annotations": structs(held), "class_names": cells(NAMES)})


@pytest.mark.parametrize("inside", ["", "devkit"])
def test_the_two_parts_are_read_in_their_order(tmp_path, monkeypatch, inside):
    monkeypatch.setattr(cars196, "TEST_MD5", write_parts(tmp_path / "stanford_cars", inside=inside))
    settings = {"source": "cars196", "path": str(tmp_path), "side": 20}
    assert len(cars196.files(settings)) == 3 + 5
    draft, table = prepare(settings, tmp_path / "images.npy")
    assert open_images(draft).sizes.tolist() == [[20, 26], [20, 27], [20, 28], [20, 26], [20, 27]]
    places = ["cars_train/00001", "cars_train/00002", "cars_train/00003", "cars_test/00001", "cars_test/00002"]
    assert table["sample"].tolist() == places
    assert table["part"].tolist() == ["train"] * 3 + ["test"] * 2
    assert table["fine"].tolist() == [195, 0, 4, 6, 6]
    assert table["fine_name"].tolist() == [NAMES[i] for i in (195, 0, 4, 6, 6)]


def test_one_file_for_all_gives_train_before_test(tmp_path):
    write_one(tmp_path)
    _, table = prepare({"source": "cars196", "path": str(tmp_path)}, tmp_path / "images.npy")
    assert table["sample"].tolist() == [f"car_ims/0000{i}" for i in (2, 3, 5, 1, 4)]
    assert table["part"].tolist() == ["train"] * 3 + ["test"] * 2 and table["fine"].tolist() == [195, 0, 4, 6, 6]


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda f: (f / "devkit/cars_meta.mat").unlink(), r"devkit/cars_meta\.mat missing; put cars_train/"),
        (lambda f: (f / "cars_test_annos_withlabels.mat").unlink(), r"cars_test_annos_withlabels\.mat missing; put"),
        (lambda f: (f / "cars_test/00002.jpg").unlink(), r"cars_test/00002\.jpg missing; put"),
        (lambda f: (f / "cars_test_annos_withlabels.mat").write_bytes(b"x"), "hash differs"),
        (lambda f: (f / "devkit/cars_meta.mat").write_bytes(b"x"), r"cars_meta\.mat: not a readable \.mat file"),
        (lambda f: savemat(f / META, {"class_names": cells(["a"] * 196)}), "must hold 196 different names"),
        (lambda f: savemat(f / META, {"names": 1}), "must hold 196 different names, not 0"),
        (lambda f: savemat(f / TRAIN, {"annotations": structs(rows([197], "fname"))}), "class 197 is out"),
        (lambda f: savemat(f / TRAIN, {"annotations": structs([{"fname": "a"}])}), "must have the fields"),
        (lambda f: savemat(f / TRAIN, {"other": 1}), "must have the fields fname, class"),
    ],
)
def test_a_harmed_folder_is_one_line(tmp_path, monkeypatch, harm, reason):
    folder = tmp_path / "raw"
    monkeypatch.setattr(cars196, "TEST_MD5", write_parts(folder))
    harm(folder)
    with pytest.raises(UserError, match=reason) as error:
        prepare({"source": "cars196", "path": str(folder)}, tmp_path / "out" / "images.npy")
    assert "\n" not in str(error.value) and not list((tmp_path / "out").glob("*"))


def test_a_folder_that_is_not_there_says_what_belongs_into_it(tmp_path):
    with pytest.raises(UserError, match=r"devkit/cars_meta\.mat, .*withlabels\.mat missing; put cars_train/"):
        cars196.files({"path": tmp_path / "none"})


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("Made Up Sedan 2012", "Sedan"), ("Made Cargo Van Minivan 1999", "Van"), ("Made Minivan 1999", "Van"),
        ("Made Wagon Van 2012", "Van"), ("Made Crew Cab SUV 2000", "Cab"), ("Made Coupe Convertible 2", "Convertible"),
        ("Made Sedan Wagon 2000", "Sedan"), ("Made SuperCab 2011", None), ("Made Vanquish 2000", None), ("", None),
        ("sedan", None),
    ],
)  # fmt: skip
def test_whole_words_decide_the_body_the_first_that_fits(name, body):
    assert make_cars196.body_type(name) == body


def test_a_name_that_nothing_decides_is_refused():
    with pytest.raises(ValueError, match="Made Up 2012: no word for its body"):
        make_cars196.grouping(["Made Up 2012"])


def test_the_shipped_grouping_is_the_rule_and_fifteen_by_hand(tmp_path):
    make_cars196.write(NAMES, tmp_path / "cars196.csv")
    assert (tmp_path / "cars196.csv").read_bytes() == grouping_path("cars196").read_bytes()
    assert sum(make_cars196.body_type(name) is None for name in NAMES) == len(make_cars196.BY_HAND) == 15


def test_the_task_has_the_published_numbers():
    fine = np.arange(392) % 196
    part = np.where(np.arange(392) < 196, "train", "test")
    table = sample_table([str(i) for i in range(392)], part, fine, NAMES)
    task = checked(Task, group_coarse(table, {"grouping": "cars196"}), "x")
    names = dict(zip(task["label"], task["label_name"], strict=True))
    assert [names[i] for i in range(8)] == list(make_cars196.BODY_TYPES)
    counts = task[task["part"] == "train"]["label"].value_counts().sort_index()
    assert counts.tolist() == [18, 50, 36, 30, 29, 14, 6, 13]
    assert (task["fine_name"] == np.array(NAMES)[task["fine"]]).all()
