"""Differences between the longer trainings, paired by seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from gristmill.report.longer import Longer, lengths, means_by, w_runs
from gristmill.report.results import having
from gristmill.report.separation import Difference, paired
from gristmill.report.words import words

PARTS = ("recall_1", "coarse_recall_1", "within")  # the first is the product of the others
MACHINE = ("device", "precision", "torch")


@dataclass(frozen=True)
class Gap:
    """First minus second.

    Attributes:
        what: `MaskCon - CoIns, 40 epochs`.
        parts: figure of merit -> difference; those of other coarse classes are left out.
        across: pairs whose two runs were made on different machines or in different precision.
    """

    what: str
    parts: dict[str, Difference]
    across: int


def runs_of(longer: Longer, title: str, task: str) -> pd.DataFrame:
    """The runs of a row of the table."""
    names = having(having(longer.table, "task", task), "title", title)["experiment"]
    return having(longer.rows, "experiment", *names)


def gap(what: str, first: pd.DataFrame, second: pd.DataFrame, metrics: Sequence[str] = PARTS) -> Gap | None:
    """The difference of two sets of runs; None where one is empty."""
    if not len(first) or not len(second):
        return None
    one, two = (runs.drop_duplicates("seed").set_index("seed").sort_index() for runs in (first, second))
    both = [name for name in metrics if name in one and name in two]
    parts = {name: paired(pd.Series(one[name]).dropna(), pd.Series(two[name]).dropna()) for name in both}
    shared = one.index.intersection(two.index)
    columns = [name for name in MACHINE if name in one]
    differ = one.loc[shared, columns].fillna("").ne(two.loc[shared, columns].fillna("")).any(axis=1)
    return Gap(what, parts, int(differ.sum()))


def at_length(longer: Longer, title: str, epochs: int) -> pd.DataFrame:
    """A method's runs of so many epochs."""
    return having(having(lengths(longer), "curve", title), "epochs", epochs)


def epochs_of(longer: Longer) -> list[int]:
    """The numbers of epochs that several methods were trained for."""
    runs = lengths(longer)
    several = {number: set(having(runs, "epochs", number)["curve"]) for number in sorted(set(runs["epochs"]))}
    return [int(number) for number, curves in several.items() if len(curves) > 1]


def best_w(longer: Longer, title: str) -> tuple[float, pd.DataFrame]:
    """The w of a curve's highest mean Recall@1, and its runs."""
    curve = having(w_runs(longer), "curve", title)
    heights = means_by(curve, "w")
    top = max(heights, key=heights.__getitem__)
    return top, having(curve, "w", top)


def differences(longer: Longer) -> list[Gap]:
    """MaskCon against others, short against long, best against best w, bad against good grouping."""
    good, bad, say = longer.good, longer.bad, words(longer.good)
    own = runs_of(longer, "MaskCon", good)
    found = []
    for epochs in epochs_of(longer) or [longer.epochs]:
        first, second = (at_length(longer, title, epochs) for title in ("MaskCon", "CoIns"))
        if epochs == longer.epochs:
            first, second = own, runs_of(longer, "CoIns", good)
        found.append(gap(f"MaskCon − CoIns, {epochs} epochs", first, second))
    for title in ("MaskCon", "CoIns"):
        for epochs in epochs_of(longer)[1:]:
            short = epochs_of(longer)[0]
            first, second = (at_length(longer, title, number) for number in (epochs, short))
            found.append(gap(f"{title}: {epochs} − {short} epochs", first, second))
    found += [gap(f"MaskCon − {title}", own, runs_of(longer, title, good)) for title in ("SelfCon", "SupCE")]
    if len(own) and len(runs_of(longer, "CoIns", good)):
        (mine, first), (other, second) = best_w(longer, "MaskCon"), best_w(longer, "CoIns")
        found.append(gap(f"MaskCon, w {mine:g} − CoIns, w {other:g} (each its best)", first, second))
    for title in dict.fromkeys(having(longer.table, "task", bad)["title"]) if bad else ():
        what = f"{title}: {words(bad).grouping} − {say.grouping}"
        found.append(gap(what, runs_of(longer, title, bad), runs_of(longer, title, good), PARTS[:1]))
    for title in ("MaskCon", "Grafit"):
        other = "CoIns" if title == "MaskCon" else "SelfCon"
        second = runs_of(longer, other, good if other in longer.read_nothing() else bad)
        found.append(gap(f"{title} − {other}, {words(bad).grouping}", runs_of(longer, title, bad), second, PARTS[:1]))
    return [one for one in found if one is not None]


def machines(rows: pd.DataFrame) -> dict[str, int]:
    """What the runs were made on (device, precision, torch) -> how many."""
    named = rows.reindex(columns=list(MACHINE)).astype(object)
    named = named.where(named.notna(), "not recorded")
    words = named["device"] + ", " + named["precision"] + ", torch " + named["torch"].astype(str)
    return {str(name): int(count) for name, count in words.value_counts().items()}
