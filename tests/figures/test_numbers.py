"""Figures of numbers: what is drawn, for few and many seeds, and the same bytes each time."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from gristmill.figures.curves import apart, training_curves
from gristmill.figures.recall import groupings_compared, recall_bars
from gristmill.figures.save import png, svg
from gristmill.figures.theme import COARSE, DARK, FEW, INK, KINDS, LIGHT, SPARES, STYLES, VIEWS, style, styles

EVIL = "<script>alert(1)</script>"
TITLES = ("raw pixels", "MaskCon", "CoIns", "SupFine")


def summary(n: int, titles: tuple[str, ...] = TITLES, task: str = "good") -> pd.DataFrame:
    sd = 0.02 if n > 1 else np.nan
    rows = [
        {"title": t, "task": task, "metric": f"recall_{k}", "n": n, "mean": 0.1 * (i + 1), "sd": sd}
        for i, t in enumerate(titles)
        for k in (1, 2, 5, 10)
    ]
    return pd.DataFrame(rows)


def history(seeds: int = 1, epochs: int = 4) -> pd.DataFrame:
    rows = [
        {"seed": s, "epoch": e, "loss": np.nan if e == 0 else 5 - e, "recall_1": 0.1 * e if e % 2 == 0 else np.nan}
        for s in range(seeds)
        for e in range(epochs + 1)
    ]
    return pd.DataFrame(rows)


def bars(figure: Figure) -> int:
    return sum(isinstance(c, BarContainer) for axes in figure.axes for c in axes.containers)


def words(figure: Figure) -> str:
    return svg(figure).decode()


def test_single_seeds_are_points_and_several_are_bars_with_whiskers():
    assert bars(recall_bars(summary(1))) == 0
    assert bars(recall_bars(summary(3))) == 16
    mixed = pd.concat([summary(1, TITLES[:2]), summary(3, TITLES[2:])])
    assert bars(recall_bars(mixed)) == 8


def test_every_method_and_value_is_written():
    drawn = words(recall_bars(summary(1)))
    assert all(title in drawn for title in TITLES)
    assert all(f">{value}<" in drawn for value in ("0.10", "0.20", "0.30", "0.40"))


def test_figures_that_are_nan_are_left_out():
    table = summary(1)
    table.loc[table["title"] == "CoIns", "mean"] = np.nan
    assert ">0.30<" not in words(recall_bars(table))
    assert ">nan<" not in words(recall_bars(table))


def test_recall_without_rows_is_an_empty_figure():
    assert words(recall_bars(summary(1).iloc[:0]))


@pytest.mark.parametrize("mode", [LIGHT, DARK])
@pytest.mark.parametrize("n", [1, 3])
def test_groupings_are_two_marks_a_method(mode, n: int):
    table = pd.concat([summary(n, ("MaskCon", "SupCE")), summary(n, ("SupCE", "MaskCon"), "bad")])
    drawn = words(groupings_compared(table, {"good": "alphabets", "bad": "mixed groups"}, mode=mode))
    assert all(text in drawn for text in ("alphabets", "mixed groups", ">0.100<", ">0.200<", "MaskCon", "SupCE"))


def test_groupings_with_one_missing():
    table = pd.concat([summary(1, ("MaskCon", "SupCE")), summary(1, ("SupCE",), "bad")])
    assert ">nan<" not in words(groupings_compared(table, {"good": "alphabets", "bad": "mixed"}))


def test_curves_have_a_line_a_seed():
    left, right = training_curves({"MaskCon": history(3)}).axes
    assert len([line for line in left.lines if len(line.get_xdata()) == 4]) == 3
    assert len([line for line in right.lines if len(line.get_xdata()) == 3]) == 3


def test_what_was_never_trained_is_a_level():
    floor = pd.DataFrame({"seed": [0], "epoch": [0], "loss": [np.nan], "recall_1": [0.18]})
    _, right = training_curves({"raw pixels": floor, "MaskCon": history()}).axes
    assert any(list(line.get_ydata()) == [0.18, 0.18] for line in right.lines)


@pytest.mark.parametrize("lost", [["recall_1"], ["loss"], ["loss", "recall_1"]])
def test_curves_of_what_was_not_measured(lost: list[str]):
    assert words(training_curves({"MaskCon": history().drop(columns=lost), "CoIns": history()}))
    assert words(training_curves({"MaskCon": history().assign(**dict.fromkeys(lost, np.nan))}))


def test_no_curves():
    assert words(training_curves({}))


def test_two_lines_of_one_method_differ_in_dashes():
    looks = styles(["MaskCon, good", "MaskCon, bad", "MaskCon"])
    assert len({look.dashes for look in looks.values()}) == 3
    assert {look.color for look in looks.values()} == {STYLES["MaskCon"].color}


@pytest.mark.parametrize("draw", [
    lambda: recall_bars(summary(3, (EVIL, "costs $5 and $6"))),
    lambda: training_curves({EVIL: history(), "costs $5 and $6": history()}),
])  # fmt: skip
def test_names_are_words_and_no_markup(draw):
    drawn = words(draw())
    assert EVIL not in drawn
    assert "&lt;script&gt;" in drawn and "costs $5 and $6" in drawn


@pytest.mark.parametrize("draw", [lambda: recall_bars(summary(3)), lambda: training_curves({"MaskCon": history()})])
def test_same_figure_same_bytes(draw):
    assert svg(draw()) == svg(draw())
    assert png(draw(), 80) == png(draw(), 80)
    assert b"dc:date" not in svg(draw())


@given(st.lists(st.floats(0, 1), max_size=12).map(sorted))
def test_names_are_moved_apart_in_order(values: list[float]):
    places = apart(values, 0.08)
    assert len(places) == len(values)
    assert all(b - a >= 0.08 - 1e-9 for a, b in pairwise(places))
    assert all(place >= 0 for place in places)


def test_names_that_are_apart_stay():
    assert apart([0.1, 0.5, 0.9], 0.08) == pytest.approx([0.1, 0.5, 0.9])


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", [LIGHT, DARK])
def test_colors_can_be_seen_and_words_can_be_read(mode):
    assert all(contrast(style(title, mode).color, mode.paper) >= 3 for title in STYLES)
    others = (*KINDS.values(), *SPARES["few"], *SPARES["views"])
    assert all(contrast(look.color, mode.paper) >= 3 for look in others if look.color != INK)
    assert contrast(mode.ink, mode.paper) >= 7 and contrast(mode.pale, mode.paper) >= 4.5


def test_methods_of_a_family_differ_in_more_than_color():
    for family in (COARSE, FEW, KINDS, VIEWS):
        assert len({look.marker for look in family.values()}) == len(family)
        trained = [look.dashes for title, look in family.items() if title not in ("MaskCon", "CoIns")]
        assert len(set(trained)) == len(trained)
