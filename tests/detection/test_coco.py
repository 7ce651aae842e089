"""COCO's scores: what is handed to pycocotools is what its own way from files gives."""

import json
import sys
from typing import Any

import numpy as np
import pytest

from gristmill.detection import coco
from gristmill.detection.scores import over_classes
from gristmill.errors import UserError
from tests.detection.scenes import AWAY, BOX, found, scene, truth

SIZE = 48


def drawn(boxes):
    """K x SIZE x SIZE bool, full inside each box."""
    masks = np.zeros((len(boxes), SIZE, SIZE), bool)
    for mask, (left, top, right, bottom) in zip(masks, np.asarray(boxes, int).clip(0), strict=True):
        mask[top:bottom, left:right] = True
    return masks


def polygon(left, top, right, bottom):
    return [[left, top, right, top, right, bottom, left, bottom]]


def ap(seen, known, classes=("cell",), kind="bbox"):
    return coco.average_precision(seen, known, classes, kind)


def test_without_the_package_a_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools", None)
    with pytest.raises(UserError, match=r"COCO's scores need pycocotools: pip install 'gristmill\[coco\]'"):
        ap([found([BOX], [0.9])], [truth([BOX])])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused_in_one_line(value):
    with pytest.raises(UserError, match=r"a: 1 of 2 detections .* not finite"):
        ap([found([BOX, AWAY], [0.9, value])], [truth([BOX])])


def test_masks_where_there_are_none_are_said():
    with pytest.raises(UserError, match=r"a: has boxes without masks; score boxes \(bbox\) instead"):
        ap([found([BOX], [0.9], masks=drawn([BOX]))], [truth([BOX])], kind="segm")
    with pytest.raises(ValueError, match="a mask for each detection is needed"):
        ap([found([BOX], [0.9])], [truth([BOX], masks=[polygon(*BOX)])], kind="segm")
    with pytest.raises(ValueError, match="bbox or segm, not keypoints"):
        ap([], [], kind="keypoints")


def test_half_found_is_half_of_the_points():
    pytest.importorskip("pycocotools")
    table = ap([found([BOX], [0.9])], [truth([BOX, AWAY])])
    assert table["boxes"].tolist() == [2]
    assert table.loc[0, ["ap", "ap50", "ap75"]].tolist() == pytest.approx([51 / 101] * 3)   # recalls 0, .01 ... .5


def test_nothing_found_is_zero_and_nothing_to_find_is_no_number():
    pytest.importorskip("pycocotools")
    table = ap([found([], []), found([BOX], [0.9], [1])], [truth([BOX]), truth([], name="b")], ["cell", "other"])
    assert table["boxes"].tolist() == [1, 0]
    np.testing.assert_array_equal(table["ap"], [0, np.nan])
    assert over_classes(table)["ap"] == 0
    for known in (truth([]), truth([BOX], difficult=[True])):
        assert np.isnan(over_classes(ap([found([BOX], [0.9])], [known]))["ap"])


def test_what_lies_in_a_crowd_is_neither_right_nor_wrong():
    pytest.importorskip("pycocotools")
    known = [truth([[0, 0, 20, 20], AWAY], difficult=[True, False])]
    seen = [found([BOX, [10, 10, 20, 20], AWAY], [0.9, 0.8, 0.7])]
    assert over_classes(ap(seen, known)) == pytest.approx({"ap": 1, "ap50": 1, "ap75": 1})


def test_masks_are_compared_not_boxes():
    pytest.importorskip("pycocotools")
    masks = drawn([BOX, [20, 20, 30, 23]])   # the second is a third of what it should be
    known = [truth([BOX, AWAY], masks=[polygon(*BOX), polygon(*AWAY)])]
    seen = [found([BOX, AWAY], [0.9, 0.8], masks=masks)]
    assert over_classes(ap(seen, known))["ap"] == pytest.approx(1)
    assert over_classes(ap(seen, known, kind="segm"))["ap50"] == pytest.approx(51 / 101)


def test_a_crowd_of_runs_and_an_image_without_a_detection():
    pytest.importorskip("pycocotools")
    runs = {"size": [SIZE, SIZE], "counts": [0, 10 * SIZE, SIZE * SIZE - 10 * SIZE]}   # ten columns
    known = [truth([[0, 0, 10, SIZE], AWAY], difficult=[True, False], masks=[runs, polygon(*AWAY)])]
    seen = found([[1, 1, 9, 40], AWAY], [0.9, 0.8], masks=drawn([[1, 1, 9, 40], AWAY]))
    none = found([], [], masks=drawn([]))
    assert over_classes(ap([seen], known, kind="segm"))["ap"] == pytest.approx(1)
    assert over_classes(ap([none], known, kind="segm"))["ap"] == 0


@pytest.mark.parametrize("kind", coco.KINDS)
def test_it_is_what_the_package_says_of_files(tmp_path, kind, capsys):
    """Its own way: a file of truth, a file of results, a summary."""
    pytest.importorskip("pycocotools")
    from pycocotools import mask as masks  # pyright: ignore[reportMissingImports]
    from pycocotools.coco import COCO  # pyright: ignore[reportMissingImports]
    from pycocotools.cocoeval import COCOeval  # pyright: ignore[reportMissingImports]

    classes = ["a", "b", "c"]
    seen, known = scene(3)
    known = [truth(k.boxes, k.labels, k.difficult, k.name, [polygon(*box) for box in k.boxes.tolist()]) for k in known]
    seen = [found(s.boxes, s.scores, s.labels, drawn(s.boxes)) for s in seen]
    mine = over_classes(ap(seen, known, classes, kind))
    assert capsys.readouterr().out == ""

    truths, results = [], []
    for image, (said, real) in enumerate(zip(seen, known, strict=True)):
        for box, label, hard, mask in zip(real.boxes.tolist(), real.labels, real.difficult, real.masks or (),
                                          strict=True):  # fmt: skip
            width, height = box[2] - box[0], box[3] - box[1]
            truths.append({"id": len(truths) + 1, "image_id": image + 5, "category_id": int(label) + 1,
                           "bbox": [*box[:2], width, height], "area": width * height, "iscrowd": int(hard),
                           "segmentation": mask})  # fmt: skip
        own = drawn(said.boxes)
        for box, label, score, mask in zip(said.boxes.tolist(), said.labels, said.scores, own, strict=True):
            row = {"image_id": image + 5, "category_id": int(label) + 1, "score": float(score)}
            if kind == "bbox":
                row["bbox"] = [*box[:2], box[2] - box[0], box[3] - box[1]]
            else:
                code: dict[str, Any] = masks.encode(np.asfortranarray(mask, np.uint8))
                row["segmentation"] = {"size": code["size"], "counts": code["counts"].decode()}
            results.append(row)
    images = [{"id": image + 5, "height": SIZE, "width": SIZE} for image in range(len(seen))]
    content = {"info": {}, "images": images, "annotations": truths,
               "categories": [{"id": number, "name": name} for number, name in enumerate(classes, 1)]}  # fmt: skip
    (tmp_path / "truth.json").write_text(json.dumps(content))
    (tmp_path / "results.json").write_text(json.dumps(results))
    api = COCO(str(tmp_path / "truth.json"))
    score = COCOeval(api, api.loadRes(str(tmp_path / "results.json")), kind)
    score.evaluate()
    score.accumulate()
    score.summarize()
    assert list(mine.values()) == pytest.approx(score.stats[:3].tolist())
    assert 0.1 < mine["ap"] < mine["ap50"] < 1
