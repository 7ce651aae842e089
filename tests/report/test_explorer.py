"""What the explorer shows is what the features say."""

import json
from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gristmill.evaluate.neighbours import hit_rates, neighbours
from gristmill.report.draw_look import placed
from gristmill.report.explorer import GRID, explorers
from gristmill.report.sprites import SIDE, sprite_sheet
from tests.report.sample import make_explorers, make_looks


def numbers(text: str, kind: str) -> np.ndarray:
    """What `packed` packed."""
    return np.frombuffer(b64decode(text), kind)


def sheet_of(images: list[np.ndarray]) -> tuple[dict[str, Any], np.ndarray]:
    """A sprite sheet, and its pixels."""
    sheet = sprite_sheet(images)
    picture = Image.open(BytesIO(b64decode(sheet["picture"].partition(",")[2])))
    return sheet, np.asarray(picture.convert("L" if sheet["ink"] else "RGBA"))


def test_neighbors_and_cosines_are_those_of_the_full_space():
    look, (data,) = make_looks()[0], make_explorers()
    method = data["methods"][0]
    nearest = numbers(method["nearest"], "<u2").reshape(24, method["k"])
    assert method["k"] == 20 and np.array_equal(nearest, neighbours(look.features, 20))
    unit = look.features / np.linalg.norm(look.features, axis=1, keepdims=True)
    cosine = numbers(method["cosine"], "<i2").reshape(24, 20) / 10_000
    assert np.allclose(cosine, np.take_along_axis(unit @ unit.T, nearest, 1), atol=1e-4)
    assert method["right"] / 24 == pytest.approx(hit_rates(nearest, look.test["fine"].to_numpy(), [1])[1])


def test_labels_are_those_of_the_first_run_whatever_the_others_learned_from():
    look, (data,) = make_looks()[0], make_explorers()
    fines, coarses = ([each["name"] for each in data[key]] for key in ("fines", "coarses"))
    assert [fines[place] for place in numbers(data["fine"], "<u2")] == list(look.test["fine_name"])
    assert [coarses[place] for place in numbers(data["coarse"], "<u2")] == list(look.test["label_name"])
    assert data["samples"] == list(look.test["sample"])
    assert [method["title"] for method in data["methods"]] == ["MaskCon", "SupCE", "SupFine"]


def test_maps_keep_their_shape_on_the_grid():
    looks = make_looks()
    points = placed(looks)
    (data,) = explorers(looks, points)
    for look, method in zip(looks, data["methods"], strict=True):
        grid = numbers(method["points"], "<u2").reshape(-1, 2) / GRID
        own = points[look.name] / np.ptp(points[look.name], axis=0).max()
        assert grid.min() >= 0 and np.ptp(grid, axis=0).max() == pytest.approx(1, abs=1e-3)
        assert np.allclose(grid - grid.mean(0), own - own.mean(0), atol=1e-3)


def test_runs_on_other_test_images_have_an_explorer_of_their_own():
    first, second, third = make_looks()
    fewer = replace(second, features=second.features[:12], row=second.row[:12])
    none = replace(third, features=third.features[:0], row=third.row[:0])
    data = explorers([first, fewer, none], placed([first, fewer, none]))
    assert [(each["name"], each["count"]) for each in data] == [("omniglot", 24), ("omniglot_2", 12)]


@pytest.mark.parametrize("count", [1, 2])
def test_hardly_any_images(count: int):
    look = make_looks()[0]
    few = replace(look, features=look.features[:count], row=look.row[:count])
    (data,) = explorers([few], placed([few]))
    assert data["methods"][0]["k"] == count - 1
    assert json.loads(json.dumps(data)) == data


def test_same_runs_same_bytes():
    assert json.dumps(make_explorers()) == json.dumps(make_explorers())


def test_drawings_lie_in_their_tiles():
    images = [np.full((6, 6, 1), 40 * place, np.uint8) for place in range(5)]
    sheet, pixels = sheet_of(images)
    assert (sheet["side"], sheet["columns"], sheet["ink"]) == (6, 3, True)
    tiles = [pixels[place // 3 * 6 : place // 3 * 6 + 6, place % 3 * 6 : place % 3 * 6 + 6] for place in range(5)]
    assert [round(float(tile.mean())) for tile in tiles] == [0, 40, 80, 120, 160]


def test_photos_of_many_sizes_are_fitted_in_square_tiles():
    images = [np.full((100, 50, 3), (200, 10, 10), np.uint8), np.full((20, 80, 3), (10, 200, 10), np.uint8)]
    sheet, pixels = sheet_of(images)
    assert (sheet["side"], sheet["columns"], sheet["ink"]) == (SIDE, 2, False)
    assert pixels.shape == (SIDE, 2 * SIDE, 4)
    shown = pixels[..., 3] > 0
    assert shown[:, :SIDE].any(0).sum() == SIDE // 2 and shown[:, :SIDE].any(1).all()
    assert shown[:, SIDE:].any(1).sum() == SIDE // 4 and shown[:, SIDE:].any(0).all()
    middle = pixels[SIDE // 2, [SIDE // 2, SIDE + SIDE // 2], :3].astype(int)
    assert (np.abs(middle - [[200, 10, 10], [10, 200, 10]]) < 12).all()
