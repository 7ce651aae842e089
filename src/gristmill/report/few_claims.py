"""What DASO's paper claims, and what the runs here say to it, seed by seed. The claims stand in claims.csv."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from gristmill.report.claims import Claim, Verdict, claims_of
from gristmill.report.few import DASO, FIXMATCH, called
from gristmill.report.results import TaskFacts, few_tasks, having
from gristmill.report.separation import by_seed, paired, seeds_above

Pair = tuple[str, pd.Series, pd.Series]  # what it is called; which should be higher, than which


def together(pairs: Sequence[Pair]) -> Verdict:
    """Whether the first of every pair is higher: if all intervals say so; not, if one says the opposite; else open."""
    if any(not len(first) or not len(second) for _, first, second in pairs):
        return Verdict()
    gaps = [paired(first, second) for _, first, second in pairs]
    holds = all(gap.separated and gap.mean > 0 for gap in gaps)
    fails = any(gap.separated and gap.mean < 0 for gap in gaps)
    here = [
        f"{name}: {first.mean():.3f} against {second.mean():.3f}, higher in {seeds_above(first, second)}"
        for name, first, second in pairs
    ]
    return Verdict(holds if holds or fails else None, holds or fails, "; ".join(here), min(gap.n for gap in gaps))


def against(own: pd.DataFrame, *metrics: tuple[str, str]) -> Verdict:
    """DASO above FixMatch in each of these figures."""
    pairs = []
    for metric, name in metrics:
        first, second = (by_seed(own, title, None, metric) for title in (DASO, FIXMATCH))
        pairs.append((f"{name}, {DASO} and {FIXMATCH}", first, second))
    return together(pairs)


def kind(own: pd.DataFrame, labels: str, rate: str) -> pd.Series:
    """Seed -> a rate of one kind of DASO's labels."""
    return by_seed(own, DASO, None, f"{labels}_{rate}")


def opposite(own: pd.DataFrame, rate: str, high: str, low: str) -> Verdict:
    """Linear labels are higher than semantic ones in one group of classes and lower in another."""
    above, below = f"{rate}_{high}", f"{rate}_{low}"
    return together(
        [
            (f"{rate} at the {high}, linear and semantic", kind(own, "linear", above), kind(own, "semantic", above)),
            (f"at the {low}, semantic and linear", kind(own, "semantic", below), kind(own, "linear", below)),
        ]
    )


def between(own: pd.DataFrame) -> Verdict:
    """The recall of final labels lies between those of both kinds, at the head and at the tail."""
    pairs = []
    for group in ("head", "tail"):
        linear, final, semantic = (kind(own, k, f"recall_{group}") for k in ("linear", "final", "semantic"))
        if not len(linear) or not len(final) or not len(semantic):
            return Verdict()
        names = [("linear", linear), ("semantic", semantic)]
        (high, above), (low, below) = sorted(names, key=lambda entry: -entry[1].mean())
        pairs += [(f"recall at the {group}, {high} and final", above, final), (f"final and {low}", final, below)]
    return together(pairs)


RULES: dict[str, Callable[[pd.DataFrame], Verdict]] = {
    "daso_top1": lambda own: against(own, ("median_top1", "top-1")),
    "linear_recall": lambda own: opposite(own, "recall", "head", "tail"),
    "linear_precision": lambda own: opposite(own, "precision", "tail", "head"),
    "final_between": between,
    "final_recall": lambda own: against(own, ("final_recall", "mean recall of labels")),
}


def judge_few_claims(results: pd.DataFrame, summary: pd.DataFrame, tasks: Mapping[str, TaskFacts]) -> list[Claim]:
    """Every claim on every task with few labels.

    Args:
        results: a row a seed (`results.name_rows`).
        summary: of the same results (`results.summarize`).
    """
    found = []
    owns = {task: having(having(results, "task", task), "kind", "few") for task in few_tasks(summary)}
    for row in claims_of("few"):
        for task, own in owns.items():
            where = called(tasks[task], own["dataset"].iloc[0])
            found.append(Claim(row["claim"], row["paper_data"], row["source"], where, RULES[row["rule"]](own)))
    return found
