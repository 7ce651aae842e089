"""ImageNet-100 in class folders: photographs of many sizes and kinds, and folders that are not as they must be."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gristmill.data import imagenet100
from gristmill.data.imagenet32 import class_table
from gristmill.data.packed import open_images
from gristmill.data.photographs import reduced
from gristmill.data.prepare import prepare
from gristmill.data.schemas import Task, checked
from gristmill.errors import UserError
from gristmill.labels.coarse import group_coarse
from gristmill.parameters.check import problems
from gristmill.parameters.read import read
from tests.data.test_photographs import photo
from tests.project import ROOT

ROBIN, BADGER, STINKHORN = "n01558993", "n02447366", "n13040303"   # the second is no class of LoGo's
CLASSES = [STINKHORN, ROBIN]
KINDS = {"_1.JPEG": "RGB", "_10.jpg": "L", "_2.JPG": "CMYK", "_3.jpeg": "RGB", "_4.Png": "P"}   # in the order of names


def small(folder: Path, classes: list[str], sizes: tuple[tuple[int, int], ...] = ((60, 40), (34, 50))) -> Path:
    """Five photographs of each class to train, two to validate, in two sizes and of every kind."""
    for place, number in (("train", 5), ("val", 2)):
        for name in classes:
            (folder / place / name).mkdir(parents=True, exist_ok=True)
            for i, (end, mode) in enumerate(list(KINDS.items())[:number]):
                seed = i + 10 * classes.index(name) + 100 * (place == "val")
                photo(*sizes[i % 2], seed=seed).convert(mode).save(folder / place / name / f"{name}{end}")
    return folder


def settings(folder: Path, **more: object) -> dict[str, object]:
    return {"source": "imagenet100", "path": str(folder), "classes": CLASSES} | more


@pytest.fixture
def folder(tmp_path) -> Path:
    return small(tmp_path / "raw", [*CLASSES, BADGER])


def test_photographs_come_class_by_class_in_color_whatever_their_kind(folder, tmp_path):
    for stray in (".DS_Store", f"._{ROBIN}_1.JPEG", "notes.txt", "images.tar"):
        (folder / "train" / ROBIN / stray).write_bytes(b"no photograph")
    draft, table = prepare(settings(folder), tmp_path / "images.npy")
    images = open_images(draft)
    assert len(images) == len(table) == 14 and images.channels == 3
    assert {tuple(size) for size in images.sizes.tolist()} == {(40, 60), (50, 34)}, "they keep their sizes"
    names = [f"train/{name}/{name}{end}" for name in (ROBIN, STINKHORN) for end in KINDS]
    assert table["sample"].tolist()[:10] == names
    assert table["part"].tolist() == ["train"] * 10 + ["test"] * 4
    assert table["fine"].tolist() == [0] * 5 + [1] * 5 + [0, 0, 1, 1], "numbered by the sorted folders, as released"
    assert table.drop_duplicates("fine")["fine_name"].tolist() == ["robin", "stinkhorn"]
    assert table["wnid"].tolist()[::5] == [ROBIN, STINKHORN, ROBIN]
    for place in range(14):
        with Image.open(folder / table["sample"][place]) as image:
            assert (images[place] == np.asarray(image.convert("RGB"))).all()
    assert (checked(Task, group_coarse(table, {"grouping": "fine"}), "x")["label"] == table["fine"]).all()


def test_a_side_reduces_the_large_ones(folder, tmp_path):
    draft, table = prepare(settings(folder, side=36), tmp_path / "images.npy")
    images = open_images(draft)
    assert sorted(set(images.sizes.min(1))) == [34, 36]
    with Image.open(folder / table["sample"][0]) as image:
        assert (images[0] == np.asarray(reduced(image.convert("RGB"), 36))).all()


def test_folders_with_names_of_ones_own_are_classes_of_that_name(tmp_path):
    folder = small(tmp_path / "raw", ["spoons", ROBIN])
    _, table = prepare(settings(folder, classes=["spoons", ROBIN]), tmp_path / "images.npy")
    assert table.drop_duplicates("fine")["fine_name"].tolist() == [ROBIN, "spoons"] and "wnid" not in table


def test_without_a_list_they_are_the_hundred_of_the_release():
    classes, (_, wnids, _) = imagenet100.class_names({}), class_table()
    assert len(set(classes)) == 100 and set(classes) < set(wnids) and classes == sorted(classes)
    assert (classes[0], classes[-1], BADGER in classes) == (ROBIN, STINKHORN, False)


def test_what_a_check_of_the_files_names_is_what_is_read(folder):
    found = imagenet100.files(settings(folder))
    assert len(found) == 14 and all(path.is_file() for path in found)
    assert not [path for path in found if BADGER in path.parts], "other classes are passed over"


def emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def moved_out(folder: Path) -> None:
    """As the archive of the validation images is unpacked: all in one folder."""
    for path in list(folder.glob("*/*")):
        path.rename(folder / path.name)
    for path in list(folder.glob("n*/")):
        path.rmdir()


def a_file_instead(folder: Path) -> None:
    emptied(folder)
    folder.rmdir()
    folder.touch()


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda f: f.rename(f.with_name("elsewhere")), rf"raw: train/{ROBIN} and 3 more of 4 missing; put the ph"),
        (lambda f: (f / "val").rename(f / "test"), rf"raw: val/{ROBIN} and 1 more of 4 missing; put the photographs"),
        (lambda f: moved_out(f / "val"), rf"raw: val/{ROBIN} and 1 more of 4 missing; .* into .*/val/<class>/, see"),
        (lambda f: (f / "train" / ROBIN).rename(f / "robin"), rf"raw: train/{ROBIN} missing; put the photographs of"),
        (lambda f: a_file_instead(f / "train" / ROBIN), rf"train/{ROBIN}: cannot be read \(Not a directory\); it must"),
        (lambda f: emptied(f / "val" / STINKHORN), rf"val/{STINKHORN}: no photograph \(\.jpeg, .*\) in it; get the im"),
        (lambda f: cut(f / "train" / ROBIN / f"{ROBIN}_1.JPEG"), r"_1\.JPEG: not a readable photograph \(.*truncated"),
        (lambda f: (f / "val" / ROBIN / "x.JPEG").write_bytes(b""), r"x\.JPEG: not a readable photograph .*; get it a"),
        (lambda f: (f / "val" / ROBIN / "x.JPEG").mkdir(), r"x\.JPEG: Is a directory; get it again"),
        (lambda f: (f / "val" / ROBIN / "x.JPEG").symlink_to(f / "none"), r"x\.JPEG: No such file or directory; get"),
    ],
    ids=["folder", "val", "flat", "class", "file", "empty", "truncated", "nothing", "directory", "link"],
)  # fmt: skip
def test_a_harmed_folder_is_one_line(folder, tmp_path, harm, reason):
    harm(folder)
    with pytest.raises(UserError, match=reason) as error:
        prepare(settings(folder), tmp_path / "out" / "images.npy")
    assert "\n" not in str(error.value) and not list((tmp_path / "out").glob("*"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-50])


@pytest.mark.parametrize(
    ("source", "classes", "reason"),
    [
        ("imagenet100", [ROBIN, "spoons", ROBIN], f"classes: {ROBIN} stands twice"),
        ("imagenet100", [], "classes: "),
        ("imagenet100", ["../secret"], "classes"),
        ("sop", [ROBIN], "classes: source sop has its own; leave classes out"),
    ],
)
def test_a_list_of_classes_that_cannot_be_is_one_line(source, classes, reason):
    parameters = read(ROOT / "paper/params.yaml")
    parameters["datasets"]["sop"] |= {"source": source, "classes": classes}
    (line,) = problems(parameters)
    assert line.startswith("params.yaml: datasets.sop") and re.search(reason, line), line
