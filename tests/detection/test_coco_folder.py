"""What is in a folder of COCO's layout comes out as boxes and masks, and what does not fit together is said."""

import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from gristmill.detection import coco_folder
from gristmill.errors import UserError
from tests.detection.folders import coco, coco_content

CLASSES = {3: "cat", 7: "dog", 90: "eel"}
TRIANGLE, RUNS = [[2.0, 3.0, 9.0, 3.0, 9.0, 8.5]], {"size": [30, 40], "counts": [1190, 10]}


def item(image, kind, box=(2, 3, 7, 5.5), **more):
    return {"image_id": image, "category_id": kind, "bbox": list(box), "segmentation": TRIANGLE, **more}


def one(folder, items, ids=(0, 4, 9, 20), classes=None):
    coco(folder / "instances.json", folder / "images", coco_content(ids, items, classes or CLASSES))
    return folder


def changed(folder, change):
    """The file again after `change` of its content."""
    file = folder / "instances.json"
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))
    return folder


def test_ids_with_gaps_become_labels_without(tmp_path):
    items = [item(4, 90), item(4, 3, (0, 0, 4, 4), iscrowd=1, segmentation=RUNS), item(0, 7)]
    found = coco_folder.read(one(tmp_path, items))
    assert found.classes == ["cat", "dog", "eel"]
    second = found.annotated[1]
    assert second.name == "0004" and second.labels.tolist() == [2, 0] and second.difficult.tolist() == [False, True]
    assert second.boxes.tolist() == [[2, 3, 9, 8.5], [0, 0, 4, 4]] and second.masks == [TRIANGLE, RUNS]
    assert found.images(1).shape == (30, 40, 3)


def test_an_image_without_a_box_stays(tmp_path):
    found = coco_folder.read(one(tmp_path, [item(0, 3)]))
    assert [len(known.boxes) for known in found.annotated] == [1, 0, 0, 0]
    assert found.annotated[1].boxes.shape == (0, 4) and found.annotated[1].masks == []


def test_the_last_three_tenths_by_id_are_for_the_test_or_those_that_are_named(tmp_path):
    one(tmp_path, [item(0, 3)], ids=(30, 0, 4, 9))
    assert coco_folder.read(tmp_path).part == ["test", "train", "train", "train"]
    assert coco_folder.read(tmp_path, test=[4, 9]).part == ["train", "train", "test", "test"]
    with pytest.raises(UserError, match="test image 5 is not in it; ids are 0 to 30"):
        coco_folder.read(tmp_path, test=[5])


def official(folder, *names):
    for number, name in enumerate(names):
        content = coco_content((10 * number, 10 * number + 1), [item(10 * number, 3)], CLASSES)
        coco(folder / "annotations" / f"instances_{name}.json", folder / name, content)
    return folder


def test_the_published_val_is_the_test(tmp_path):
    found = coco_folder.read(official(tmp_path, "val2017", "train2017"))
    assert found.part == ["train", "train", "test", "test"] and found.classes == ["cat"]
    assert [known.name for known in found.annotated] == ["0010", "0011", "0000", "0001"]


def test_with_a_test_of_its_own_val_is_the_validation(tmp_path):
    found = coco_folder.read(official(tmp_path, "train", "val", "test"))
    assert found.part == ["train"] * 2 + ["validation"] * 2 + ["test"] * 2


def test_boxes_without_area_are_left_out_with_their_masks(tmp_path, capsys):
    flat = [item(0, 3, (5, 5, 0, 3)), item(0, 3, segmentation=RUNS), item(0, 3, (5, 5, 3, -1))]
    known = coco_folder.read(one(tmp_path, flat)).annotated[0]
    assert known.boxes.tolist() == [[2, 3, 9, 8.5]] and known.masks == [RUNS]
    assert capsys.readouterr().err == f"{tmp_path}: 2 boxes without area left out, in 0000\n"


def test_a_class_of_test_images_only_is_left_out_and_counted(tmp_path, capsys):
    found = coco_folder.read(one(tmp_path, [item(20, 3), item(0, 7), item(20, 7)]))
    assert found.classes == ["dog"] and found.annotated[3].labels.tolist() == [0]
    said = f"{tmp_path}: class 'cat' occurs in test images only: left out with its 1 box\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("lacking", [None, [], [[1, 2, 3, 4]], {"size": [30, 40]}])
def test_a_box_without_a_mask_makes_it_a_set_of_boxes(tmp_path, lacking):
    found = coco_folder.read(one(tmp_path, [item(0, 3), item(4, 3, segmentation=lacking)]))
    assert all(known.masks is None for known in found.annotated) and len(found.annotated[1].boxes) == 1


def test_a_missing_image_is_named(tmp_path):
    one(tmp_path, [item(0, 3)])
    for name in ("0004.jpg", "0009.jpg"):
        (tmp_path / "images" / name).unlink()
    with pytest.raises(UserError, match=r"images: 0004\.jpg and 1 more of 4 missing; .*instances\.json names it"):
        coco_folder.read(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.pop("categories"), "no list 'categories'"),
        (lambda c: c["annotations"][0].pop("bbox"), r"annotations\[0\]: 'bbox' is missing"),
        (lambda c: c["annotations"][0].update(bbox=[1, 2, 3]), r"annotations\[0\]: bbox \[1, 2, 3\] is not x, y"),
        (lambda c: c["annotations"][0].update(bbox=[1, 2, 3, float("nan")]), r"annotations\[0\]: bbox .*nan"),
        (lambda c: c["annotations"][0].update(image_id=5), r"annotations\[0\]: there is no image 5"),
        (lambda c: c["annotations"][0].update(category_id=1), r"annotations\[0\]: there is no class 1"),
        (lambda c: c["images"][1].update(id=0), "two images have one id"),
        (lambda c: c["images"][1].update(file_name="../x.jpg"), r"image '\.\./x\.jpg' lies outside"),
        (lambda c: c["annotations"].clear(), "there is nothing to learn from"),
    ],
)
def test_what_does_not_fit_together_is_said_in_one_line(tmp_path, change, message):
    with pytest.raises(UserError, match=message) as error:
        coco_folder.read(changed(one(tmp_path, [item(0, 3)]), change))
    assert "\n" not in str(error.value) and str(tmp_path) in str(error.value)


@pytest.mark.parametrize("content", ["{", "[]", ""])
def test_a_file_that_holds_something_else_is_refused(tmp_path, content):
    (one(tmp_path, []) / "instances.json").write_text(content)
    with pytest.raises(UserError, match=r"instances\.json: no "):
        coco_folder.read(tmp_path)


def test_one_number_is_one_class_in_all_parts(tmp_path):
    official(tmp_path, "train", "test")
    file = tmp_path / "annotations" / "instances_test.json"
    file.write_text(file.read_text().replace('"dog"', '"cow"'))
    with pytest.raises(UserError, match="class 7 is 'cow', but 'dog' in another part"):
        coco_folder.read(tmp_path)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"neither instances\.json nor annotations/instances_"):
        coco_folder.read(tmp_path)


def test_the_dried_fruit_are_read_as_they_are_described(capsys):
    folder = os.environ.get("GRISTMILL_DRIED_FRUIT")
    if not folder:
        pytest.skip("GRISTMILL_DRIED_FRUIT does not name the folder of the set")
    found = coco_folder.read(Path(folder))
    labels = [found.classes[label] for known in found.annotated for label in known.labels]
    assert Counter(labels) == {"date": 41, "fig": 22, "hazelnut": 27} and capsys.readouterr().err == ""
    test = [known.name for known, part in zip(found.annotated, found.part, strict=True) if part == "test"]
    assert test == ["6", "7", "8"]   # ids 14, 15, 16
    for number, known in enumerate(found.annotated):
        assert found.images(number).shape == (600, 800, 3)
        for box, mask in zip(known.boxes, known.masks or (), strict=True):
            corners = np.array(mask[0]).reshape(-1, 2)
            assert np.abs(np.concatenate([corners.min(0), corners.max(0)]) - box).max() <= 1.01
