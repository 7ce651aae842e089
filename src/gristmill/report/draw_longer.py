"""Pictures of the longer trainings."""

import pandas as pd

from gristmill.figures.grid import t2_curve, w_curves
from gristmill.figures.lengths import short_and_long
from gristmill.figures.recall import groupings_compared, recall_bars
from gristmill.figures.save import svg
from gristmill.figures.theme import LIGHT, Mode
from gristmill.report.longer import Longer, chosen, grid, lengths, t2_runs, w_runs
from gristmill.report.pictures import Picture
from gristmill.report.results import having
from gristmill.report.sentences import seeds
from gristmill.report.words import dataset_name, words

AT_1 = {"Grafit": "SupCon (queue)", "CoIns": "SupCE"}  # what these are at w = 1
WHISKERS = "Whiskers are one standard deviation over seeds"


def longer_pictures(longer: Longer, mode: Mode = LIGHT) -> list[Picture]:
    """Recall@K on each grouping, good against bad, w, T2, and short against long; those with data."""
    tasks = [longer.good] + [longer.bad] * bool(longer.bad)
    pictures = [recall_picture(longer, task, mode) for task in tasks]
    pictures += [groupings_picture(longer, mode), lengths_picture(longer, mode)]
    pictures += [w_picture(longer, mode), t2_picture(longer, mode)]
    return [picture for picture in pictures if picture is not None]


def picture(longer: Longer, name: str, mode: Mode, content: bytes, table: pd.DataFrame, **said: str) -> Picture:
    """One picture of this section; its file is called after the data set."""
    full = f"{longer.dataset}_{name}"
    file = f"{full}.svg" if mode == LIGHT else f"{full}_{mode.name}.svg"
    data = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return Picture(name=full, section="longer", data=data, files={file: content}, **said)


def recall_picture(longer: Longer, task: str, mode: Mode) -> Picture:
    """Recall@K of the table's methods."""
    rows = longer.shown(longer.summary(), task)
    recall = rows.loc[rows["metric"].str.match(r"recall_\d+$")]
    say, first = words(task), having(recall, "metric", "recall_1").iloc[::-1]
    return picture(
        longer, f"recall_{task.rpartition('_')[2]}", mode, svg(recall_bars(recall, mode=mode)),
        recall.drop(columns=["dataset", "kind"]),
        title=f"Recall@K after {longer.epochs} epochs: {dataset_name(longer.dataset)}, {say.grouping}",
        caption=f"Bars are means over seeds ({seeds(recall['n'])}), whiskers one standard deviation. Upper bounds, "
        f"told the {say.many(say.fine)}, stand last.",
        alt="Recall@1: " + ", ".join(f"{t} {m:.3f}" for t, m in zip(first["title"], first["mean"], strict=True)),
        pair="longer recall",
    )  # fmt: skip


def groupings_picture(longer: Longer, mode: Mode) -> Picture | None:
    """Good against bad, of the methods that have both."""
    rows = having(having(longer.summary(), "kind", "coarse"), "metric", "recall_1")
    both = set(having(rows, "task", longer.good)["title"]) & set(having(rows, "task", longer.bad)["title"])
    rows = having(rows, "title", *both)
    if not len(rows):
        return None
    names = {task: words(task).grouping for task in (longer.good, longer.bad)}
    values = rows.set_index(["title", "task"])["mean"]
    return picture(
        longer, "groupings", mode, svg(groupings_compared(rows, names, mode=mode)),
        rows.drop(columns=["dataset", "kind"]),
        title=f"Good against bad grouping after {longer.epochs} epochs",
        caption=f"Recall@1 when the learner is told {names[longer.good]} or {names[longer.bad]}; nothing else differs. "
        f"{WHISKERS} ({seeds(rows['n'])}).",
        alt="; ".join(
            f"{title}: {names[longer.good]} {values[title, longer.good]:.3f}, {names[longer.bad]} "
            f"{values[title, longer.bad]:.3f}"
            for title in dict.fromkeys(rows["title"])
        ),
        pair="longer groupings",
    )  # fmt: skip


def lengths_picture(longer: Longer, mode: Mode) -> Picture | None:
    """Short against long, and the two shares that Recall@1 is the product of."""
    runs = lengths(longer)
    if not len(runs):
        return None
    say, metrics = words(longer.good), ["recall_1", "coarse_recall_1", "within"]
    runs = runs.drop(columns="title").rename(columns={"curve": "title"})
    above = (f"{say.fine} right", f"{say.coarse} right", f"of these, {say.fine}")
    names = dict(zip(metrics, above, strict=True))
    means = grid(runs, ["title", "epochs"])
    return picture(
        longer, "lengths", mode, svg(short_and_long(runs, names, mode)),
        pd.DataFrame(runs[["title", "epochs", "seed", *metrics]]),
        title="Short against long trainings",
        caption=f"Left Recall@1. It is the product of the two others: how often the nearest {say.image} has the right "
        f"{say.coarse}, and how often, if so, the right {say.fine}. Thin lines are seeds "
        f"({seeds(means['n'])}), whiskers one standard deviation; the axes do not begin at 0.",
        alt="; ".join(f"{t}, {e:g} epochs: {m:.3f}" for t, e, m in means[["title", "epochs", "mean"]].to_numpy()),
        pair="longer groupings",
    )  # fmt: skip


def w_picture(longer: Longer, mode: Mode) -> Picture | None:
    """Recall@1 against w."""
    runs = w_runs(longer)
    table = grid(runs, ["curve", "w"]).rename(columns={"curve": "title"})
    if len(set(table["w"])) < 3:
        return None
    start = next(iter(longer.read_nothing()), "instances alone")
    return picture(
        longer, "w", mode, svg(w_curves(table, AT_1, start, mode)), table,
        title="The weight of the labels, w",
        caption=f"Recall@1 after {longer.epochs} epochs told {words(longer.good).grouping}. At w = 0 all are {start}. "
        f"{WHISKERS} ({seeds(table['n'])}); the axis does not begin at 0.",
        alt="; ".join(f"{t}, w {w:g}: {m:.3f}" for t, w, m in table[["title", "w", "mean"]].to_numpy()),
        pair="longer grids",
    )  # fmt: skip


def t2_picture(longer: Longer, mode: Mode) -> Picture | None:
    """Recall@1 against T2."""
    runs = t2_runs(longer)
    table = grid(runs, ["curve", "T2"]).rename(columns={"curve": "title"})
    if len(table) < 3:
        return None
    w = chosen(longer, "MaskCon")["w"]
    labels = {title: title for title in longer.read_nothing()}
    if chosen(longer, "Grafit")["w"] == w:
        labels["Grafit"] = "Grafit (T2 = ∞)"
    good = having(having(longer.table, "task", longer.good), "title", *labels)
    levels = grid(good, ["title"]).assign(label=lambda rows: rows["title"].map(labels))
    return picture(
        longer, "t2", mode, svg(t2_curve(table, levels, mode)), pd.concat([table, levels.drop(columns="label")]),
        title="The temperature of MaskCon's targets, T2",
        caption=f"Recall@1 after {longer.epochs} epochs told {words(longer.good).grouping}, w = {w:g}. Large T2 counts "
        f"all {words(longer.good).many(words(longer.good).image)} of the {words(longer.good).coarse} alike, as Grafit "
        f"does; small T2 only the nearest. {WHISKERS} ({seeds(table['n'])}); the axis does not begin at 0.",
        alt="; ".join(f"T2 {t2:g}: {m:.3f}" for t2, m in table[["T2", "mean"]].to_numpy()),
        pair="longer grids",
    )  # fmt: skip
