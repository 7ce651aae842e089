"""Average precision of VOC against plain loops, and where it is not defined by them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gristmill.detection.boxes import Found
from gristmill.detection.overlap import overlaps
from gristmill.detection.scores import over_classes
from gristmill.detection.voc import area, average_precision, eleven_points, precision_recall
from gristmill.errors import UserError
from tests.detection.scenes import AWAY, BOX, found, scene, truth


def ap50(seen, known, classes=("cell",), rule="eleven_points"):
    return average_precision(seen, known, classes, rule)["ap50"].tolist()


def by_loops(seen, known, label, least, rule):
    """The development kit's way: detections one by one, a mark on each box that is hit; float64."""
    rows = [
        (score, image, box.tolist())
        for image, one in enumerate(seen)
        for box, kind, score in zip(one.boxes, one.labels, one.scores, strict=True) if kind == label
    ]  # fmt: skip
    hit, hits = set(), []
    for _, image, box in sorted(rows, key=lambda row: -row[0]):
        best, which = 0.0, None
        for number, (other, kind) in enumerate(zip(known[image].boxes.tolist(), known[image].labels, strict=True)):
            if kind == label:
                wide, high = (min(box[i + 2], other[i + 2]) - max(box[i], other[i]) for i in (0, 1))
                common = wide * high if wide > 0 and high > 0 else 0.0
                whole = sum((b[2] - b[0]) * (b[3] - b[1]) for b in (box, other))
                if common / (whole - common) > best:
                    best, which = common / (whole - common), number
        if which is None or best < least:
            hits.append(False)
        elif not known[image].difficult[which]:
            hits.append((image, which) not in hit)
            hit.add((image, which))
    positives = sum(int(((one.labels == label) & ~one.difficult).sum()) for one in known)
    if not positives:
        return np.nan
    points = [(sum(hits[: n + 1]) / positives, sum(hits[: n + 1]) / (n + 1)) for n in range(len(hits))]
    if rule == "eleven_points":
        return sum(max((p for r, p in points if r >= t / 10), default=0) for t in range(11)) / 11
    steps = [0.0, *(r for r, _ in points)]
    best_after = [max(p for r, p in points[n:]) for n in range(len(points))]
    return sum((steps[n + 1] - steps[n]) * best_after[n] for n in range(len(points)))


@pytest.mark.parametrize("rule", ["eleven_points", "area"])
@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_plain_loops_say(seed, rule):
    seen, known = scene(seed)
    table = average_precision(seen, known, ["a", "b", "c"], rule)
    for label in range(3):
        each = [by_loops(seen, known, label, least / 100, rule) for least in range(50, 100, 5)]
        expected = np.array([np.mean(each), each[0], each[5]])
        np.testing.assert_allclose(table.loc[label, ["ap", "ap50", "ap75"]].to_numpy(float), expected)
    assert np.nanmin(table["ap50"]) > 0 and np.nanmax(table["ap75"]) < 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.randoms())
def test_the_order_of_images_does_not_matter_without_equal_scores(seed, shuffler):
    seen, known = scene(seed)
    rng = np.random.default_rng(seed)
    seen = [Found(one.boxes, one.labels, rng.random(len(one.scores)).astype(np.float32)) for one in seen]
    order = shuffler.sample(range(len(seen)), len(seen))
    one, other = (average_precision(s, k, ["a", "b", "c"]) for s, k in
                  ((seen, known), ([seen[i] for i in order], [known[i] for i in order])))  # fmt: skip
    np.testing.assert_array_equal(one.drop(columns="class"), other.drop(columns="class"))


def test_all_found_is_one_and_a_second_hit_of_a_box_is_wrong():
    assert ap50([found([BOX, AWAY], [0.9, 0.8])], [truth([BOX, AWAY])]) == [1]
    # hit, wrong, hit: precision 1 up to a recall of .5 (6 points), then 2/3 (5 points)
    assert ap50([found([BOX, BOX, AWAY], [0.9, 0.8, 0.7])], [truth([BOX, AWAY])])[0] == pytest.approx((6 + 10 / 3) / 11)


def test_an_overlap_that_is_just_enough_counts():
    half = [0, 0, 10, 5]
    assert overlaps(np.array([half]), np.array([BOX])).tolist() == [[0.5]]
    assert ap50([found([half], [0.9])], [truth([BOX])]) == [1]


def test_difficult_boxes_are_neither_right_nor_wrong():
    known = [truth([BOX, AWAY], difficult=[True, False])]
    assert ap50([found([BOX, BOX, AWAY], [0.9, 0.8, 0.7])], known) == [1]
    assert ap50([found([AWAY], [0.7])], known) == [1]


def test_nothing_found_is_zero_and_nothing_to_find_is_no_number():
    known = [truth([BOX]), truth([], name="b")]
    none = found([], [])
    table = average_precision([none, none], known, ["cell", "other"])
    assert table["boxes"].tolist() == [1, 0]
    np.testing.assert_array_equal(table["ap"], [0, np.nan])
    assert over_classes(table) == {"ap": 0, "ap50": 0, "ap75": 0}


def test_a_class_without_truth_is_not_in_the_mean_whatever_is_found_of_it():
    table = average_precision([found([BOX, BOX], [0.9, 0.8], [0, 1])], [truth([BOX])], ["cell", "other"])
    assert over_classes(table) == {"ap": 1, "ap50": 1, "ap75": 1}


def test_without_any_truth_the_means_are_no_numbers():
    for known in (truth([]), truth([BOX], difficult=[True])):
        assert np.isnan(list(over_classes(average_precision([found([BOX], [0.9])], [known], ["cell"])).values())).all()
    assert np.isnan(over_classes(average_precision([], [], ["cell"]))["ap"])


def test_a_detection_where_the_class_is_not_is_wrong():
    seen = [found([AWAY], [0.9]), found([BOX], [0.8])]
    assert ap50(seen, [truth([], name="empty"), truth([BOX])]) == [0.5]


def test_boxes_without_area_are_wrong_not_an_error():
    assert ap50([found([[3, 3, 3, 3], [5, 5, 2, 2]], [0.9, 0.8])], [truth([BOX])]) == [0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused_in_one_line(value):
    with pytest.raises(UserError, match=r"a: 1 of 2 detections .* not finite: the detector has diverged"):
        ap50([found([BOX, AWAY], [0.9, value])], [truth([BOX])])
    with pytest.raises(UserError, match="not finite"):
        ap50([found([[0, 0, value, 1]], [0.9])], [truth([BOX])])


def test_what_does_not_fit_is_an_error_of_the_program():
    with pytest.raises(ValueError, match="2 images with detections, but 1"):
        ap50([found([], []), found([], [])], [truth([BOX])])
    with pytest.raises(ValueError, match="boxes K x 4"):
        ap50([found([BOX], [0.9, 0.8])], [truth([BOX])])
    with pytest.raises(ValueError, match="labels 0 to 0 are possible"):
        ap50([found([BOX], [0.9], [1])], [truth([BOX])])


def test_eleven_points_are_reached_without_rounding():
    """3 of 10 is a recall of .3, and counts for the point .3."""
    recall, precision = precision_recall(np.array([True] * 3), 10)
    assert eleven_points(recall, precision) == pytest.approx(4 / 11)
    assert area(recall, precision) == pytest.approx(0.3)
