"""The figure of class sizes: every class, on a log axis, in the order of the ranks."""

import pandas as pd
import pytest
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from gristmill.figures.distribution import NAMED, distribution_bars
from gristmill.figures.save import png, svg
from gristmill.figures.theme import DARK, LIGHT, Mode

EVIL = "<script>alert(1)</script> $x$"


def counts(labeled: list[int], unlabeled: list[int], unknown: int = 0) -> pd.DataFrame:
    rows = [(f"class {i}", i, *both, 9) for i, both in enumerate(zip(labeled, unlabeled, strict=True))]
    rows += [("", -1, 0, unknown, 0)] if unknown else []
    return pd.DataFrame(rows, columns=["class_name", "rank", "labeled", "unlabeled", "test"])


def heights(figure: Figure) -> list[list[float]]:
    return [[bar.get_height() for bar in each] for each in figure.axes[0].containers if isinstance(each, BarContainer)]


def ticks(figure: Figure) -> list[str]:
    return [label.get_text() for label in figure.axes[0].get_xticklabels()]


@pytest.mark.parametrize("mode", [LIGHT, DARK])
def test_every_class_has_two_bars_in_the_order_of_the_ranks(mode: Mode):
    table = counts([1500, 40, 7], [7, 40, 3000])
    figure = distribution_bars(table.iloc[::-1], mode)
    assert heights(figure) == [[1500, 40, 7], [7, 40, 3000]] and ticks(figure) == ["class 0", "class 1", "class 2"]
    assert figure.axes[0].get_yscale() == "log"
    drawn = svg(figure).decode()
    assert all(f">{text}<" in drawn for text in ("labeled", "unlabeled", "1,500", "3,000", "class 2", "images"))
    assert drawn == svg(distribution_bars(table, mode)).decode()


def test_labeled_and_unlabeled_differ_in_more_than_color():
    labeled, unlabeled = distribution_bars(counts([5, 3], [9, 9])).axes[0].containers
    assert labeled[0].get_facecolor()[3] == 1 and unlabeled[0].get_facecolor()[3] == 0


def test_one_image_is_seen_and_none_is_no_error():
    figure = distribution_bars(counts([3, 1, 0], [0, 0, 0]))
    low, high = figure.axes[0].get_ylim()
    assert low < 1 < high and png(figure, 50)


def test_images_of_unknown_class_are_told_in_the_legend():
    drawn = svg(distribution_bars(counts([3, 1], [0, 0], unknown=100_000))).decode()
    assert "unlabeled, of unknown class: 100,000" in drawn


def test_several_seeds_are_their_mean():
    both = pd.concat([counts([6, 2], [9, 9]).assign(seed=0), counts([8, 2], [9, 9]).assign(seed=1)])
    assert heights(distribution_bars(both)) == [[7, 2], [9, 9]]


def test_many_classes_have_ranks_and_one_class_or_none_is_no_error():
    many = distribution_bars(counts([9] * (NAMED + 1), [9] * (NAMED + 1)))
    assert "class 1" not in ticks(many) and len(heights(many)[0]) == NAMED + 1
    assert png(distribution_bars(counts([9], [9])), 50)
    assert png(distribution_bars(counts([], [])), 50)


def test_names_are_words_and_nothing_else():
    drawn = svg(distribution_bars(counts([2], [3]).assign(class_name=EVIL))).decode()
    assert "<script>" not in drawn and "$x$" in drawn
