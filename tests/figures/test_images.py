"""Figures of images: maps, galleries, sheets, and the views that they show."""

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from gristmill.attributes import attributes
from gristmill.figures.embedding import embedding_map, joined
from gristmill.figures.first import first_views
from gristmill.figures.gallery import one_of_each, retrieval_gallery
from gristmill.figures.plane import maps, thin, tsne, turned
from gristmill.figures.save import png
from gristmill.figures.sheets import groupings_sheet, restored, views_sheet
from gristmill.figures.theme import DARK, LIGHT
from gristmill.figures.tiles import painted
from gristmill.train.run import make_run
from tests.report.sample import TRAIN, VIEWS, make_tables

EVIL = "<script>alert(1)</script> $x$"


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (48, 8, 8, 1), dtype=np.uint8)


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_map_is_the_same_each_time_and_keeps_classes_together():
    rng = np.random.default_rng(0)
    fine = np.arange(60) % 3
    features = rng.normal(size=(60, 5)) + 20 * np.eye(5)[fine]
    points = tsne(features)
    assert points.shape == (60, 2) and np.array_equal(points, tsne(features))
    middles = np.array([points[fine == c].mean(0) for c in range(3)])
    nearest = np.linalg.norm(points[:, None] - middles, axis=2).argmin(1)
    assert np.array_equal(nearest, fine)


@pytest.mark.parametrize("features", [np.ones((30, 4)), np.full((30, 4), np.nan), np.zeros((1, 3)), np.ones((9, 1))])
def test_map_of_nothing_to_lay_out(features: np.ndarray):
    points = tsne(features)
    assert points.shape == (len(features), 2) and np.isfinite(points).all()
    figure = embedding_map(points, np.zeros(len(features)), np.zeros(len(features)))
    assert png(figure, 50)


@pytest.mark.parametrize("classes", [1, 4, 30])
def test_map_is_drawn_for_few_and_many_classes(classes: int):
    points = np.random.default_rng(0).normal(size=(90, 2))
    fine = np.arange(90) % classes
    figure = embedding_map(points, fine, fine % 2, {0: EVIL, 1: "Greek"}, title="MaskCon", mode=DARK)
    assert png(figure, 50)
    clouds = [found for found in figure.axes[0].collections if isinstance(found, PathCollection)]
    assert sum(len(cloud.get_offsets()) for cloud in clouds) == 90


def test_lines_join_near_images_of_one_class_only():
    points = np.array([[0, 0], [0.01, 0], [1, 1], [0, 0.005]])
    first, second = joined(points, np.array([0, 0, 0, 1]))
    assert list(zip(first, second, strict=True)) == [(0, 1)]


def test_a_turned_and_mirrored_map_is_turned_back():
    points = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    turn = np.array([[0.6, 0.8], [0.8, -0.6]])
    assert np.allclose(turned(points @ turn + 3, points), points - points.mean(0), atol=1e-5)


def test_maps_of_several_networks_are_turned_like_the_first():
    rng = np.random.default_rng(0)
    features = [rng.normal(size=(30, 4)), rng.normal(size=(30, 6))]
    first, second = maps(features)
    assert np.array_equal(first, tsne(features[0]))
    assert np.array_equal(second, turned(tsne(features[1]), first))
    assert maps([]) == [] and maps([np.empty((0, 3))])[0].shape == (0, 2)


def test_thinned_places_are_even():
    assert list(thin(5)) == [0, 1, 2, 3, 4]
    assert len(thin(10_000, 100)) == 100 and thin(10_000, 100)[-1] == 9_999


def test_queries_are_one_of_each_coarse_class():
    coarse, fine = np.arange(96) % 8, np.arange(96) % 24
    queries = one_of_each(coarse, fine)
    assert list(coarse[queries]) == list(range(8))
    assert np.array_equal(queries, one_of_each(coarse, fine))


def test_queries_are_filled_up_with_other_fine_classes():
    fine = np.arange(96) % 12
    queries = one_of_each(fine % 2, fine)
    assert len(queries) == len(set(fine[queries])) == 8


def test_few_images_make_few_queries():
    assert len(one_of_each(np.array([0]), np.array([0]))) == 1


def test_gallery_marks_hits_and_misses_by_more_than_color(images: np.ndarray):
    fine = np.arange(48) % 4
    nearest = np.array([[4, 8, 1], [2, 3, 0]])  # two hits, none
    figure = retrieval_gallery(images, np.array([0, 1]), nearest, fine, [EVIL, "b"], title="MaskCon")
    frames = [p for p in figure.axes[0].patches if p.get_linewidth() > 1]
    assert [p.get_linestyle() == "-" for p in frames] == [True, True, False, False, False, False]
    assert len({tuple(p.get_edgecolor()) for p in frames}) == 2
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert len(crosses) == 4
    assert "2 of 3" in texts(figure) and "0 of 3" in texts(figure)
    assert png(figure, 50) == png(figure, 50)


def test_images_of_one_channel_go_from_paper_to_ink():
    image = np.array([[[0], [255]]], np.uint8)
    assert painted(image, LIGHT).tolist() == [[[255, 255, 255], [31, 35, 41]]]
    assert painted(image, DARK)[0, 0].tolist() == [0, 0, 0]
    color = np.zeros((2, 2, 3), np.uint8)
    assert painted(color, LIGHT) is color


@pytest.mark.parametrize("mode", [LIGHT, DARK])
def test_sheets_are_drawn(images: np.ndarray, mode):
    views = {"key": images[:4], "query": np.repeat(images[:4], 3, axis=3)}
    assert png(views_sheet(images[:4], views, ["a", EVIL, "c", "d"], mode), 50)
    assert png(groupings_sheet({EVIL: list(images[:3]), "b": list(images[:1])}, mode), 50)


def test_restored_views_are_the_bytes_before_normalizing(images: np.ndarray):
    mean, std = [0.1], [0.3]
    normal = (images.transpose(0, 3, 1, 2) / np.float32(255) - mean) / std
    assert np.array_equal(restored(normal, mean, std), images)


def test_first_views_are_those_of_the_trainer(images: np.ndarray):
    table = make_tables()["omniglot_good"].iloc[::-1].reset_index(drop=True)
    network = {"name": "small", "widths": [4], "blocks": 1, "dim": 4, "hidden": 4, "init": "random"}
    train = {**TRAIN, "device": "cpu", "precision": "fp32", "warmup": 1, "momentum": 0.9, "weight_decay": 0}
    settings = {
        "method": "maskcon", "network": network, "views": VIEWS, "train": train,
        "memory": {"size": 16, "momentum": 0.9}, "loss": {"temperature": 0.1, "target_temperature": 0.1, "w": 1},
        "monitor": {"every": 1, "k": [1]},
    }  # fmt: skip
    places, views = first_views(images, table, settings, seed=3, count=5)
    run = make_run(images, table, attributes(settings), 3)
    batch = run.batches(0).train
    assert np.array_equal(table["row"].to_numpy()[places], run.rows["train"][batch.index[:5]].numpy())
    for view in ("key", "query"):
        seen = restored(getattr(batch, view)[:5].numpy(), VIEWS["mean"], VIEWS["std"])
        assert np.array_equal(views[view], seen)
    assert not np.array_equal(views["key"], views["query"])
