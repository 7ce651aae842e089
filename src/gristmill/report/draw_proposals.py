"""The page of proposed classes: what a practitioner with coarse labels takes away."""

from typing import Any

import numpy as np
import pandas as pd

from gristmill.evaluate.discover import Proposal, discover
from gristmill.figures.proposals import Proposed, proposals_sheet
from gristmill.report.draw_look import Look, in_both, readable
from gristmill.report.pictures import Picture
from gristmill.report.words import Words, words

COARSE, CLASSES = 3, 4  # shown: coarse classes, and proposed classes of each
CENTRAL, DOUBTFUL = 7, 3  # images of a class
SMALL = 3  # images; smaller classes are shown only where there are too few others: one alone is certain of itself


def proposals_picture(look: Look, dpi: float) -> Picture | None:
    """Some of the classes that are found inside coarse ones, and all of them as CSV; None where nothing is found."""
    test, say, settings = look.test, words(look.run["task"]), look.run["evaluate"]["discover"]
    fine, coarse = test["fine"].to_numpy(), test["label"].to_numpy()
    found = discover(look.features, coarse, settings, fine)
    several = np.unique(coarse[found.own > 0])  # coarse classes with more than one proposed class
    if not len(several):
        return None
    classes = {}
    for label in evenly(several, COARSE):
        inside = np.flatnonzero((coarse == label) & (found.own >= 0))
        name = readable(test["label_name"].iloc[inside[0]])
        classes[name] = [
            proposed(look, found, inside[found.own[inside] == number], f"class {number + 1}", say)
            for number in evenly(by_confidence(found.own[inside], found.confidence[inside]), CLASSES)
        ]
    total = sum(int(found.own[coarse == label].max()) + 1 for label in np.unique(coarse[found.own >= 0]))
    number = number_words(settings["number"], say)
    name = f"proposals_{look.name}"
    return Picture(
        name=name,
        section="look",
        title=f"{look.run['title']}: classes found inside {say.many(say.coarse)}",
        caption=f"The test {say.image}s of each {say.coarse}, cut by their features into {number}: {total} classes of "
        f"{say.some(int((found.own >= 0).sum()), say.image)}, all in the CSV. Shown are {len(classes)} of "
        f"{say.some(len(several), say.coarse)} and of each up to {CLASSES} classes, the most certain first; "
        "what is right was not looked at. A question mark: least clearly nearer to the own class than to another. "
        f"A cross: another {say.fine} than most of the class.",
        alt="; ".join(f"{name}: " + ", ".join(row.truth or row.name for row in rows) for name, rows in classes.items()),
        settings=f"k-means of unit rows inside each {say.coarse}, restarts: {settings['restarts']}; confidence: 1 - "
        "distance to the own mean / distance to the second nearest",
        data=as_csv(test, found),
        files=in_both(lambda mode: proposals_sheet(classes, mode), name, dpi),
    )


def by_confidence(own: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """Numbers of proposed classes by falling mean confidence; without small ones where there are enough others."""
    classes = pd.Series(confidence).groupby(own).agg(["mean", "size"])
    large = classes.loc[classes["size"] >= SMALL]
    kept = large if len(large) >= min(CLASSES, len(classes)) else classes
    return kept.index.to_numpy()[np.argsort(-np.asarray(kept["mean"]), kind="stable")]


def evenly(values: np.ndarray, count: int) -> np.ndarray:
    """So many of the values at equal distances, the first and the last among them; all where there are fewer."""
    return values[np.unique(np.linspace(0, len(values) - 1, count).round().astype(int))]


def number_words(number: Any, say: Words) -> str:
    """`as many classes as it has characters`."""
    if number == "truth":
        return f"as many classes as it has {say.many(say.fine)}"
    return "the number of classes with the highest silhouette" if number == "silhouette" else f"{number} classes"


def proposed(look: Look, found: Proposal, members: np.ndarray, name: str, say: Words) -> Proposed:
    """One class, for the picture.

    Args:
        members: places of its images among the test images.
    """
    test, size = look.test, len(members)
    doubtful = members[np.argsort(found.confidence[members], kind="stable")[: min(DOUBTFUL, size // 3)]]
    central = members[np.argsort(found.distance[members], kind="stable")]
    central = central[~np.isin(central, doubtful)][:CENTRAL]
    fine = test["fine"].to_numpy()
    kinds, counts = np.unique(fine[members][fine[members] >= 0], return_counts=True)
    most = kinds[counts.argmax()] if len(kinds) else -1
    truth = ""
    if len(kinds):
        row = test.iloc[members[fine[members] == most][0]]
        called = readable(str(row["fine_name"]).removeprefix(f"{row['label_name']}/"))
        called = called if len(called) <= 24 else f"{called[:23]}…"
        truth = f"{called}: {counts.max()} of {size}"
    shown = np.concatenate([central, doubtful])
    images = [look.images[row] for row in test["row"].to_numpy()[shown]]
    return Proposed(
        name=f"{name}, {say.some(size, say.image)}",
        truth=truth,
        central=images[: len(central)],
        doubtful=images[len(central) :],
        strange=[bool(one) for one in (fine[shown] >= 0) & (fine[shown] != most)],
    )


def as_csv(test: pd.DataFrame, found: Proposal) -> str:
    """Every image with a proposed class; `proposed` and `second` count from 1 within the coarse class."""
    table = pd.DataFrame(
        {
            "sample": test["sample"].to_numpy(),
            "coarse": test["label_name"].to_numpy(),
            "proposed": found.own + 1,
            "confidence": found.confidence,
            "second": pd.array(np.where(found.second >= 0, found.second + 1, -1), "Int64"),
        }
    )
    table["second"] = table["second"].mask(table["second"] < 0)
    return table.loc[table["proposed"] > 0].to_csv(index=False, float_format="%.4g")
