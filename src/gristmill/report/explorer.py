"""What the page's explorer shows: where each method puts the test images, and what it holds to be alike."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.colors import to_hex

from gristmill.evaluate.neighbours import neighbours
from gristmill.figures.embedding import class_colors
from gristmill.figures.gallery import one_of_each
from gristmill.figures.plane import thin
from gristmill.figures.theme import fine_colors
from gristmill.report.choice import few
from gristmill.report.draw_look import Look, kept_features, readable, same_images
from gristmill.report.sprites import sprite_sheet
from gristmill.report.words import dataset_name, words

NEAREST = 20
GRID = 65535  # places of a map in each direction
COSINE = 10_000  # steps of a cosine from 0 to 1


def explorers(looks: Sequence[Look], points: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """One explorer for each set of test images that runs were looked at on.

    Args:
        looks: those on the same test images are shown beside each other, the first two at first.
        points: run -> K x 2, as `draw_look.placed` gives them.
    """
    found: list[dict[str, Any]] = []
    for group in same_images([look for look in looks if len(look.row)]):
        name = group[0].run["dataset"]
        same = sum(other["dataset"] == name for other in found)
        found.append({"name": f"{name}_{same + 1}" if same else name, **explorer(group, points)})
    return found


def explorer(looks: Sequence[Look], points: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """All that the page's script needs of runs on the same test images, as plain data for JSON.

    Arrays are little-endian integers in base64. Neighbors are sought among the images shown, all of them unless
    there are more than `figures.plane.MOST`.

    Args:
        looks: at least one; the labels are those of the first one's task.
        points: run -> K x 2.

    Returns:
        dataset, title, words; count (K) and of (all test images); samples, fine and coarse (uint16 K each, places in
        fines and coarses: name, color and mark of each); sheet: the images, see `sprite_sheet`; first: the image shown
        at first; methods: name, title, right (images whose nearest is of their fine class), points (uint16 K x 2), k,
        nearest (uint16 K x k), cosine (int16 K x k, times COSINE).
    """
    first = looks[0]
    kept = thin(len(first.row))
    test, say = first.test.iloc[kept], words(first.run["task"], few(first.run["method"]))
    fine, fine_place = np.unique(test["fine"].to_numpy(), return_index=True)
    coarse, coarse_place, group = np.unique(test["label"].to_numpy(), return_index=True, return_inverse=True)
    colors = class_colors(test["fine"].to_numpy(), test["label"].to_numpy())
    return {
        "dataset": first.run["dataset"],
        "title": dataset_name(first.run["dataset"]),
        "words": {
            "image": say.image,
            "a_image": say.a(say.image),
            "images": say.many(say.image),
            "fine": say.fine,
            "fines": say.many(say.fine),
            "coarse": say.coarse,
        },
        "count": len(kept),
        "of": len(first.row),
        "samples": [str(sample) for sample in test["sample"]],
        "fine": packed(np.searchsorted(fine, test["fine"]), "<u2"),
        "coarse": packed(group, "<u2"),
        "fines": classes(test["fine_name"].iloc[fine_place], colors[fine_place], group[fine_place]),
        "coarses": classes(test["label_name"].iloc[coarse_place], fine_colors(len(coarse)), range(len(coarse))),
        "first": int(one_of_each(test["label"].to_numpy(), test["fine"].to_numpy())[0]),
        "sheet": sprite_sheet([np.asarray(first.images[int(row)]) for row in test["row"]]),
        "methods": [method(look, points[look.name], test["fine"].to_numpy()) for look in looks],
    }


def classes(names: Iterable[str], colors: Iterable[Any], marks: Iterable[int]) -> list[dict[str, Any]]:
    """Names of classes and how they look; the mark is the coarse class's."""
    rows = zip(names, colors, marks, strict=True)
    return [{"name": readable(str(name)), "color": to_hex(color), "mark": int(mark)} for name, color, mark in rows]


def method(look: Look, points: np.ndarray, fine: np.ndarray) -> dict[str, Any]:
    """A run: the map and the nearest images in the full space.

    Args:
        fine: K class numbers.
    """
    features = kept_features(look)
    nearest = neighbours(features, NEAREST)
    unit = features.astype(np.float64)
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-12)
    cosine = np.stack([(unit * unit[column]).sum(1) for column in nearest.T], 1) if nearest.size else nearest
    return {
        "name": look.name,
        "title": look.run["title"],
        "right": int((fine[nearest[:, 0]] == fine).sum()) if nearest.size else 0,
        "points": packed(on_grid(points), "<u2"),
        "k": nearest.shape[1],
        "nearest": packed(nearest, "<u2"),
        "cosine": packed((cosine * COSINE).round(), "<i2"),
    }


def on_grid(points: np.ndarray) -> np.ndarray:
    """Points as integers from 0 to GRID, K x 2; both directions keep their scale and lie in the middle."""
    low, high = points.min(0), points.max(0)
    span = max(float((high - low).max()), 1e-12)
    return np.clip(((points - (low + high) / 2) / span + 0.5) * GRID, 0, GRID).round()


def packed(values: np.ndarray, kind: str) -> str:
    """Numbers as base64."""
    return b64encode(np.ascontiguousarray(values).astype(kind).tobytes()).decode()
