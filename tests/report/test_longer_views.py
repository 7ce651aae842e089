"""What is drawn of the longer trainings of methods of two views: LoGo, MoCo's memory, pairs of crops."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from gristmill.figures.bands import course_bands
from gristmill.figures.pairs import filled, mean_cosine, pair_histograms
from gristmill.figures.setting import setting_curves
from gristmill.figures.theme import DARK, LIGHT, style, styles
from gristmill.report.draw_longer_views import course_look, evidence_of_views, longer_views_pictures, setting_runs
from gristmill.report.draw_view_maps import draw_view_maps, nearest_alike
from gristmill.report.page import make_page
from gristmill.report.pictures import Picture
from tests.report.sample import make_tables
from tests.report.two_views_sample import make_view_metrics, make_view_results, make_view_runs

KNN, LINEAR = "knn_logo_1_top1", "linear_lbfgs_1_top1"
LOGO = {"moco_base": ("MoCo", 0.6), "moco_lr02": ("MoCo, lr 0.2", 0.62), "logo_on_moco": ("MoCo + LoGo", 0.66),
        "simsiam_base": ("SimSiam", 0.5), "logo_on_simsiam": ("SimSiam + LoGo", 0.55)}  # fmt: skip
MEMORY = {f"memory_{size}": (size, 0.99) for size in (256, 512)}
MOMENTUM = {"momentum_0": (2048, 0.0), "momentum_9": (2048, 0.9), "momentum_999": (2048, 0.999)}


def make_table(seeds: int = 3) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for seed in range(seeds):
        for name, (title, end) in LOGO.items():
            run = {"experiment": name, "title": title, "epochs": 24, "K": 2048, "m": 0.99}
            rows.append(run | {KNN: end + 0.01 * seed})
        for name, (size, momentum) in (MEMORY | MOMENTUM).items():
            end = 0.4 + size / 1e5 + momentum / 10 + 0.01 * seed
            run = {"experiment": name, "title": f"MoCo, {name}", "epochs": 24, "K": size, "m": momentum}
            rows.append(run | {KNN: end})
        for row in rows[-len(LOGO) - len(MEMORY | MOMENTUM) :]:
            row |= {"task": "omniglot_fine", "dataset": "omniglot", "seed": seed, LINEAR: row[KNN] + 0.1}
    return pd.DataFrame(rows)


def make_history(seeds: int = 3) -> pd.DataFrame:
    epochs = np.arange(0, 49, 4)
    return pd.concat([
        pd.DataFrame({"experiment": name, "title": title, "seed": seed, "epoch": epochs, "step": 26 * epochs,
                      KNN: 0.1 + (end - 0.1 + 0.01 * seed) * (epochs / 48) ** 0.4})
        for name, (title, end) in LOGO.items() for seed in range(seeds)
    ])  # fmt: skip


def make_pairs(seeds: int = 2) -> pd.DataFrame:
    middles = {"global-global": 0.8, "global-local": 0.7, "local-local": 0.6}
    rows, low = [], np.round(np.arange(0, 1, 0.02), 2)
    for name, (title, _) in LOGO.items():
        for seed in range(seeds):
            for pair, middle in middles.items():
                moved = middle - 0.2 * (name.startswith("logo") and pair == "local-local") + 0.02 * seed
                share = np.exp(-(((low + 0.01 - moved) / 0.08) ** 2))
                share = np.where(share < 1e-3, 0, share)
                part = pd.DataFrame({"pair": pair, "low": low, "high": np.round(low + 0.02, 2),
                                     "share": share / share.sum()})  # fmt: skip
                part = part.loc[part["share"] > 0]
                rows.append(part.assign(experiment=name, title=title, seed=seed))
    return pd.concat(rows, ignore_index=True)


def drawn(**other: Any) -> dict[str, Picture]:
    given = {"table": make_table(), "history": make_history(), "pairs": make_pairs()} | other
    return {picture.name.removeprefix("two_views_"): picture for picture in longer_views_pictures(**given)}


def words(figure: Figure) -> list[str]:
    return [text.get_text() for legend in [*figure.legends, *(p.get_legend() for p in figure.axes)] if legend
            for text in legend.get_texts()]  # fmt: skip


def test_each_table_gives_its_picture_and_without_it_the_picture_is_left_out():
    none = pd.DataFrame()
    assert [*drawn()] == ["logo", "memory", "pairs"]
    assert [*drawn(history=none)] == ["memory", "pairs"] and [*drawn(pairs=none)] == ["logo", "memory"]
    assert [*drawn(table=make_table().drop(columns="K"))] == ["logo", "pairs"]
    assert not drawn(table=none)
    assert all(picture.family == "views" and picture.section == "longer" for picture in drawn().values())


def test_dark_pictures_are_files_of_their_own_and_bytes_are_stable():
    light, dark = drawn(), drawn(mode=DARK)
    assert [*light["logo"].files] == ["two_views_logo.svg"] and [*dark["logo"].files] == ["two_views_logo_dark.svg"]
    assert light["pairs"].files == drawn()["pairs"].files
    assert DARK.ink in dark["memory"].files["two_views_memory_dark.svg"].decode()


def test_a_line_is_the_mean_over_seeds_and_the_band_one_deviation():
    values = pd.DataFrame([
        {"panel": panel, "line": line, "seed": seed, "epoch": epoch, "value": 0.1 * epoch + 0.1 * seed}
        for panel, line in (("MoCo", "MoCo"), ("MoCo", "MoCo + LoGo"), ("SimSiam", "SimSiam"))
        for seed in range(3) for epoch in (0, 4)
    ])  # fmt: skip
    left, right = course_bands(values, styles(set(values["line"])), "kNN").axes
    assert np.asarray(left.lines[0].get_ydata()) == pytest.approx([0.1, 0.5])
    heights = left.collections[0].get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(0.0) and heights.max() == pytest.approx(0.6)
    assert len(left.lines) == len(left.collections) == 2 and len(right.lines) == 1
    assert left.get_ylim()[0] == 0
    one = course_bands(values.query("seed == 0"), styles(set(values["line"])), "kNN").axes[0]
    assert len(one.lines) == 2 and not one.collections
    assert words(course_bands(values, styles(set(values["line"])), "kNN")) == ["MoCo", "MoCo + LoGo", "SimSiam"]


def test_logo_has_its_own_look_under_the_name_that_the_table_gives_it():
    for base in ("MoCo", "SimSiam"):
        assert style(f"{base} + LoGo") == style(f"LoGo-{base}") != style(base)
    assert "In the last epoch: MoCo 0.610, MoCo, lr 0.2 0.630, MoCo + LoGo 0.670" in drawn()["logo"].alt
    assert "(n = 3)" in drawn()["logo"].caption


def test_one_setting_changes_in_a_panel_and_the_run_that_both_share_stands_in_both():
    runs, base = setting_runs(make_table(1))
    assert base == {"K": 2048, "m": 0.99}
    assert [*runs.loc[runs["setting"] == "K", "at"]] == [256, 512, 2048]
    assert sorted(runs.loc[runs["setting"] == "m", "at"]) == [0, 0.9, 0.99, 0.999]
    assert set(runs["epochs"]) == {24}
    only = make_table(1).query("experiment.str.startswith('momentum')")
    assert set(setting_runs(only)[0]["setting"]) == {"m"} and not len(setting_runs(only.iloc[:1])[0])


def test_a_mark_is_the_mean_of_its_seeds_at_the_place_of_its_value():
    runs = pd.DataFrame([
        {"setting": setting, "at": at, "line": line, "seed": seed, "value": value + 0.1 * seed}
        for setting, ats in (("K", (256, 3072)), ("m", (0.0, 0.9, 0.99)))
        for at in ats for line, value in (("kNN", 0.3), ("linear", 0.5)) for seed in range(2)
    ])  # fmt: skip
    looks = {"kNN": style("MoCo"), "linear": style("SimSiam")}
    figure = setting_curves(runs, {"K": "keys", "m": "momentum"}, {"K": 3072, "m": 0.9}, looks)
    left, right = figure.axes
    assert [label.get_text() for label in left.get_xticklabels()] == ["256", "3072"]
    assert [label.get_text() for label in right.get_xticklabels()] == ["0", "0.9", "0.99"]
    assert [np.asarray(bars.lines[0].get_ydata()).tolist() for bars in right.containers] == [
        pytest.approx([0.35] * 3), pytest.approx([0.55] * 3),
    ]  # fmt: skip
    assert [line.get_xdata()[0] for line in (left.lines[-1], right.lines[-1])] == [1, 1]  # the dotted lines
    assert words(figure) == ["kNN", "linear"] and right.get_xlabel() == "momentum"


def test_histograms_have_a_panel_a_network_and_their_means_stand_upright():
    pairs = make_pairs(1)
    figure = pair_histograms(pairs, [["MoCo", "MoCo + LoGo"], ["SimSiam"]])
    panels = [panel for panel in figure.axes if panel.axison]
    assert [panel.get_title(loc="left") for panel in panels] == ["MoCo", "SimSiam", "MoCo + LoGo"]
    assert words(figure) == ["global-global", "global-local", "local-local"]
    places = [line.get_xdata()[0] for line in panels[2].lines]
    assert places == pytest.approx([0.8, 0.7, 0.4], abs=0.01)
    assert [outline.get_data().values.sum() for outline in panels[0].patches[::2]] == pytest.approx([1] * 3)


def test_empty_bins_are_drawn_as_empty():
    holes = pd.DataFrame({"low": [-0.2, 0.4], "high": [0.0, 0.6], "share": [0.25, 0.75]})
    heights, edges = filled(holes)
    assert heights.tolist() == [0.25, 0, 0, 0.75] and edges == pytest.approx([-0.2, 0, 0.2, 0.4, 0.6])
    assert mean_cosine(holes) == pytest.approx(0.35)


def test_a_bin_that_one_seed_does_not_have_counts_as_zero_of_it():
    rows = [{"experiment": name, "title": LOGO[name][0], "pair": "local-local", "seed": seed, "low": low,
             "high": low + 0.5, "share": 1.0}
            for name in ("moco_lr02", "logo_on_moco") for seed, low in ((0, 0.0), (1, 0.5))]  # fmt: skip
    picture = drawn(pairs=pd.DataFrame(rows))["pairs"]
    assert ",0,0.5,0.5\n" in picture.data and "MoCo + LoGo: local-local 0.50" in picture.alt


def test_logo_is_compared_with_the_base_that_differs_least_from_it():
    assert "MoCo, lr 0.2: global-global" in drawn()["pairs"].alt
    without = make_pairs().query("experiment != 'moco_lr02'")
    assert "Mean cosine. MoCo: global-global 0.81" in drawn(pairs=without)["pairs"].alt
    assert "pairs" not in drawn(pairs=make_pairs().query("not experiment.str.startswith('logo')"))


@pytest.mark.parametrize("mode", [LIGHT, DARK])
def test_names_are_words_and_no_markup(mode):
    evil = {"title": "<script>alert(1)</script> $x$"}
    history, pairs = make_history(1).assign(**evil), make_pairs(1).assign(**evil)
    for picture in drawn(history=history, pairs=pairs, mode=mode).values():
        assert all("<script>alert" not in content.decode() for content in picture.files.values())


def test_on_the_page_they_stand_in_the_family_of_two_views_where_their_data_set_is():
    evidence = {"two_views": make_table(), "two_views_history": make_history(), "two_views_pairs": None}
    pictures = evidence_of_views(evidence, ["digits", "omniglot"])
    assert [picture.name for picture in pictures] == ["two_views_logo", "two_views_memory"]
    assert evidence_of_views(evidence, ["digits"]) == []
    assert evidence_of_views({"two_views": pd.DataFrame()}, ["omniglot"]) == []
    results, tasks = make_view_results(make_view_metrics())
    page = make_page(results, make_view_runs(), tasks, pictures)
    place = page.index('id="views-longer"')
    assert page.count('href="#views-longer"') >= 1 and page.index('id="two_views_memory"') > place
    without = make_page(results, make_view_runs(), tasks, [])
    assert "views-longer" not in without


def test_maps_stand_side_by_side_with_the_same_classes_colored_in_each():
    tables, rng = make_tables(), np.random.default_rng(0)
    test = np.flatnonzero(tables["omniglot_fine"]["part"] == "test")
    fine = tables["omniglot_fine"]["fine"].to_numpy()[test]
    near = {"features": np.eye(fine.max() + 1)[fine] + 0.01 * rng.normal(size=(len(test), fine.max() + 1)), "row": test}
    far = {"features": rng.normal(size=(len(test), 4)), "row": test}
    features = {"simclr_drawings": {"0": lambda: far, "10": pytest.fail}, "cross_entropy_drawings": {"0": lambda: near},
                "moco_drawings": {"0": pytest.fail}}  # fmt: skip
    (picture,) = draw_view_maps(make_view_runs(), tables, features, 50)
    assert picture.family == "views" and picture.title.endswith("Cross entropy, SimCLR")
    assert sorted(picture.files) == ["tsne_omniglot_fine_views_dark.png", "tsne_omniglot_fine_views_light.png"]
    right = [int(word) for word in picture.alt.replace(",", "").split() if word.isdigit()][1:]
    assert right[0] > right[1]
    assert draw_view_maps(make_view_runs(), tables, {"simclr_drawings": features["simclr_drawings"]}, 50) == []


def test_nearest_on_the_map():
    points = np.array([[0.0, 0], [1, 0], [5, 0], [6.5, 0]])
    assert nearest_alike(points, np.array([0, 0, 1, 1])) == 1 and nearest_alike(points, np.array([0, 1, 1, 1])) == 0.5
    assert nearest_alike(points[:1], np.array([0])) == 0


def test_a_method_with_other_settings_is_told_from_itself_by_line_and_mark():
    own, other, logo = (course_look(title, LIGHT) for title in ("MoCo", "MoCo, lr 0.2", "MoCo + LoGo"))
    assert own.color == other.color and own.marker != other.marker and own.dashes and not other.dashes
    assert len({own.marker, other.marker, logo.marker}) == len({own.dashes, other.dashes, logo.dashes}) == 3
