"""Methods that are judged alike, over seeds: what they are judged by, and how one stands to another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite, nan

import pandas as pd

from gristmill.report.results import having
from gristmill.report.sentences import listed, seeds
from gristmill.report.separation import Best, Difference, by_seed, means_of, paired
from gristmill.report.tables import Cell, mark
from gristmill.report.words import Words, words

METRICS = {"knn_logo_1_top1": "kNN", "linear_lbfgs_1_top1": "linear", "recall_1": "Recall@1"}
PROBED = {"other_top1": "other data", "one_label_top1": "1 {image}", "corrupted_top1": "corrupted"}
"""Means of kNN probes of the same encoders: beside what methods are judged by."""
SECONDS = "cpu_seconds"
LOOKS = {  # method -> title that the theme knows, where tables have several titles for it
    "moco": "MoCo",
    "simsiam": "SimSiam",
    "logo_moco": "LoGo-MoCo",
    "logo_simsiam": "LoGo-SimSiam",
    "supcon": "SupCon (batch)",
    "cross_entropy": "Cross entropy",
}


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Trainings on the fine classes of one data set.

    Attributes:
        rows: a row a run: `results.KEYS`, seed and figures.
    """

    dataset: str
    rows: pd.DataFrame

    @property
    def words(self) -> Words:
        return words(f"{self.dataset}_fine")

    @property
    def metrics(self) -> list[str]:
        """What the methods are judged by."""
        return metrics_of(self.rows)

    @property
    def headline(self) -> str:
        """Of these the first."""
        return next(iter(self.metrics), next(iter(METRICS)))


def look_of(method: str, title: str) -> str:
    """The title by which the theme knows a method's look."""
    return LOOKS.get(method, title)


def metrics_of(rows: pd.DataFrame) -> list[str]:
    """Those of METRICS that any run has."""
    return [name for name in METRICS if name in rows and bool(rows[name].notna().any())]


def probed_of(rows: pd.DataFrame, image: str) -> dict[str, str]:
    """Those of PROBED that any run has -> words.

    Args:
        image: how one is called.
    """
    there = [name for name in PROBED if name in rows and bool(rows[name].notna().any())]
    return {name: PROBED[name].format(image=image) for name in there}


def mean_of(rows: pd.DataFrame, title: str, column: str) -> float:
    """Over the seeds of a title; NaN without any."""
    values = by_seed(rows, title, None, column)
    return float(values.to_numpy().mean()) if len(values) else nan


def figure_cell(rows: pd.DataFrame, title: str, metric: str, top: Best | None = None) -> Cell:
    """Mean and deviation over the seeds of a title; `top`: whose is highest."""
    values = by_seed(rows, title, None, metric).to_numpy(float)
    if not len(values):
        return Cell()
    return Cell(f"{values.mean():.3f}", f"{values.std(ddof=1):.3f}" if len(values) > 1 else "", mark(top, title))


def rising(rows: pd.DataFrame, metric: str) -> list[str]:
    """Titles by rising mean; first those without it."""
    means = means_of(rows, metric)
    return sorted(dict.fromkeys(rows["title"]), key=lambda title: means.get(title, -1.0))


def changes(rows: pd.DataFrame, first: str, second: str) -> dict[str, Difference]:
    """Figure -> first title minus second; without what one of them lacks."""
    found = {}
    for metric in metrics_of(rows):
        high, low = (by_seed(rows, title, None, metric) for title in (first, second))
        if len(high) and len(low):
            found[metric] = paired(high, low)
    return found


def sides(gaps: Mapping[str, Difference]) -> dict[str, list[str]]:
    """`above`, `below`, `open` -> names of the figures by which the first stands there."""
    found: dict[str, list[str]] = {"above": [], "below": [], "open": []}
    for metric, gap in gaps.items():
        found["open" if not gap.separated else "above" if gap.mean > 0 else "below"].append(METRICS[metric])
    return found


def spoken(title: str) -> str:
    """A title inside a sentence: `MoCo (240 epochs)`."""
    name, comma, more = title.partition(", ")
    return f"{name} ({more})" if comma else title


def stands(first: str, second: str, gaps: Mapping[str, Difference]) -> str:
    """`SupCon is above cross entropy by kNN and not separated from it by Recall@1`."""
    where, parts = sides(gaps), []
    for side, verb in (("above", "above"), ("below", "below"), ("open", "not separated from")):
        if where[side]:
            parts.append(f"{verb} {'it' if parts else spoken(second)} by {listed(where[side])}")
    return f"{spoken(first)} is {listed(parts)}"


def answer(gaps: Mapping[str, Difference]) -> str:
    """Whether the first is above: `Yes`, `In part`, `Yes and no`, `No`; `Open` where seeds separate nothing."""
    where = sides(gaps)
    if where["above"]:
        return "Yes and no" if where["below"] else "In part" if where["open"] else "Yes"
    return "No" if where["below"] else "Open"


def measured(gaps: Mapping[str, Difference]) -> str:
    """`in 100: kNN +5.0 (+3.1 to +6.9), linear -0.2 (-1.0 to +0.6); 95 % intervals, n = 3`."""
    parts = [f"{METRICS[metric]} {per_hundred(gap.mean)}{interval(gap)}" for metric, gap in gaps.items()]
    intervals = "95 % intervals, " * any(gap.n > 1 for gap in gaps.values())
    return f"in 100: {', '.join(parts)}; {intervals}{seeds(gap.n for gap in gaps.values())}"


def interval(gap: Difference) -> str:
    """The interval behind a difference; nothing where there is none."""
    return f" ({per_hundred(gap.low)} to {per_hundred(gap.high)})" if isfinite(gap.low) else ""


def per_hundred(value: float) -> str:
    """A difference as so many in 100, with its sign."""
    text = f"{100 * value:+.1f}"
    return "0.0" if float(text) == 0 else text


def times(rows: pd.DataFrame, first: str, second: str) -> str:
    """`1.04 times`: processor seconds of the first title by those of the second; empty where nobody knows."""
    high, low = (mean_of(rows, title, SECONDS) for title in (first, second))
    return f"{high / low:.2f} times" if isfinite(high) and isfinite(low) and low > 0 else ""


def not_above(rows: pd.DataFrame, trained: Iterable[str]) -> str:
    """Who is not above the better of what was not trained, figure by figure; that all are, where it is so."""
    floor, titles = having(rows, "kind", "floor"), [*trained]
    said, above, counts = [], [], []
    for metric in metrics_of(rows):
        low, means = means_of(floor, metric), means_of(having(rows, "title", *titles), metric)
        if not low or not means:
            continue
        name, height = next(iter(low.items()))
        bar = f"{name} ({100 * height:.0f} in 100)"
        counts += [len(by_seed(rows, title, None, metric)) for title in means]
        below = [spoken(title) for title, mean in means.items() if mean <= height]
        if below:
            said.append(f"by {METRICS[metric]} {listed(below)} {'is' if len(below) == 1 else 'are'} not above {bar}")
        else:
            above.append(f"by {METRICS[metric]} every trained method is above {bar}")
    text = "; ".join([*said, *above])
    return f"{text[0].upper()}{text[1:]} ({seeds(counts)})." if text else ""


def leads(rows: pd.DataFrame, metric: str) -> str:
    """`SimCLR comes out highest, 70 in 100, 1.2 ahead of MoCo (not separated at n = 3)`; empty without any."""
    means = means_of(rows, metric)
    if not means:
        return ""
    (first, height), *others = means.items()
    own = by_seed(rows, first, None, metric)
    if not others:
        return f"{spoken(first)} alone was run, {100 * height:.0f} in 100 (n = {len(own)})"
    second = others[0][0]
    gap = paired(own, by_seed(rows, second, None, metric))
    verb = "leads" if gap.separated else "comes out highest"
    ahead = f"{100 * gap.mean:.1f} ahead of {spoken(second)} ({gap.words()})"
    return f"{spoken(first)} {verb}, {100 * height:.0f} in 100, {ahead}"
