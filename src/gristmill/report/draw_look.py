"""Pictures of images: maps of the test images, what is found, what the network sees, what it is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gristmill.data.packed import Images
from gristmill.evaluate.neighbours import neighbours
from gristmill.figures.embedding import FEW, embedding_map, joined
from gristmill.figures.gallery import one_of_each, retrieval_gallery
from gristmill.figures.plane import MOST, maps, thin
from gristmill.figures.save import png
from gristmill.figures.sheets import groupings_sheet, views_sheet
from gristmill.figures.theme import DARK, LIGHT, Mode
from gristmill.report.pictures import Picture
from gristmill.report.results import having
from gristmill.report.two_views_sentences import sentence
from gristmill.report.words import words

NEAREST = 10


@dataclass(frozen=True)
class Look:
    """One run to look at.

    Attributes:
        run: what params.yaml says of it.
        table: of its task.
        images: M x H x W x C uint8, or packed ones of many sizes.
        features: N x d, of the test images.
        row: N, their places in `table`.
        seed: that made the features.
    """

    run: dict[str, Any]
    table: pd.DataFrame
    images: Images
    features: np.ndarray
    row: np.ndarray
    seed: int

    @property
    def test(self) -> pd.DataFrame:
        """The test images' rows, in the order of the features."""
        return self.table.iloc[self.row]

    @property
    def name(self) -> str:
        return self.run["experiment"]


def in_both(draw: Callable[[Mode], Figure], name: str, dpi: float) -> dict[str, bytes]:
    """Light and dark files of a picture."""
    return {f"{name}_{mode.name}.png": png(draw(mode), dpi) for mode in (LIGHT, DARK)}


def placed(looks: Sequence[Look]) -> dict[str, np.ndarray]:
    """Where the test images of each run lie on a map: name -> K x 2, of the places that `thin` keeps.

    Maps of one data set are turned to be like its first one; those of other test images are left as they are.
    """
    found: dict[str, np.ndarray] = {}
    for group in same_images(looks):
        found |= dict(zip([look.name for look in group], maps([kept_features(look) for look in group]), strict=True))
    return found


def same_images(looks: Sequence[Look]) -> list[list[Look]]:
    """The runs in groups whose test images are the same, in the same order."""
    groups: dict[tuple[str, bytes], list[Look]] = {}
    for look in looks:
        images = sha256("\n".join(map(str, look.test["sample"])).encode()).digest()
        groups.setdefault((look.run["dataset"], images), []).append(look)
    return list(groups.values())


def kept_features(look: Look) -> np.ndarray:
    """The features of the images that are on the map."""
    return look.features[thin(len(look.row))]


def map_picture(look: Look, points: np.ndarray, dpi: float) -> Picture:
    """Where the test images lie.

    Args:
        points: K x 2, as `placed` gives them.
    """
    kept = thin(len(look.row))
    test, say = look.test.iloc[kept], words(look.run["task"])
    fine, coarse = test["fine"].to_numpy(), test["label"].to_numpy()
    names = dict(zip(test["label"], test["label_name"].map(readable), strict=True))
    share = len(np.unique(np.concatenate(joined(points, fine)))) / max(len(points), 1)
    name, placed = f"tsne_{look.name}", test[["sample", "fine_name"]].assign(x=points[:, 0], y=points[:, 1])
    colored = (
        f"The mark says the {say.coarse}, the color the {say.fine}: those of one {say.fine} should lie together."
        if len(set(fine)) <= FEW
        else f"The mark says the {say.coarse}, the color too, lighter or darker by {say.fine}; lines join {say.image}s "
        f"of one {say.fine} that lie near each other."
    )
    few = f", {MOST:,} of {len(look.row):,}" if len(kept) < len(look.row) else ""
    return Picture(
        name=name,
        section="look",
        title=f"{look.run['title']}: map of the test {say.image}s",
        caption=f"t-SNE{few}. {colored} {100 * share:.0f} % of the {say.image}s have such a neighbor.",
        alt=f"{100 * share:.0f} % of the {say.image}s lie near another of their {say.fine}",
        settings="t-SNE of unit rows: perplexity 30, 300 iterations from the PCA without exaggeration, seed 0",
        data=placed.to_csv(index=False, float_format="%.4g"),
        pair="map",
        files=in_both(lambda mode: embedding_map(points, fine, coarse, names, mode=mode), name, dpi),
    )


def gallery_picture(look: Look, dpi: float, like: Look | None = None) -> Picture:
    """Queries and what is nearest to them.

    Args:
        like: another run on the same test images, by whose labels queries are picked, for galleries of the same ones.
    """
    test, say = (like or look).test, words((like or look).run["task"])
    fine = test["fine"].to_numpy()
    queries = one_of_each(test["label"].to_numpy(), fine)
    nearest = neighbours(look.features, NEAREST)[queries]
    images = look.images[test["row"].to_numpy()]
    hits = fine[nearest] == fine[queries][:, None]
    there = sum(min(int((fine == fine[q]).sum()) - 1, nearest.shape[1]) for q in queries)
    name = f"retrieval_{look.name}"
    picked = f"one {say.image} of each {say.coarse}"
    if len(set(test["label"])) != len(queries):
        picked = f"{say.some(len(queries), say.image)} of different {say.many(say.fine)}"
    called = [readable(text) for text in test["fine_name"].iloc[queries]]
    sample = test["sample"].to_numpy()
    data = pd.DataFrame(
        {
            "query": np.repeat(sample[queries], nearest.shape[1]),
            "rank": np.tile(np.arange(1, nearest.shape[1] + 1), len(queries)),
            "sample": sample[nearest].ravel(),
            "hit": hits.ravel().astype(int),
        }
    )
    return Picture(
        name=name,
        section="look",
        title=f"{sentence(look.run['title'])}: the {nearest.shape[1]} nearest",
        caption=f"Left the query; a tick marks {say.a(say.image)} of the same {say.fine}, a cross another. Queries are "
        f"{picked}, picked at random with a fixed seed, whatever any method does. Found: {hits.sum()} of {there} "
        f"(as many as there are, at most {nearest.shape[1]} a query).",
        alt=f"{hits.sum()} of the {there} {say.image}s that could be found are among the nearest",
        settings="cosine of the features, query left out",
        data=data.to_csv(index=False),
        pair="retrieval",
        files=in_both(lambda mode: retrieval_gallery(images, queries, nearest, fine, called, mode=mode), name, dpi),
    )


def views_picture(look: Look, row: np.ndarray, label: list[str], views: dict[str, np.ndarray], dpi: float) -> Picture:
    """The first images of the first batch, as the network saw them.

    Args:
        row: places of the images in `look.images`.
        label: what the learner was told of them; nothing where it reads no labels.
        views: role -> N x size x size x C uint8.
    """
    say, name = words(look.run["task"]), f"views_{look.name}"
    images, names = look.images[row], [short(text) for text in label]
    told = f"Above: all that the learner is told, the {say.coarse}." if label else "No label is read."
    return Picture(
        name=name,
        section="look",
        title="What the network sees",
        caption=f"The first {say.image}s of the first batch (seed {look.seed}) and their two random views, as they "
        f"entered the encoders, brought back to pixel values. {told}",
        alt=f"{len(row)} {say.image}s, each with {len(views)} randomly distorted copies",
        settings=", ".join(f"{key} {value}" for key, value in look.run["train"]["views"].items() if value is not None),
        pair="inputs",
        files=in_both(lambda mode: views_sheet(images, views, names, mode), name, dpi),
    )


def classes_picture(look: Look, other: pd.DataFrame | None, dpi: float, rows: int = 3, columns: int = 8) -> Picture:
    """Some classes of a task, and of its other grouping if there is one: one image each of several fine classes.

    Args:
        other: the table of the task with the other grouping.
    """
    say, name = words(look.run["task"]), f"classes_{look.run['task']}"
    classes: dict[str, list[np.ndarray]] = {}
    for table in (look.table, other):
        if table is None:
            continue
        train = having(table, "part", "train")
        for label in sorted(set(train["label"]) - {-1})[:rows]:
            own = having(train, "label", label).drop_duplicates("fine")
            own = own.iloc[np.unique(np.linspace(0, len(own) - 1, columns).round().astype(int))]
            classes[readable(own["label_name"].iloc[0])] = list(look.images[own["row"].to_numpy()])
    both = "" if other is None else " Above three of the good grouping, below three of the bad one."
    return Picture(
        name=name,
        section="look",
        title="What the learner is told to be alike",
        caption=f"Each row shows {say.image}s that carry one label, one of each of several {say.many(say.fine)}.{both}",
        alt="Rows of images: " + ", ".join(classes),
        pair="inputs",
        files=in_both(lambda mode: groupings_sheet(classes, mode), name, dpi),
    )


def readable(name: str) -> str:
    """A class's name with blanks for underscores."""
    return name.replace("_", " ")


def short(name: str, most: int = 8) -> str:
    """A name that fits above a tile."""
    return readable(name) if len(name) <= most else readable(name)[: most - 1] + "…"
