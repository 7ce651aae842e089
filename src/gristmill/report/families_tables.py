"""The table of all families, and who comes first with which labels."""

from math import isfinite

import pandas as pd

from gristmill.report.families import Families
from gristmill.report.results import having
from gristmill.report.sentences import listed, seeds
from gristmill.report.separation import Best, best, by_seed, means_of, paired
from gristmill.report.side_by_side import METRICS, SECONDS, figure_cell, mean_of
from gristmill.report.tables import Cell, Row, Table
from gristmill.report.words import dataset_name


def families_table(families: Families) -> Table:
    """Floors first; then by what a method is told, and by rising headline."""
    probed, rows = families.probed, []
    metrics = [*families.metrics, *probed]
    tops = {told: {name: group_best(own, name) for name in metrics} for told, own in families.groups().items()}
    for title in families.titles():
        own = having(families.rows, "title", title)
        told, kind = str(own["told"].iloc[0]), str(own["kind"].iloc[0])
        cells = [figure_cell(own, title, name, tops.get(told, {}).get(name)) for name in metrics]
        seconds = mean_of(own, title, SECONDS)
        taken = f"{seconds:,.0f}" if isfinite(seconds) else "–"
        cells += [Cell(), Cell()] if kind == "floor" else [Cell(told), Cell(taken)]
        height = mean_of(own, title, families.headline)
        rows.append(Row(title, kind, cells, len(set(own["seed"])), height if isfinite(height) else None))
    columns = [*((METRICS | probed)[name] for name in metrics), "labels read", "processor seconds"]
    title = f"{dataset_name(families.dataset)}: all families, one network"
    return Table("families", title, note(families), columns, rows, seeds(row.n for row in rows))


def group_best(rows: pd.DataFrame, metric: str) -> Best | None:
    """The highest of one group."""
    return best(rows.assign(kind="coarse"), metric)


def note(families: Families) -> str:
    """What was asked, what was spent, and what the marks mean."""
    say, (low, high) = families.words, families.images()
    images = f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}"
    spent = f", which sees {images} training images in one training" if isfinite(low) else ""
    told = {
        "knn_logo_1_top1": f"kNN: the nearest training {say.image}s vote",
        "linear_lbfgs_1_top1": "linear: a linear classifier on the frozen features",
        "recall_1": f"Recall@1: the nearest other test {say.image} decides",
        "other_top1": "other data: kNN on data sets that the network has not seen, their mean",
        "one_label_top1": f"1 {say.image}: kNN with one training {say.image} of each {say.fine}",
        "corrupted_top1": f"corrupted: kNN on corrupted test {say.image}s, mean over corruptions and severities",
    }
    asked = "; ".join(told[name] for name in (*families.metrics, *families.probed))
    lost = f" Left out, as their labels are not recorded: {listed([*families.unknown])}." if families.unknown else ""
    otherwise = "otherwise " * ("one_label_top1" in families.probed)
    return (
        f"Every method trains the same network{spent}; its features are asked for the {say.fine} of the same test "
        f"{say.image}s. {asked}. The vote and the classifier {otherwise}read the {say.fine} of every training "
        f"{say.image}, whatever the method was told, so they judge features alone. Among methods with the same labels "
        "a column's highest is bold where the paired 95 % interval over seeds separates it from every other of these."
        f"{lost}"
    )


def choice_table(families: Families) -> Table:
    """With which labels which method comes first, and what is not separated from it."""
    rows = []
    for told, own in families.groups().items():
        cells = [Cell(first_words(own, name)) for name in families.metrics]
        rows.append(Row(told, str(own["kind"].iloc[0]), cells, 0, None))
    columns = [f"highest by {METRICS[name]}" for name in families.metrics]
    counts = seeds(len(set(having(families.rows, "title", title)["seed"])) for title in families.titles())
    return Table("choice", "", "", columns, rows, counts, head="Your labels")


def first_words(rows: pd.DataFrame, metric: str) -> str:
    """`SimCLR 0.701; not separated: MoCo 0.690, BYOL 0.680`."""
    means = means_of(rows, metric)
    if not means:
        return "–"
    first, *others = means
    gaps = {name: paired(*(by_seed(rows, title, None, metric) for title in (first, name))) for name in others}
    near = [f"{name} {means[name]:.3f}" for name, gap in gaps.items() if not gap.separated]
    return f"{first} {means[first]:.3f}" + (f"; not separated: {', '.join(near)}" if near else "")
