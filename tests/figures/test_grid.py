"""Figures of grids and of short against long trainings."""

import numpy as np
import pandas as pd
import pytest

from gristmill.figures.grid import t2_curve, w_curves
from gristmill.figures.lengths import short_and_long
from gristmill.figures.save import svg
from gristmill.figures.theme import DARK, LIGHT

EVIL = "<script>alert(1)</script>"
LEVELS = pd.DataFrame({"title": ["SelfCon"], "label": ["SelfCon"], "n": [3], "mean": [0.5], "sd": [0.01]})


def curve(column: str, values: list[float], title: str = "MaskCon", n: int = 3) -> pd.DataFrame:
    means = 0.5 + 0.1 * np.arange(len(values))
    return pd.DataFrame({"title": title, column: values, "n": n, "mean": means, "sd": 0.01 if n > 1 else np.nan})


def runs(titles: tuple[str, ...] = ("MaskCon", "CoIns"), epochs: tuple[int, ...] = (4, 12), seeds: int = 3):
    rows = [
        {"title": title, "epochs": number, "seed": seed, "recall_1": 0.5 + 0.01 * (number + place + seed)}
        for place, title in enumerate(titles)
        for number in epochs
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("mode", [LIGHT, DARK])
@pytest.mark.parametrize("n", [1, 3])
def test_w_curves_name_their_ends(mode, n: int):
    table = pd.concat([curve("w", [0, 0.5, 1], "CoIns", n), curve("w", [0, 0.5], "MaskCon", n)])
    drawn = svg(w_curves(table, {"CoIns": "SupCE", "MaskCon": "nothing"}, "SelfCon", mode)).decode()
    assert all(text in drawn for text in ("CoIns (at 1: SupCE)", ">MaskCon<", "at 0: SelfCon"))
    assert "nothing" not in drawn  # its curve does not reach 1


@pytest.mark.parametrize("mode", [LIGHT, DARK])
@pytest.mark.parametrize("values", [[0.01, 0.1, 1.0], [0.1]])
def test_t2_curve_has_levels_of_what_does_not_depend_on_it(mode, values: list[float]):
    drawn = svg(t2_curve(curve("T2", values), LEVELS, mode)).decode()
    assert "SelfCon" in drawn and ">0.1<" in drawn
    assert svg(t2_curve(curve("T2", values, n=1), LEVELS.iloc[:0], mode))


def test_short_and_long_is_a_thin_line_a_seed_and_the_mean_in_numbers():
    figure = short_and_long(runs(), {"recall_1": "character right"})
    (panel,) = figure.axes
    thin = [line for line in panel.lines if line.get_linewidth() == 0.8]
    assert len(thin) == 6
    assert all(f">{value}<" in svg(figure).decode() for value in ("0.550", "0.560", "0.630", "0.640"))


@pytest.mark.parametrize(("epochs", "seeds"), [((4,), 3), ((4, 12), 1), ((4, 12, 40), 2)])
def test_short_and_long_of_few(epochs: tuple[int, ...], seeds: int):
    assert svg(short_and_long(runs(epochs=epochs, seeds=seeds), {"recall_1": "a", "epochs": "b"}))
    lost = runs().assign(recall_1=lambda rows: rows["recall_1"].where(rows["title"] == "CoIns"))
    assert ">nan<" not in svg(short_and_long(lost, {"recall_1": "a"})).decode()


@pytest.mark.parametrize("draw", [
    lambda title: w_curves(curve("w", [0, 1], title), {title: title}, title),
    lambda title: t2_curve(curve("T2", [0.1, 1], title), LEVELS.assign(title=title, label=title)),
    lambda title: short_and_long(runs((title,)), {"recall_1": title}),
])  # fmt: skip
def test_names_are_words_and_no_markup_and_bytes_are_stable(draw):
    assert EVIL not in svg(draw(EVIL)).decode() and "costs $5 and $6" in svg(draw("costs $5 and $6")).decode()
    assert svg(draw(EVIL)) == svg(draw(EVIL))
