"""Tables of the longer trainings of classifiers with few labels."""

from collections.abc import Sequence

import pandas as pd

from gristmill.report.differences import machines
from gristmill.report.few import DASO, FIXMATCH, GROUPS, KINDS, SUPERVISED
from gristmill.report.longer_classes import METRICS, LongerClasses, apart, values
from gristmill.report.longer_classes_shape import shape_tables
from gristmill.report.longer_tables import difference_cell
from gristmill.report.separation import best
from gristmill.report.tables import Cell, Row, Table
from gristmill.report.words import dataset_name

SETTINGS = {  # of DASO that an ablation may change, as the parameter file calls them
    "P": "pretrain.steps", "L": "pretrain.queue", "sizes": "pretrain.sizes", "prototypes": "pretrain.prototypes",
    "prototype_bn": "pretrain.prototype_bn", "alpha": "blend.alpha", "align": "blend.align",
    "T_proto": "blend.proto_temperature", "T_dist": "blend.dist_temperature",
}  # fmt: skip
PAIRED = (
    "paired by seed, with the 95 % interval of the difference (Student's t), which is not given for one seed; bold "
    "where it excludes zero, which one in twenty does by chance."
)


def all_tables(longer: LongerClasses) -> list[Table]:
    """In the order in which they are shown; those without a row are left out."""
    found = [method_table(longer), to_fixmatch(longer), label_table(longer), ablation_table(longer), to_daso(longer)]
    return [table for table in [*found, *shape_tables(longer)] if table.rows]


def method_table(longer: LongerClasses) -> Table:
    """Methods under each tail of the unlabeled images."""
    rows = []
    if len(longer.runs(SUPERVISED, "")):
        rows.append(row(f"{SUPERVISED}, reads none", longer.runs(SUPERVISED, "")))
    for tail in longer.tails:
        own = {name: longer.runs(name, tail) for name in longer.names}
        table = pd.concat([runs.assign(title=name, kind="coarse") for name, runs in own.items()])
        tops = {metric: best(table, metric) for metric in METRICS if metric != "final_used"}
        for name in reading(longer):
            bold = [metric for metric, top in tops.items() if top is not None and top.sure and top.title == name]
            rows += [row(f"{name}, {tail}", own[name], bold)] * bool(len(own[name]))
    made = "; ".join(f"{count} runs on {name}" for name, count in machines(longer.rows).items())
    note = (
        f"Mean ± standard deviation over seeds, after {longer.steps:,} steps. Top-1: of the balanced test images, "
        "median over the last evaluations; against the prior: of the logits less the log prior. The others "
        "are of the pseudo-labels in the last interval: the share that is used, how many of these are right, and the "
        "mean recall over classes of all of them. Behind the comma: the tail of the unlabeled images. Bold: the paired "
        f"95 % interval separates it from every other under that tail, {SUPERVISED} included."
        f"{temperatures(longer)} Made on: {made}."
    )
    return Table("methods", f"Methods and tails: {title(longer)}", note, [*METRICS.values()], rows, "")


def temperatures(longer: LongerClasses) -> str:
    """T_dist of DASO under each tail, where it is not the same."""
    found = {tail: values(longer.runs(DASO, tail), "T_dist") for tail in longer.tails}
    told = {tail: f"{own.iloc[0]:g}" for tail, own in found.items() if len(own)}
    if len(set(told.values())) < 2:
        return ""
    return f" T_dist of {DASO}: {', '.join(f'{tail} {value}' for tail, value in told.items())}."


def to_fixmatch(longer: LongerClasses) -> Table:
    """Each method minus FixMatch."""
    rows = []
    for tail in longer.tails:
        base = longer.runs(FIXMATCH, tail)
        names = [name for name in longer.names if name != FIXMATCH]
        rows += [difference(f"{name} − {FIXMATCH}, {tail}", longer.runs(name, tail), base) for name in names]
    kept = [one for one in rows if one is not None]
    note = f"First minus second, {PAIRED}"
    return Table("to_fixmatch", "Differences to FixMatch", note, [*METRICS.values()], kept, "", head="Difference")


def label_table(longer: LongerClasses) -> Table:
    """Recall and precision of the labels at head, middle and tail."""
    rows, columns = [], [f"{rate}_{group}" for rate in ("recall", "precision") for group in GROUPS]
    for tail in longer.tails:
        for name in reading(longer):
            runs = longer.runs(name, tail)
            kinds = [kind for kind in KINDS[1:] + KINDS[:1] if len(values(runs, f"{kind}_recall_head"))]
            for kind in kinds:
                cells = [cell(runs, f"{kind}_{column}") for column in columns]
                called = f"{name}, {tail}" + f": {kind}" * (len(kinds) > 1)
                rows.append(Row(called, "coarse", cells, len(values(runs, f"{kind}_recall_head")), None))
    note = (
        "Of the pseudo-labels in the last interval, used or not: means over the three tenths of the classes with most "
        "labeled images (head), the three tenths with fewest (tail) and those between (mid)."
    )
    return Table(
        "labels", "Pseudo-labels at head and tail", note, [f"{one.replace('_', ', ')}" for one in columns], rows, ""
    )


def ablation_table(longer: LongerClasses) -> Table:
    """What is changed of DASO, and what comes out."""
    tail, rows = longer.ablated(), []
    own = longer.runs(DASO, tail)
    if tail:
        for name, what in ((FIXMATCH, "neither blends nor aligns"), (DASO, "nothing")):
            rows += [row(name, longer.runs(name, tail), before=[Cell(what)])] * bool(len(longer.runs(name, tail)))
        rows += [row(name, runs, before=[Cell(changes(runs, own))]) for name, runs in longer.ablations().items()]
    columns = ["changed", *METRICS.values()]
    note = "The values of the first table; all start from the same seeds, and differ in what is said."
    return Table("ablations", f"Parts of {DASO}, {tail}", note, columns, rows, "")


def to_daso(longer: LongerClasses) -> Table:
    """Each ablation minus DASO."""
    base = longer.runs(DASO, longer.ablated())
    rows = [difference(f"{name} − {DASO}", runs, base) for name, runs in longer.ablations().items()]
    kept, columns = [one for one in rows if one is not None], [*METRICS.values()]
    note = f"First minus second, {PAIRED}"
    return Table("to_daso", f"Differences to {DASO}, {longer.ablated()}", note, columns, kept, "", head="Difference")


def changes(runs: pd.DataFrame, own: pd.DataFrame) -> str:
    """`blend.alpha 0`: settings that differ from those of DASO."""
    if not len(own):
        return "–"
    first, base, said = runs.iloc[0], own.iloc[0], []
    for column, key in SETTINGS.items():
        value = first.get(column)
        if value is not None and not pd.isna(value) and value != base.get(column):
            said.append(f"{key} {value:g}" if isinstance(value, int | float) else f"{key} {value}")
    return ", ".join(said) or "–"


def reading(longer: LongerClasses) -> list[str]:
    """Methods that read unlabeled images."""
    return [name for name in longer.names if name != SUPERVISED]


def title(longer: LongerClasses) -> str:
    """Data set and length."""
    return f"{dataset_name(longer.dataset)}, {longer.steps:,} steps"


def row(name: str, runs: pd.DataFrame, bold: Sequence[str] = (), before: Sequence[Cell] = ()) -> Row:
    """A method's line."""
    cells = [cell(runs, metric, "best" if metric in bold else "") for metric in METRICS]
    return Row(name, "coarse", [*before, *cells], len(values(runs, "median_top1")), None)


def cell(runs: pd.DataFrame, metric: str, mark: str = "") -> Cell:
    """Mean and deviation; how many seeds, where some have no such figure."""
    own = values(runs, metric).to_numpy(float)
    if not len(own):
        return Cell()
    fewer = f"n = {len(own)}" if len(own) < len(runs) else ""
    return Cell(f"{own.mean():.3f}", f"{own.std(ddof=1):.3f}" if len(own) > 1 else "", mark, fewer)


def difference(name: str, first: pd.DataFrame, second: pd.DataFrame) -> Row | None:
    """A line of differences; None where no seed is shared."""
    gaps = [apart(values(first, metric), values(second, metric)) for metric in METRICS]
    if gaps[0] is None:
        return None
    return Row(name, "coarse", [Cell() if gap is None else difference_cell(gap) for gap in gaps], gaps[0].n, None)
