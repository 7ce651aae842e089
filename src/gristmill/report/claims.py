"""What the papers claim, and what the runs here say to it. The claims stand in claims.csv."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

import pandas as pd

from gristmill.report.longer import Longer
from gristmill.report.results import TaskFacts, coarse_tasks, comparable, grouping_pairs, having
from gristmill.report.separation import Difference, best, by_seed, means_of, paired

CLOSE = 0.05  # Recall@1: what we take "close" for; the paper's own figures could not be read
NOT_RUN, NOTHING = "not run", "the methods that it compares were not run"


@dataclass(frozen=True)
class Verdict:
    """What the numbers say to a claim.

    Attributes:
        holds: as observed; None: not run, or left open because seeds do not separate it.
        sure: whether seeds separate it.
        here: the numbers.
        n: seeds behind the comparison.
    """

    holds: bool | None = None
    sure: bool = False
    here: str = NOTHING
    n: int = 0

    def words(self) -> str:
        """`holds`, `does not hold`, `not separated`, `not run`; with a note where seeds do not separate it."""
        if self.holds is None:
            open_still = f"not separated at n = {self.n}" if self.n else "not separated (no seed in common)"
            return NOT_RUN if self.here == NOTHING else open_still
        said = "holds here" if self.holds else "does not hold here"
        if self.sure:
            return said
        return f"{said}; not separated " + (f"at n = {self.n}" if self.n else "(no seed in common)")


@dataclass(frozen=True)
class Claim:
    """A row of the page's table."""

    claim: str
    paper_data: str
    source: str
    dataset: str
    verdict: Verdict
    longer: Verdict | None = None  # of the longer trainings, where there are any
    trained: str = ""  # how these were


class Evidence:
    """The results of one data set, as rules ask for them."""

    def __init__(self, results: pd.DataFrame, summary: pd.DataFrame, tasks: Mapping[str, TaskFacts], dataset: str):
        self.results, self.tasks = having(results, "dataset", dataset), tasks
        coarse = coarse_tasks(having(summary, "dataset", dataset))
        self.first = coarse[0] if coarse else None
        pairs = grouping_pairs(coarse)
        self.good, self.bad = pairs[0] if pairs else (self.first, None)

    def seeds(self, title: str, task: str | None, metric: str = "recall_1") -> pd.Series:
        """Seed -> value of a method on a task; empty where it was not run."""
        return by_seed(self.results, title, task, metric) if task else pd.Series(dtype=float)

    def upper(self) -> pd.Series:
        """Seed -> Recall@1 of SupFine, whose task is its own."""
        return by_seed(having(self.results, "kind", "upper"), "SupFine", None, "recall_1")


def is_best(seen: Evidence) -> Verdict:
    """MaskCon has the highest Recall@1 of the methods with coarse labels."""
    own = seen.seeds("MaskCon", seen.first)
    if seen.first is None or not len(own):
        return Verdict()
    rows = comparable(seen.results, seen.first, seen.tasks)
    coarse = having(rows, "kind", "coarse").dropna(subset=["recall_1"])
    others = coarse.loc[coarse["title"] != "MaskCon"]
    means = means_of(others, "recall_1")
    if not means:
        return Verdict()
    top = next(iter(means))
    gap = paired(own, by_seed(others, top, None, "recall_1"))
    first = best(rows, "recall_1")
    sure = bool(first and first.sure) if gap.mean > 0 else gap.separated
    here = f"Recall@1: MaskCon {own.mean():.3f}, the best other, {top}, {means[top]:.3f}"
    return Verdict(gap.mean > 0, sure, here, gap.n)


def coins_at_10(seen: Evidence) -> Verdict:
    """CoIns has a higher Recall@10 than MaskCon."""
    coins, own = (seen.seeds(title, seen.first, "recall_10") for title in ("CoIns", "MaskCon"))
    return greater(coins, own, "Recall@10: CoIns {:.3f}, MaskCon {:.3f}")


def bad_above_good(seen: Evidence) -> Verdict:
    """MaskCon has a higher Recall@1 with the bad grouping than with the good one."""
    bad, good = (seen.seeds("MaskCon", task) for task in (seen.bad, seen.good))
    return greater(bad, good, "Recall@1: bad {:.3f}, good {:.3f}")


def greater(first: pd.Series, second: pd.Series, here: str) -> Verdict:
    """Whether the first is higher."""
    if not len(first) or not len(second):
        return Verdict()
    gap = paired(first, second)
    return Verdict(gap.mean > 0, gap.separated, here.format(first.mean(), second.mean()), gap.n)


def close_with_good(seen: Evidence) -> Verdict:
    """MaskCon's Recall@1 is at most CLOSE below SupFine's."""
    return close(seen.seeds("MaskCon", seen.good), seen.upper())


def close_with_bad(seen: Evidence) -> Verdict:
    """The same with the bad grouping."""
    return close(seen.seeds("MaskCon", seen.bad), seen.upper())


def close(own: pd.Series, upper: pd.Series) -> Verdict:
    """Whether what is missing to the upper bound is at most CLOSE."""
    if not len(own) or not len(upper):
        return Verdict()
    gap = paired(upper, own)
    here = f"Recall@1: MaskCon {own.mean():.3f}, SupFine {upper.mean():.3f}; we call {CLOSE} close"
    return Verdict(gap.mean <= CLOSE, beyond(gap, CLOSE), here, gap.n)


def beyond(gap: Difference, bound: float) -> bool:
    """Whether the interval lies on one side of the bound."""
    return gap.low > bound or (gap.high <= bound and gap.high < inf)


RULES: dict[str, Callable[[Evidence], Verdict]] = {
    "best": is_best,
    "coins_at_10": coins_at_10,
    "bad_above_good": bad_above_good,
    "close_with_good": close_with_good,
    "close_with_bad": close_with_bad,
}


def claims_of(family: str) -> list[dict[str, str]]:
    """The claims on methods with coarse (`coarse`) or few labels (`few`): claim, paper_data, rule, source."""
    rows = pd.read_csv(Path(__file__).with_name("claims.csv"), dtype=str)
    return having(rows, "family", family).to_dict("records")


def judge_claims(
    results: pd.DataFrame, summary: pd.DataFrame, tasks: Mapping[str, TaskFacts], longer: Sequence[Longer] = ()
) -> list[Claim]:
    """Every claim on every data set that has methods with coarse labels.

    Args:
        results: a row a seed (`results.name_rows`).
        summary: of the same results (`results.summarize`).
        longer: longer trainings, judged beside.
    """
    datasets = dict.fromkeys(having(summary, "kind", "coarse")["dataset"])
    evidence = {name: Evidence(results, summary, tasks, name) for name in datasets}
    beside = {one.dataset: (Evidence(one.table, one.summary(), one.tasks, one.dataset), one.epochs) for one in longer}
    found = []
    for row in claims_of("coarse"):
        for name, seen in evidence.items():
            long, epochs = beside.get(name, (None, 0))
            verdicts = RULES[row["rule"]](seen), RULES[row["rule"]](long) if long else None
            trained = f"longer, {epochs} epochs"
            found.append(Claim(row["claim"], row["paper_data"], row["source"], name, *verdicts, trained))
    return found
