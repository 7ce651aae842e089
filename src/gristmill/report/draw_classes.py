"""Pictures of methods that learn to name classes from few labels."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from gristmill.figures.distribution import distribution_bars
from gristmill.figures.save import svg
from gristmill.report.class_runs import ClassRuns, class_runs
from gristmill.report.draw_classes_labels import label_pictures
from gristmill.report.draw_classes_tested import tested_pictures
from gristmill.report.draw_results import lines_picture
from gristmill.report.pictures import Picture
from gristmill.report.words import words


def draw_classes(
    results: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    histories: Mapping[str, pd.DataFrame],
    features: Mapping[str, Mapping[str, Callable[[], dict[str, np.ndarray]]]],
    dpi: float,
) -> list[Picture]:
    """For each task with classifiers: its distribution, trainings, pseudo-labels, and how classes are told apart.

    Args:
        results: a row a seed (`results.name_rows`).
        tables: task -> its table, all seeds.
        histories, features: experiment -> what is there of it.
        dpi: of pictures that are no drawings.
    """
    pictures = []
    for runs in class_runs(results, tables, histories, features):
        pictures.append(distribution_picture(runs))
        if runs.histories:
            pictures.append(lines_picture(runs.task, runs.title, runs.histories, "few"))
        pictures += label_pictures(runs, dpi)
        pictures += tested_pictures(runs, dpi)
    return pictures


def distribution_picture(runs: ClassRuns) -> Picture:
    """Labeled and unlabeled images of each class."""
    found, say, name = runs.distribution, words(runs.task), f"distribution_{runs.task}"
    classes = runs.classes
    several = " Means over seeds." if "seed" in found else ""
    known = bool(classes["unlabeled"].any())
    ends = ", ".join(
        f"{runs.names[place]} {classes['labeled'].iloc[place]:,.0f} labeled"
        + f", {classes['unlabeled'].iloc[place]:,.0f} unlabeled" * known
        for place in (0, -1)
    )
    kinds = "their label (full) and without one (hollow)" if known else "a label (of the others nobody knows the class)"
    return Picture(
        name=name,
        section="figures",
        title=f"Images of each class: {runs.title}",
        caption=f"{say.image.capitalize()}s of each class with {kinds}, from head to tail, on a log "
        f"axis. Methods never see the classes of those without a label.{several}",
        alt=f"Head and tail: {ends}",
        family="few",
        data=found.to_csv(index=False),
        files={f"{name}.svg": svg(distribution_bars(found))},
    )
