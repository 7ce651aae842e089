"""What is in a folder of VOC's layout comes out as boxes, and what is wrong there is said in one line."""

import numpy as np
import pytest

from gristmill.detection import voc_folder
from gristmill.errors import UserError
from tests.detection.folders import voc, voc_object

LISTS = {"train": ["a", "b"], "val": ["c"], "test": ["d"]}
CAT, DOG = voc_object("cat", 1, 1, 40, 30), voc_object("dog", 5, 6, 10, 20, difficult=1)


def test_boxes_cover_both_their_ends_and_images_are_files(tmp_path):
    found = voc_folder.read(voc(tmp_path / "set", LISTS, {"a": [DOG, CAT], "c": [CAT]}))
    assert found.classes == ["cat", "dog"] and found.part == ["train", "train", "validation", "test"]
    first = found.annotated[0]
    assert first.name == "a" and first.boxes.dtype == np.float32 and first.masks is None
    assert first.boxes.tolist() == [[4, 5, 10, 20], [0, 0, 40, 30]]
    assert first.labels.tolist() == [1, 0] and first.difficult.tolist() == [True, False]
    image = found.images(0)
    assert image.shape == (30, 40, 3) and image.dtype == np.uint8
    assert image[:, :15, 0].min() > 150 and image[:, 25:].max() < 50


def test_an_image_without_a_box_stays(tmp_path):
    found = voc_folder.read(voc(tmp_path / "set", LISTS, {"a": [CAT]}))
    assert [len(known.boxes) for known in found.annotated] == [1, 0, 0, 0]
    assert found.annotated[1].boxes.shape == (0, 4) and found.annotated[1].labels.dtype == np.int64


def test_boxes_without_area_are_left_out_and_counted(tmp_path, capsys):
    flat = [voc_object("cat", 7, 3, 7, 9), voc_object("cat", 3, 9, 8, 9), voc_object("cat", 9, 1, 8, 2)]
    found = voc_folder.read(voc(tmp_path / "set", LISTS, {"a": [flat[0], CAT, flat[1]], "d": flat[2:]}))
    assert [len(known.boxes) for known in found.annotated] == [1, 0, 0, 0]
    assert capsys.readouterr().err == f"{tmp_path / 'set'}: 3 boxes without area left out, in a, d\n"


def test_a_class_of_test_images_only_is_left_out_and_counted(tmp_path, capsys):
    found = voc_folder.read(voc(tmp_path / "set", LISTS, {"a": [voc_object("eel", 1, 1, 9, 9)], "d": [CAT, DOG, DOG]}))
    assert found.classes == ["eel"] and len(found.annotated[3].boxes) == 0
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"{tmp_path / 'set'}: class 'cat' occurs in test images only: left out with its 1 box",
        f"{tmp_path / 'set'}: class 'dog' occurs in test images only: left out with its 2 boxes",
    ]


def test_labels_stay_with_their_classes_where_one_is_left_out(tmp_path):
    objects = {"a": [DOG], "d": [CAT, voc_object("dog", 2, 2, 4, 4)]}
    found = voc_folder.read(voc(tmp_path / "set", LISTS, objects))
    assert found.classes == ["dog"] and found.annotated[3].boxes.tolist() == [[1, 1, 4, 4]]
    assert found.annotated[3].labels.tolist() == [0]


def test_a_set_of_test_images_keeps_its_classes(tmp_path):
    found = voc_folder.read(voc(tmp_path / "set", {"test": ["d"]}, {"d": [CAT, DOG]}))
    assert found.classes == ["cat", "dog"] and found.part == ["test"]


def test_several_years_are_one_set(tmp_path):
    voc(tmp_path / "VOC2007", {"trainval": ["1"], "test": ["2"]}, {"1": [CAT], "2": [CAT]})
    voc(tmp_path / "VOC2012", {"train": ["1"], "val": ["3"], "trainval": ["1", "3"]}, {"1": [DOG]})
    found = voc_folder.read(tmp_path)
    assert [known.name for known in found.annotated] == ["VOC2007/1", "VOC2012/1", "VOC2012/3", "VOC2007/2"]
    assert found.part == ["train", "train", "validation", "test"] and found.classes == ["cat", "dog"]


def test_pixels_with_fractions_are_read(tmp_path):
    found = voc_folder.read(voc(tmp_path / "set", LISTS, {"a": [voc_object("cat", 1.5, "2.25", 4.5, 9)]}))
    assert found.annotated[0].boxes.tolist() == [[0.5, 1.25, 4.5, 9]]


@pytest.mark.parametrize("written", ["", "a", "/elsewhere/a.jpg"])
def test_the_image_is_found_by_the_annotation_where_filename_is_none(tmp_path, written):
    folder = voc(tmp_path / "set", LISTS, {"a": [CAT]})
    xml = folder / "Annotations" / "a.xml"
    xml.write_text(xml.read_text().replace("<filename>a.jpg", f"<filename>{written}"))
    assert voc_folder.read(folder).images(0).shape == (30, 40, 3)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("<annotation><object>", r"a\.xml: no readable XML \(.*\); get it again"),
        ("", r"a\.xml: no readable XML"),
        ("<annotation><object><name>cat</name></object></annotation>", r"a\.xml: an object without .*correct it"),
        (f"<annotation>{voc_object('cat', 1, 'x', 3, 4)}</annotation>", r"a\.xml: an object without .*correct it"),
        (f"<annotation>{voc_object('cat', 1, 'nan', 3, 4)}</annotation>", r"a\.xml: an object without .*correct it"),
        (f"<annotation>{voc_object('', 1, 2, 3, 4)}</annotation>", r"a\.xml: an object without .*correct it"),
    ],
)
def test_a_broken_annotation_is_named(tmp_path, broken, message):
    folder = voc(tmp_path / "set", LISTS, {})
    (folder / "Annotations" / "a.xml").write_text(broken)
    with pytest.raises(UserError, match=message) as error:
        voc_folder.read(folder)
    assert "\n" not in str(error.value)


def test_what_is_missing_is_named(tmp_path):
    folder = voc(tmp_path / "set", LISTS, {"a": [CAT]})
    (folder / "JPEGImages" / "b.jpg").unlink()
    with pytest.raises(UserError, match=r"JPEGImages/b\.jpg missing, which b\.xml is about"):
        voc_folder.read(folder)
    (folder / "Annotations" / "a.xml").unlink()
    with pytest.raises(UserError, match=r"a\.xml: missing, but listed in ImageSets/Main"):
        voc_folder.read(folder)
    for path in (folder / "ImageSets" / "Main").iterdir():
        path.unlink()
    with pytest.raises(UserError, match=r"none of train\.txt, val\.txt, trainval\.txt and test\.txt is there"):
        voc_folder.read(folder)
    with pytest.raises(UserError, match="no folder ImageSets/Main"):
        voc_folder.read(tmp_path / "nowhere")


def test_a_damaged_image_is_named_when_it_is_asked_for(tmp_path):
    folder = voc(tmp_path / "set", LISTS, {"a": [CAT]})
    (folder / "JPEGImages" / "a.jpg").write_bytes(b"no image")
    with pytest.raises(UserError, match=r"a\.jpg: not a readable photograph"):
        voc_folder.read(folder).images(0)


def test_an_image_has_one_part(tmp_path):
    with pytest.raises(UserError, match=r"image a is listed twice in ImageSets/Main"):
        voc_folder.read(voc(tmp_path / "set", {"train": ["a"], "test": ["a"]}, {"a": [CAT]}))


def test_a_set_without_anything_to_learn_is_refused(tmp_path):
    with pytest.raises(UserError, match="there is nothing to learn from"):
        voc_folder.read(voc(tmp_path / "boxes", LISTS, {"d": [CAT]}))
    empty = voc(tmp_path / "images", {"train": []}, {})
    (empty / "JPEGImages").mkdir()
    with pytest.raises(UserError, match="name no image"):
        voc_folder.read(empty)
