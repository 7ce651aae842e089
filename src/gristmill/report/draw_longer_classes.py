"""Pictures of the longer trainings with few labels."""

import pandas as pd

from gristmill.figures.save import svg
from gristmill.figures.seeds import ablation_seeds, methods_by_tail
from gristmill.figures.theme import LIGHT, Mode
from gristmill.report.few import DASO, FIXMATCH, SUPERVISED
from gristmill.report.longer_classes import LongerClasses, values
from gristmill.report.longer_classes_tables import reading
from gristmill.report.pictures import Picture
from gristmill.report.sentences import seeds


def classes_pictures(longer: LongerClasses, mode: Mode = LIGHT) -> list[Picture]:
    """Methods under each tail, and the ablations; those with data."""
    found = [methods_picture(longer, mode), ablation_picture(longer, mode)]
    return [picture for picture in found if picture is not None]


def picture(longer: LongerClasses, name: str, mode: Mode, content: bytes, table: pd.DataFrame, **said: str) -> Picture:
    """One picture; its file is called after the data set."""
    full = f"{longer.dataset}_{name}"
    file = f"{full}.svg" if mode == LIGHT else f"{full}_{mode.name}.svg"
    data = table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return Picture(name=full, section="longer", family="few", data=data, files={file: content}, **said)


def methods_picture(longer: LongerClasses, mode: Mode) -> Picture | None:
    """Top-1 of the methods, as it is and against the prior."""
    panels = {"median_top1": "top-1", "median_top1_la": "top-1 against the prior of the labels"}
    own = [longer.runs(name, tail) for tail in longer.tails for name in reading(longer)]
    runs, free = pd.concat([*own, longer.rows.iloc[:0]]), longer.runs(SUPERVISED, "")
    if not len(runs) or not set(panels) <= set(runs):
        return None
    counts = [len(rows) for rows in [*own, free] if len(rows)]
    told = [
        f"{name}, {tail} {values(longer.runs(name, tail), 'median_top1').mean():.3f}"
        for name, tail in dict.fromkeys(zip(runs["name"], runs["tail"], strict=True))
    ]
    return picture(
        longer, "methods", mode, svg(methods_by_tail(runs, free, panels, mode)),
        pd.DataFrame(pd.concat([free, runs])[["name", "tail", "seed", *panels]]),
        title="Methods under three tails of the unlabeled images" if len(longer.tails) == 3 else "Methods and tails",
        caption=f"Of the balanced test images, after {longer.steps:,} steps. Small points are seeds ({seeds(counts)}), "
        f"whiskers and the band one standard deviation; {SUPERVISED} reads no unlabeled image. The axes do not begin "
        "at 0.",
        alt="Top-1: " + "; ".join(told),
        pair="longer classes",
    )  # fmt: skip


def ablation_picture(longer: LongerClasses, mode: Mode) -> Picture | None:
    """What the parts of DASO change."""
    panels = {"median_top1": "top-1", "final_used_accuracy": "right of the used labels"}
    tail, changed = longer.ablated(), longer.ablations()
    if not changed:
        return None
    base = {name: longer.runs(name, tail) for name in (FIXMATCH, DASO)}
    own = {name: rows for name, rows in {**base, **changed}.items() if len(rows)}
    runs = pd.concat([rows.assign(title=name.removeprefix(f"{DASO}, ")) for name, rows in own.items()])
    runs = runs.reindex(columns=["title", "name", "seed", *panels])
    counts = [len(rows) for rows in own.values()]
    return picture(
        longer, "ablation", mode, svg(ablation_seeds(runs, DASO, panels, mode)), runs,
        title=f"What the parts of {DASO} change, {tail} tails",
        caption=f"Points are seeds ({seeds(counts)}), strokes their means; the dashed line is {DASO}'s mean. Right: "
        "of the pseudo-labels that pass the threshold in the last interval. The axes do not begin at 0.",
        alt="Top-1: " + "; ".join(f"{name} {values(rows, 'median_top1').mean():.3f}" for name, rows in own.items()),
        pair="longer classes",
    )  # fmt: skip
