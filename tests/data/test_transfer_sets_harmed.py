"""Sets to transfer to with something missing or wrong: one line says what, and where the set is to be had."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scipy.io import savemat

from gristmill.data import flowers102
from gristmill.data.prepare import prepare
from gristmill.data.source import reader
from gristmill.errors import UserError
from tests.data.transfer_sets import MAKE, made, put

Harm = Callable[[Path], Any]


def rewrite(path: str, old: str, new: str) -> Harm:
    return lambda root: (root / path).write_text((root / path).read_text().replace(old, new))


def drop(path: str) -> Harm:
    return lambda root: (root / path).unlink()


def mat(name: str, **fields: Any) -> Harm:
    return lambda root: savemat(root / "flowers-102" / name, fields)


AIR, PETS, VOC = "fgvc-aircraft-2013b/data/", "oxford-iiit-pet/annotations/", "VOCdevkit/VOC2007/"
HARMED: list[tuple[str, Harm, str]] = [
    ("food101", drop("food-101/meta/test.json"), r"meta/test\.json: no such file; get food-101\.tar\.gz from http"),
    ("food101", drop("food-101/images/waffles/2.jpg"), r"images/waffles/2\.jpg missing; get food-101"),
    ("food101", rewrite("food-101/meta/train.json", "{", "["), r"train\.json: not a JSON file \(.*\); get"),
    ("food101", lambda f: put(f / "food-101/meta/train.json", "[]"), r"train\.json: must list the photographs of each"),
    ("food101", rewrite("food-101/meta/test.json", "apple_pie\":", "apples\":"), r"the class apple_pie is in one list"),
    ("food101", lambda f: put(f / "food-101/meta/train.json", '{"apple_pie": [], "waffles": ["waffles/7"]}'),
     "no image of the class apple_pie to train with; get food"),
    ("birdsnap", drop("birdsnap/test_images.txt"), r"test_images\.txt: no such file; get birdsnap\.tgz"),
    ("birdsnap", drop("birdsnap/download/images/Coopers_Hawk/4.jpg"), "no image of the class Cooper's Hawk to train"),
    ("birdsnap", lambda f: (f / "birdsnap/download").rename(f / "gone"), "birdsnap: download/images missing; get"),
    ("birdsnap", rewrite("birdsnap/images.txt", "\t", " "), r"images\.txt: must have the columns path, species_id"),
    ("birdsnap", rewrite("birdsnap/images.txt", "\t2\t1", "\t9\t1"), r"images\.txt: species 9 is not in species\.txt"),
    ("sun397", drop("SUN397/Partitions/Testing_01.txt"), r"SUN397/Testing_01\.txt: no such file; get SUN397\.tar\.gz"),
    ("sun397", drop("SUN397/a/abbey/sun_cd.jpg"), r"a/abbey/sun_cd\.jpg missing; get SUN397"),
    ("sun397", rewrite("SUN397/Partitions/Testing_01.txt", "abbey", "alley"), "'a/alley' is none of the 2 classes"),
    ("sun397", rewrite("SUN397/Partitions/Testing_01.txt", "sun_ef", "sun_cd"), r"sun_cd\.jpg stands twice in the"),
    ("fgvc_aircraft", drop(AIR + "variants.txt"), r"variants\.txt: no such file; get fgvc-aircraft-2013b\.tar\.gz"),
    ("fgvc_aircraft", drop(AIR + "images_variant_val.txt"), r"images_variant_val\.txt: no such file; get"),
    ("fgvc_aircraft", drop(AIR + "images/0300002.jpg"), r"data/images/0300002\.jpg missing; get"),
    ("fgvc_aircraft", rewrite(AIR + "images_variant_train.txt", "An-12", "An 12"), "'An 12' is none of the 3 classes"),
    ("fgvc_aircraft", rewrite(AIR + "images_variant_train.txt", "An-12", "F/A-18"), "no image of the class An-12"),
    ("fgvc_aircraft", rewrite(AIR + "variants.txt", "An-12", "F/A-18"), "the class F/A-18 stands twice; get"),
    ("dtd", drop("dtd/labels/train1.txt"), r"labels/train1\.txt: no such file; get dtd-r1\.0\.1\.tar\.gz from https"),
    ("dtd", drop("dtd/images/banded/b_2.jpg"), r"images/banded/b_2\.jpg missing; get"),
    ("dtd", rewrite("dtd/labels/test1.txt", "banded", "woven"), "no image of the class woven to train with"),
    ("dtd", lambda f: put(f / "dtd/labels/val1.txt", "\n"), r"val1\.txt: nothing in it; get dtd"),
    ("dtd", lambda f: (f / "dtd/labels/val1.txt").write_bytes(b"\xff"), r"val1\.txt: not text \(.*\); get dtd"),
    ("oxford_pets", drop(PETS + "trainval.txt"), r"trainval\.txt: no such file; get images\.tar\.gz and annota"),
    ("oxford_pets", drop("oxford-iiit-pet/images/Abyssinian_2.jpg"), r"images/Abyssinian_2\.jpg missing; get"),
    ("oxford_pets", rewrite(PETS + "trainval.txt", "_1 2 2 1", "_1 2 3 1"), r"trainval\.txt: not <breed>_<number> and"),
    ("oxford_pets", rewrite(PETS + "trainval.txt", "_1 2", "_1 4"), "annotations: no image of class 3; get"),
    ("oxford_pets", rewrite(PETS + "test.txt", "_10 2", "_10 3"), "no image of the class basset_hound to train with"),
    ("caltech101", lambda f: (f / "caltech-101").rename(f / "x"), r"101_ObjectCategories: no such folder; get calt"),
    ("caltech101", drop("caltech-101/101_ObjectCategories/zebra/image_0001.jpg"), "zebra: 30 photographs, 30 to"),
    ("caltech101", lambda f: (f / "caltech-101/101_ObjectCategories/new").mkdir(), "new: 0 photographs, 30 to train"),
    ("flowers102", drop("flowers-102/setid.mat"), r"setid\.mat: no such file; get 102flowers\.tgz"),
    ("flowers102", mat("setid.mat", trnid=[[1]]), r"setid\.mat: hash differs \(.*; get 102flowers"),
    ("flowers102", drop("flowers-102/jpg/image_00105.jpg"), r"jpg/image_00105\.jpg missing; get"),
    ("voc2007", drop(VOC + "ImageSets/Main/test.txt"), r"test\.txt: no such file; get VOCtrainval_06-Nov-2007\."),
    ("voc2007", drop(VOC + "Annotations/000005.xml"), r"Annotations/000005\.xml missing; get"),
    ("voc2007", drop(VOC + "JPEGImages/000001.jpg"), r"JPEGImages/000001\.jpg missing; get"),
    ("voc2007", rewrite(VOC + "Annotations/000001.xml", "person", "robot"), "'robot' is none of the 20 classes"),
    ("voc2007", rewrite(VOC + "Annotations/000001.xml", "</annotation>", ""), r"000001\.xml: not an annotation \(.*"),
    ("voc2007", rewrite(VOC + "Annotations/000001.xml", "<xmin>1", "<xmin>"), r"000001\.xml: not an annotation"),
    ("voc2007", lambda f: put(f / VOC / "Annotations/000001.xml", "<annotation/>"), r"001\.xml: no object in it; get"),
    ("voc2007", rewrite(VOC + "ImageSets/Main/val.txt", "000005", "000012"), "000012 stands twice in the lists; get"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "harm", "reason"), HARMED, ids=[f"{name}-{i}" for i, (name, *_) in enumerate(HARMED)])
def test_a_harmed_folder_is_one_line(tmp_path, monkeypatch, name, harm, reason):
    root = made(name, tmp_path, monkeypatch)
    harm(root)
    with pytest.raises(UserError, match=reason) as error:
        prepare({"source": name, "path": str(root)}, tmp_path / "out" / "images.npy")
    assert "\n" not in str(error.value) and not list((tmp_path / "out").glob("*"))


@pytest.mark.parametrize(
    ("name", "fields", "reason"),
    [
        ("imagelabels.mat", {"labels": [[0, 103]]}, "labels must be 1 to 102"),
        ("imagelabels.mat", {"other": [[1]]}, r"imagelabels\.mat: not the published file \('labels'\)"),
        ("setid.mat", {"trnid": [[1]], "valid": [[2]], "tstid": [[107]]}, "'tstid' must number images, 1 to 106"),
        ("setid.mat", {"trnid": [[1]], "valid": [[103]], "tstid": [[104]]}, "hard-leaved.*|no image of the class pink"),
    ],
)
def test_labels_of_flowers_that_do_not_fit_are_one_line(tmp_path, monkeypatch, name, fields, reason):
    root = made("flowers102", tmp_path, monkeypatch)
    savemat(root / "flowers-102" / name, fields)
    digest = hashlib.md5((root / "flowers-102" / name).read_bytes()).hexdigest()
    monkeypatch.setattr(flowers102, "MD5", flowers102.MD5 | {name: digest})
    with pytest.raises(UserError, match=reason):
        flowers102.files({"path": root})


@pytest.mark.parametrize("name", MAKE)
def test_a_folder_that_is_not_there_says_where_the_set_is_to_be_had(tmp_path, name):
    with pytest.raises(UserError, match=rf"get .*http.*{re.escape(str(tmp_path))}") as error:
        reader(name).files({"path": tmp_path / "none"})
    assert "\n" not in str(error.value)
