"""Maps of the test images, side by side: learned without labels, from all labels by contrast, by cross entropy."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gristmill.figures.class_map import class_maps
from gristmill.figures.plane import MOST, maps, thin
from gristmill.labels.seeds import of_seed
from gristmill.report.draw_look import in_both, readable
from gristmill.report.pictures import Picture
from gristmill.report.words import words

SHOWN = ("cross_entropy", "simclr", "supcon")  # methods, from left to right
COLORED = 6  # classes: so many colors are told apart, from each other and from gray


def draw_view_maps(
    runs: Sequence[Mapping[str, Any]],
    tables: Mapping[str, pd.DataFrame],
    features: Mapping[str, Mapping[str, Callable[[], dict[str, np.ndarray]]]],
    dpi: float,
) -> list[Picture]:
    """One for each task that several of SHOWN were trained on, of the first seed that they share.

    Args:
        runs: what params.yaml says of each experiment.
        tables: task -> its table, of all seeds.
        features: experiment -> seed -> function that reads features and rows.
    """
    found = []
    for task in dict.fromkeys(run["task"] for run in runs):
        mine = [run for run in reversed(runs) if run["task"] == task and features.get(run["experiment"])]
        there = {run["method"]: run for run in mine}  # the first of each method stays
        own = [there[method] for method in SHOWN if method in there]
        seeds = set.intersection(*(set(features[run["experiment"]]) for run in own)) if len(own) > 1 else set()
        if seeds:
            found.append(maps_picture(own, tables[task], features, min(seeds, key=int), dpi))
    return found


def maps_picture(
    runs: Sequence[Mapping[str, Any]],
    table: pd.DataFrame,
    features: Mapping[str, Mapping[str, Callable[[], dict[str, np.ndarray]]]],
    seed: str,
    dpi: float,
) -> Picture:
    """The test images of a task in the eyes of several methods; the same few classes are colored in all."""
    read = [features[run["experiment"]][seed]() for run in runs]
    kept = thin(len(read[0]["row"]))
    test = of_seed(table, int(seed)).iloc[read[0]["row"][kept]]
    fine, say = test["fine"].to_numpy(), words(runs[0]["task"])
    places = maps([each["features"][kept] for each in read])
    points = dict(zip([run["title"] for run in runs], places, strict=True))
    chosen = np.unique(fine[fine >= 0])
    chosen = chosen[thin(len(chosen), COLORED)]
    called = dict(zip(test["fine"], test["fine_name"], strict=True))
    classes = np.full(len(fine), -1)
    for place, label in enumerate(chosen):
        classes[fine == label] = place
    names = [readable(str(called[label])) for label in chosen]
    alike = {title: nearest_alike(own, fine) for title, own in points.items()}
    told = ", ".join(f"{title} {100 * share:.0f}" for title, share in alike.items())
    name = f"tsne_{runs[0]['task']}_views"
    shown = test[["sample", "fine_name"]]
    data = [shown.assign(title=title, x=own[:, 0], y=own[:, 1]) for title, own in points.items()]
    few = f", {MOST:,} of {len(read[0]['row']):,}" if len(kept) < len(read[0]["row"]) else ""
    return Picture(
        name=name,
        section="look",
        title=f"Maps of the test {say.image}s: {', '.join(points)}",
        caption=f"t-SNE of the features{few} (seed {seed}); all but the first are turned to lie on it. The same "
        f"{len(chosen)} of the {say.many(say.fine)}, evenly spaced in their order, are colored in each, the others are "
        f"gray. Of 100 {say.image}s so many lie nearest to one of their own {say.fine}: {told}.",
        alt=f"Of 100 {say.image}s so many lie nearest to one of their own {say.fine}: {told}",
        settings="t-SNE of unit rows: perplexity 30, 300 iterations from the PCA without exaggeration, seed 0",
        family="views",
        data=pd.concat(data).to_csv(index=False, float_format="%.4g"),
        files=in_both(lambda mode: class_maps(points, classes, names, mode), name, dpi),
    )


def nearest_alike(points: np.ndarray, fine: np.ndarray) -> float:
    """The share of points whose nearest other has their class.

    Args:
        points: N x 2.
        fine: N class numbers.
    """
    if len(points) < 2:
        return 0.0
    apart = ((points[:, None] - points[None]) ** 2).sum(2)  # N x N
    np.fill_diagonal(apart, np.inf)
    return float((fine[apart.argmin(1)] == fine).mean())
