"""The sheet of proposed classes."""

import numpy as np
import pytest

from gristmill.figures.proposals import Proposed, proposals_sheet
from gristmill.figures.save import png
from gristmill.figures.theme import DARK, LIGHT, Mode

EVIL = "<script>alert(1)</script> $x$"


@pytest.mark.parametrize("mode", [LIGHT, DARK])
@pytest.mark.parametrize("channels", [1, 3])
def test_doubt_and_strangers_are_marked_by_more_than_color(mode: Mode, channels: int):
    images = list(np.random.default_rng(0).integers(0, 256, (6, 8, 8, channels), dtype=np.uint8))
    rows = [
        Proposed(EVIL, "a: 3 of 5", images[:3], images[3:5], [False, True, False, True, False]),
        Proposed("class 2", "", images[5:], [], [False]),
    ]
    figure = proposals_sheet({EVIL: rows, "Greek": rows[1:]}, mode)
    panel = figure.axes[0]
    marks = [line.get_marker() for line in panel.lines]
    assert (marks.count("x"), marks.count("$?$"), len(panel.images)) == (2, 2, 7)
    dashed = [patch for patch in panel.patches if patch.get_linestyle() != "-" and patch.get_linewidth() > 1]
    assert len(dashed) == 2
    words = [text.get_text() for text in panel.texts]
    assert words.count(EVIL.replace("$", r"\$")) == 2 and "a: 3 of 5" in words
    assert png(figure, 50) == png(figure, 50)
