"""Pictures of detections: what is drawn where, and what is not."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gristmill.detection.boxes import Found
from gristmill.figures.detections import GAP, HEAD, detections_sheet
from gristmill.figures.save import png, svg
from gristmill.figures.theme import DARK, LIGHT, Mode

EVIL = "<b> $x$"


def boxes(corners, labels, scores=()):
    corners = np.array(corners, np.float32).reshape(-1, 4)
    return Found(corners, np.array(labels, np.int64), np.array(scores, np.float32))


def image(height: int, width: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8)


def drawn(figure: Figure) -> list[list[float]]:
    found = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    return [[*patch.get_xy(), patch.get_width(), patch.get_height()] for patch in found]


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.parametrize("mode", [LIGHT, DARK], ids=lambda mode: mode.name)
def test_boxes_stand_on_their_image_in_both_modes(mode: Mode):
    truth, found = boxes([[10, 5, 20, 15]], [1]), boxes([[0, 0, 40, 30], [4, 4, 8, 8]], [0, 1], [0.987, 0.3])
    figure = detections_sheet([image(30, 40)], [truth], [found], ["cat", EVIL], ["first"], mode=mode)
    assert drawn(figure) == [
        pytest.approx([10 / 40, HEAD + 5 / 40, 10 / 40, 10 / 40]),
        pytest.approx([1 + GAP, HEAD, 1, 30 / 40]),
    ]
    assert words(figure) == [
        "first: truth, 1 box", "found, 1 box with a score of 0.5 or more", r"<b> \$x\$", "cat 0.99",
    ]  # fmt: skip
    assert png(figure, 60) and b"&lt;b&gt;" in svg(figure)


def test_a_box_that_reaches_out_ends_at_the_image():
    found = boxes([[-9, -9, 400, 300]], [0], [0.9])
    figure = detections_sheet([image(40, 20)], [boxes([], [])], [found], ["cat"])
    assert drawn(figure) == [pytest.approx([1 + GAP + 0.25, HEAD, 0.5, 1])]


def test_images_of_many_sizes_without_anything_found():
    none = boxes([], [], [])
    sizes = [(30, 40, 3), (40, 30, 1), (1, 1, 3)]
    figure = detections_sheet([image(*size) for size in sizes], [none] * 3, [none] * 3, ["cat"])
    assert len(figure.axes[0].images) == 6 and not drawn(figure)
    assert words(figure)[0] == "truth, 0 boxes" and png(figure, 50)


def test_a_score_that_is_no_number_is_not_drawn():
    found = boxes([[0, 0, 5, 5], [0, 0, 6, 6]], [0, 0], [np.nan, 0.5])
    assert len(drawn(detections_sheet([image(9, 9)], [boxes([], [])], [found], ["cat"]))) == 1


def test_more_classes_than_colors_are_drawn():
    corners = [[i, i, i + 9, i + 9] for i in range(25)]
    figure = detections_sheet([image(40, 40)], [boxes(corners, range(25))], [boxes([], [], [])], [*map(str, range(25))])
    looks = {(p.get_edgecolor(), str(p.get_linestyle())) for p in figure.axes[0].patches}
    assert len(drawn(figure)) == 25 and len(looks) > 10
    assert png(figure, 50)
