"""Pictures of how classes are told apart: recalls on test images, confusions, maps of unlabeled images."""

import numpy as np
import pandas as pd

from gristmill.evaluate.classification import classification
from gristmill.figures.class_map import class_maps
from gristmill.figures.confusion import NUMBERED, confusion_matrices
from gristmill.figures.embedding import FEW, MARKS
from gristmill.figures.per_class import class_rates
from gristmill.figures.plane import maps
from gristmill.figures.save import svg
from gristmill.figures.theme import styles
from gristmill.labels.seeds import of_seed
from gristmill.report.class_runs import ClassRuns, rates_by_class
from gristmill.report.draw_classes_labels import POINTS, grouping, means, of_seeds
from gristmill.report.draw_look import in_both
from gristmill.report.few import DASO, FIXMATCH
from gristmill.report.pictures import Picture
from gristmill.report.sentences import seeds

FIRST = (FIXMATCH, DASO)  # shown before others where not all are
MATRICES, MAPS = 4, 2  # at most
FORMS = {"recall": "recalls", "against the prior": "recalls_la"}


def tested_pictures(runs: ClassRuns, dpi: float) -> list[Picture]:
    """Those that a task's runs have something for."""
    found = [recalls_picture(runs), confusion_picture(runs, dpi), maps_picture(runs, dpi)]
    return [picture for picture in found if picture is not None]


def chosen(runs: ClassRuns, most: int) -> list[str]:
    """Titles of runs with features, in their order: all, or those of FIRST and then others, up to `most`."""
    titles = list(runs.features)
    first = sorted(titles, key=lambda title: (title not in FIRST, titles.index(title)))[:most]
    return [title for title in titles if title in first]


def recalls_picture(runs: ClassRuns) -> Picture | None:
    """Recall of each class on the test images, plain and against the prior."""
    rows = rates_by_class(runs, {title: (history, FORMS) for title, history in runs.histories.items()})
    if not len(rows):
        return None
    rows = rows.assign(rate=rows["rate"].replace({"recall": "plain"}))
    rows = rows.sort_values("rate", key=lambda rates: rates != "plain", kind="stable")
    name = f"recalls_{runs.task}"
    return Picture(
        name=name,
        section="figures",
        title=f"Recall on test images by class: {runs.title}",
        caption="How many test images of a class are named so after the last step. Above by the logits as they are, "
        "below after the logarithm of the labels' shares is taken off them, since a test image is of each class alike. "
        f"{grouping(runs)} {POINTS} ({of_seeds(rows)}).",
        alt=f"Mean over the columns, {means(rows)}",
        family="few",
        data=rows.drop(columns="place").to_csv(index=False, float_format="%.6g"),
        files={
            f"{name}.svg": svg(
                class_rates(rows, runs.columns, styles(dict.fromkeys(rows["line"]), family="few"), runs.parts)
            )
        },
    )


def confusion_picture(runs: ClassRuns, dpi: float) -> Picture | None:
    """Confusion matrices, mean over seeds."""
    found, used = {}, {}
    for title in chosen(runs, MATRICES):
        matrices = [normalized(runs, seed, read()) for seed, read in runs.features[title].items()]
        found[title], used[title] = mean_over(matrices), len(matrices)
    if not found:
        return None
    name, count = f"confusion_{runs.task}", len(runs.names)
    left = f" {len(found)} of {len(runs.features)} methods." if len(found) < len(runs.features) else ""
    written = "Numbers are percent; empty cells hold at most half of one." if count <= NUMBERED else ""
    data = pd.concat(
        [
            pd.DataFrame(matrix, columns=pd.Index(runs.names)).assign(title=title, true=runs.names)
            for title, matrix in found.items()
        ]
    )
    return Picture(
        name=name,
        section="figures",
        title=f"What is taken for what: {runs.title}",
        caption=f"Test images of each class (rows, head on top) by the class that the largest logit names. Each row "
        f"sums to 1. {written} Mean over seeds ({seeds(used.values())}).{left}",
        alt="Most often mistaken: " + "; ".join(f"{title}, {mistake(matrix, runs)}" for title, matrix in found.items()),
        family="few",
        data=data[["title", "true", *runs.names]].to_csv(index=False, float_format="%.6g"),
        files=in_both(lambda mode: confusion_matrices(found, runs.names, mode), name, dpi),
    )


def normalized(runs: ClassRuns, seed: int, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """K x K shares of each true class; NaN for a class without images."""
    test = of_seed(runs.table, seed).iloc[arrays["row"]]
    counts = classification(arrays["logits"], test["label"].to_numpy()).confusion
    images = counts.sum(1, keepdims=True)
    return np.where(images > 0, counts / np.maximum(images, 1), np.nan)


def mean_over(matrices: list[np.ndarray]) -> np.ndarray:
    """Mean of those that have a value; NaN where none has."""
    stacked = np.stack(matrices)
    known = np.isfinite(stacked)
    return np.where(known.any(0), np.where(known, stacked, 0).sum(0) / np.maximum(known.sum(0), 1), np.nan)


def mistake(matrix: np.ndarray, runs: ClassRuns) -> str:
    """The largest cell off the diagonal."""
    off = np.nan_to_num(matrix * (1 - np.eye(len(matrix))))
    row, column = np.unravel_index(off.argmax(), off.shape)
    return f"{runs.names[row]} for {runs.names[column]} {100 * off[row, column]:.0f} %"


def maps_picture(runs: ClassRuns, dpi: float) -> Picture | None:
    """Unlabeled images of the first seed, as two networks see them."""
    common = [title for title in chosen(runs, MAPS) if runs.features[title]]
    if not common:
        return None
    seed = min(min(runs.features[title]) for title in common)
    arrays = {title: runs.features[title][seed]() for title in common if seed in runs.features[title]}
    row = next(iter(arrays.values())).get("unlabeled_row", np.empty(0, int))
    if not len(row):
        return None
    arrays = {title: own for title, own in arrays.items() if np.array_equal(own.get("unlabeled_row", row[:0]), row)}
    own = of_seed(runs.table, seed).iloc[row]
    points = dict(zip(arrays, maps([found["unlabeled_features"] for found in arrays.values()]), strict=True))
    classes, name, count = own["fine"].to_numpy(), f"tsne_unlabeled_{runs.task}", len(runs.names)
    again = f" Of {count} classes every {FEW}th has the same color, with another mark." if count > FEW else ""
    again += " Classes are not named." if count > len(MARKS) else ""
    unknown = " Gray: class unknown." if (classes < 0).any() else ""
    data = own[["sample", "fine_name"]].assign(
        **{f"{axis} {title}": places[:, i] for title, places in points.items() for i, axis in enumerate("xy")}
    )
    return Picture(
        name=name,
        section="look",
        title=f"Map of unlabeled images: {runs.title}",
        caption=f"t-SNE of the evaluated networks' features of {len(row):,} unlabeled images, seed {seed}, colored by "
        f"their true classes, which the methods were not told. Near means alike; distances mean no more."
        f"{again}{unknown}",
        alt=f"Unlabeled images in the eyes of {' and '.join(points)}",
        settings="t-SNE of unit rows: perplexity 30, 300 iterations from the PCA without exaggeration, seed 0",
        family="few",
        data=data.to_csv(index=False, float_format="%.4g"),
        files=in_both(lambda mode: class_maps(points, classes, runs.names, mode), name, dpi),
    )
