"""Figures by class: rates, courses, confusions, blending, maps."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from gristmill.figures.blending import blending
from gristmill.figures.class_map import class_maps
from gristmill.figures.confusion import confusion_matrices
from gristmill.figures.courses import courses
from gristmill.figures.per_class import class_rates
from gristmill.figures.save import png, svg
from gristmill.figures.theme import DARK, LIGHT, styles

EVIL = "<b> & $x$"
LOOKS = styles(["FixMatch", "DASO"], family="few")


def rates(seeds: int = 3, count: int = 3) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"rate": rate, "line": line, "place": place, "seed": seed, "value": 0.1 * place + 0.1 * seed}
            for rate in ("recall", "precision")
            for line in LOOKS
            for place in range(count)
            for seed in range(seeds)
        ]
    )


def course(seeds: int = 2) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"rate": "head", "line": line, "seed": seed, "step": step, "value": step / 500 + 0.1 * seed}
            for line in LOOKS
            for seed in range(seeds)
            for step in (100, 200, 300)
        ]
    )


def test_a_mark_is_the_mean_over_seeds_and_each_seed_is_a_point():
    recall, precision = class_rates(rates(), ["a", "b", "c"], LOOKS).axes
    seeds, means = recall.lines[:2]
    assert len(np.asarray(seeds.get_xdata())) == 9
    assert np.asarray(means.get_ydata()) == pytest.approx([0.1, 0.2, 0.3])
    assert precision.get_ylabel() == "precision"


def test_what_a_class_has_no_value_of_is_left_out():
    table = rates()
    table.loc[table["place"] == 1, "value"] = np.nan
    panel = class_rates(table, ["a", "b", "c"], LOOKS).axes[0]
    assert len(np.asarray(panel.lines[1].get_xdata())) == 2
    assert svg(class_rates(table.assign(value=np.nan), ["a", "b", "c"], LOOKS))
    assert svg(class_rates(table.iloc[:0], ["a"], LOOKS))


def test_names_of_classes_are_shown_as_they_are():
    drawn = svg(class_rates(rates(1), [EVIL, "b", "c"], LOOKS, {"head": 1, "tail": 2})).decode()
    assert "&lt;b&gt; &amp; $x$" in drawn and "<b>" not in drawn
    assert png(confusion_matrices({EVIL: np.eye(2)}, [EVIL, "b"]), 50)
    assert png(class_maps({EVIL: np.eye(2)}, np.array([0, 1]), [EVIL, "b"]), 50)


def test_a_thick_line_is_the_mean_of_the_thin_ones():
    first, second, mean = courses(course(), LOOKS).axes[0].lines[:3]
    values = [np.asarray(line.get_ydata(), float) for line in (first, second, mean)]
    assert values[2] == pytest.approx((values[0] + values[1]) / 2)
    assert mean.get_linewidth() > first.get_linewidth()
    assert svg(courses(course().assign(value=np.nan), LOOKS))


def test_a_hundred_classes_have_no_numbers_in_their_cells_and_ten_have():
    few, many = (confusion_matrices({"DASO": np.eye(k)}, [f"class {i}" for i in range(k)]) for k in (10, 100))
    assert [text.get_text() for text in few.axes[0].texts] == ["100"] * 10
    assert not many.axes[0].texts and png(many, 50)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_matrices_lie_two_in_a_row_with_names_below_the_last_of_each_column(count: int):
    figure = confusion_matrices({f"method {i}": np.full((2, 2), np.nan) for i in range(count)}, ["a", "b"])
    drawn = [panel for panel in figure.axes if panel.images]
    assert len(drawn) == count and png(figure, 50)
    named = [any(label.get_visible() for label in panel.get_xticklabels()) for panel in drawn]
    assert named[-min(2, count) :] == [True] * min(2, count)


def blended(count: int, steps: int, mode=LIGHT) -> Figure:
    weights = np.full((steps, count), np.nan)
    weights[1:] = 0.5
    names = [f"class {i}" for i in range(count)]
    shares = np.full((steps, count), 1 / count)
    return blending(np.arange(steps) * 50 + 50, shares, weights, shares[0], names, 50, mode)


@pytest.mark.parametrize(("count", "steps"), [(1, 1), (10, 12), (100, 3)])
def test_blending_is_drawn_for_one_evaluation_and_for_a_hundred_classes(count: int, steps: int):
    assert png(blended(count, steps), 50) != png(blended(count, steps, DARK), 50)


def test_where_blending_starts_is_marked_in_both_panels():
    left, beside, right = blended(3, 4).axes[:3]
    assert [len(panel.lines) for panel in (left, beside, right)] == [1, 0, 1]
    assert list(np.asarray(left.lines[0].get_xdata())) == [50, 50]


def test_images_of_unknown_class_and_of_many_classes_are_on_the_map():
    points = np.random.default_rng(0).normal(size=(60, 2))
    classes = np.arange(60) % 31 - 1
    figure = class_maps({"FixMatch": points, "DASO": points}, classes, [f"class {i}" for i in range(30)])
    first, second = figure.axes
    assert sum(len(np.asarray(drawn.get_offsets())) for drawn in second.collections) == 60
    assert first.get_title(loc="left") == "FixMatch" and not figure.legends


def test_bytes_are_the_same_again():
    assert svg(class_rates(rates(), ["a", "b", "c"], LOOKS)) == svg(class_rates(rates(), ["a", "b", "c"], LOOKS))
    assert png(blended(3, 4), 50) == png(blended(3, 4), 50)
