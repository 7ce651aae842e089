"""Whether the shape of DASO's paper is seen: linear against semantic labels, and what each part adds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gristmill.report.few import DASO, FIXMATCH
from gristmill.report.longer_classes import METRICS, LongerClasses, apart, values
from gristmill.report.longer_tables import signed
from gristmill.report.separation import Difference
from gristmill.report.tables import Cell, Row, Table

OPPOSITE = {  # what is higher -> first, second
    "linear labels have the higher recall at the head": ("linear_recall_head", "semantic_recall_head"),
    "linear labels have the higher precision at the tail": ("linear_precision_tail", "semantic_precision_tail"),
    "semantic labels have the higher recall at the tail": ("semantic_recall_tail", "linear_recall_tail"),
    "semantic labels have the higher precision at the head": ("semantic_precision_head", "linear_precision_head"),
}
PARTS = ("median_top1", "median_top1_la", "final_recall")


@dataclass(frozen=True)
class Held:
    """How often a statement holds, and by how much.

    Attributes:
        seeds: of `n` in which it holds.
        gap: of the two figures that it is about; None where it is about three.
    """

    seeds: int
    n: int
    gap: Difference | None = None

    def cell(self) -> Cell:
        """`+0.012 (+0.001 to +0.023; 3 of 3)`."""
        often = f"{self.seeds} of {self.n}"
        if self.gap is None:
            return Cell(often)
        interval = f"{signed(self.gap.low)} to {signed(self.gap.high)}; {often}" if self.gap.n > 1 else often
        sure = self.gap.separated and self.gap.mean > 0
        return Cell(signed(self.gap.mean), mark="best" if sure else "", interval=interval)


def higher(first: pd.Series, second: pd.Series) -> Held | None:
    """Whether the first is higher, seed by seed; None without a shared seed."""
    gap = apart(first, second)
    return None if gap is None else Held(int((first - second).dropna().gt(0).sum()), gap.n, gap)


def between(runs: pd.DataFrame, rate: str) -> Held | None:
    """Whether final labels lie between linear and semantic ones, ends included; None without figures."""
    names = [f"{kind}_{rate}" for kind in ("final", "linear", "semantic")]
    table = pd.DataFrame({name: values(runs, name) for name in names}).dropna()
    if not len(table):
        return None
    final, *ends = (table[name].to_numpy(float) for name in names)
    inside = (final >= np.minimum(*ends)) & (final <= np.maximum(*ends))
    return Held(int(inside.sum()), len(table))


def opposite(longer: LongerClasses, tail: str) -> dict[str, Held | None]:
    """Statement -> whether it holds under a tail."""
    runs = longer.runs(DASO, tail)
    return {said: higher(values(runs, one), values(runs, two)) for said, (one, two) in OPPOSITE.items()}


def blended(longer: LongerClasses, tail: str) -> dict[str, Held | None]:
    """Statement -> whether final labels lie between the two."""
    rates = [f"{rate}_{group}" for rate in ("recall", "precision") for group in ("head", "tail")]
    runs = longer.runs(DASO, tail)
    return {f"final labels lie between: {rate.replace('_', ', ')}": between(runs, rate) for rate in rates}


def parts(longer: LongerClasses, metric: str) -> dict[str, Held | None]:
    """Statement -> whether it holds for a figure: each part above FixMatch, both above each."""
    tail = longer.ablated()
    align, blend = (longer.titled(f"{DASO}, {what} alone") for what in ("alignment", "blending"))
    base, both = longer.runs(FIXMATCH, tail), longer.runs(DASO, tail)
    pairs = {
        "alignment alone is above FixMatch": (align, base),
        "blending alone is above FixMatch": (blend, base),
        "both are above alignment alone": (both, align),
        "both are above blending alone": (both, blend),
    }
    return {said: higher(values(one, metric), values(two, metric)) for said, (one, two) in pairs.items()}


def shape_tables(longer: LongerClasses) -> list[Table]:
    """What the paper sees, and whether it is seen here."""
    note = (
        "How much, the 95 % interval of the paired difference, and in how many seeds; bold where the statement holds "
        "and the interval excludes zero."
    )
    kinds = table(
        "shape", f"The paper's shape: kinds of labels in {DASO}", note, longer.tails,
        lambda tail: opposite(longer, tail) | blended(longer, tail),
    )  # fmt: skip
    sums = table(
        "parts", f"The paper's shape: parts of {DASO}, {longer.ablated()}", note, PARTS,
        lambda metric: parts(longer, metric),
    )  # fmt: skip
    return [one for one in (kinds, sums) if one.rows]


def table(
    name: str, title: str, note: str, columns: tuple[str, ...], judge: Callable[[str], dict[str, Held | None]]
) -> Table:
    """A line a statement; those that nothing can be said of are left out."""
    judged = {column: judge(column) for column in columns}
    rows = []
    for said in judged[columns[0]] if columns else ():
        found = [judged[column][said] for column in columns]
        if any(held is not None for held in found):
            rows.append(Row(said, "coarse", [Cell() if held is None else held.cell() for held in found], 0, None))
    heads = [METRICS.get(column, column) for column in columns]
    return Table(name, title, note, heads, rows, "", head="Statement")
