"""What came out, in sentences that rules make from the numbers. Each says its n."""

from collections.abc import Iterable, Mapping

import pandas as pd

from gristmill.report.results import TaskFacts, coarse_tasks, comparable, grouping_pairs, having
from gristmill.report.separation import best, by_seed, means_of, paired
from gristmill.report.words import words

METRIC = "recall_1"


def sentences(results: pd.DataFrame, summary: pd.DataFrame, tasks: Mapping[str, TaskFacts]) -> list[str]:
    """Three to six sentences, the most important first.

    Args:
        results: a row a seed (`results.name_rows`).
        summary: of the same results (`results.summarize`).
    """
    found = []
    for task in coarse_tasks(summary)[:1]:
        own, table = comparable(results, task, tasks), comparable(summary, task, tasks)
        found += [ladder(table, task), lead(own, task), ceiling(own), floor(own, table)]
    for good, bad in grouping_pairs(coarse_tasks(summary)):
        found.append(other_grouping(results, good, bad))
    return [sentence for sentence in found if sentence]


def per_hundred(value: float) -> str:
    """A rate as so many in 100."""
    return f"{100 * value:.0f}"


def seeds(counts: Iterable[int]) -> str:
    """`n = 1`, or `n = 1 to 3` where rows differ."""
    low, *_, high = sorted([*counts] * 2)
    return f"n = {low}" if low == high else f"n = {low} to {high}"


def listed(parts: list[str]) -> str:
    """`a, b and c`."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def ladder(table: pd.DataFrame, task: str) -> str:
    """Every method's Recall@1, best first."""
    rows = having(table, "metric", METRIC)
    say = words(task)
    kinds = {kind: having(rows, "kind", kind).iloc[::-1] for kind in ("coarse", "upper", "floor")}
    values = {
        kind: [f"{title} {per_hundred(mean)}" for title, mean in zip(part["title"], part["mean"], strict=True)]
        for kind, part in kinds.items()
    }
    coarse = kinds["coarse"]
    if not len(coarse):
        return ""
    first, others = f"{coarse['title'].iloc[0]} finds the {say.fine} of", listed(values["coarse"][1:])
    found = f"With {say.grouping} as the only labels {first} {per_hundred(coarse['mean'].iloc[0])} in 100 {say.image}s"
    found += f", {others}" if others else ""
    if values["upper"]:
        found += f"; trained on the {say.many(say.fine)} themselves: {listed(values['upper'])}"
    if values["floor"]:
        found += f"; not trained: {listed(values['floor'])}"
    return f"{found} ({seeds(rows['n'])})."


def lead(own: pd.DataFrame, task: str) -> str:
    """Who leads, and whether more seeds could turn it."""
    first = best(own, METRIC)
    rows = having(own, "kind", "coarse")
    means = means_of(rows, METRIC)
    if first is None or len(means) < 2:
        return ""
    second = list(means)[1]
    gap = paired(by_seed(rows, first.title, None, METRIC), by_seed(rows, second, None, METRIC))
    verb = "leads" if gap.separated else "comes out highest"
    ahead = f"{first.title} {verb}, {100 * gap.mean:.1f} in 100 ahead of {second} ({gap.words()})."
    if first.title == "MaskCon" or "MaskCon" not in means:
        return ahead
    own_gap = paired(by_seed(rows, "MaskCon", None, METRIC), by_seed(rows, first.title, None, METRIC))
    behind = "" if second == "MaskCon" else f", {-100 * own_gap.mean:.1f} in 100 behind ({own_gap.words()})"
    return f"{ahead} The paper reports MaskCon as the best method with coarse labels; here it is not{behind}."


def ceiling(own: pd.DataFrame) -> str:
    """How much of the way from the better floor to the upper bound the best coarse-label method has gone."""
    means = [means_of(having(own, "kind", kind), METRIC) for kind in ("floor", "coarse", "upper")]
    if not all(means):
        return ""
    (low, floor), (name, top), (high, bound) = (next(iter(found.items())) for found in means)
    if not floor < top < bound:
        return ""
    share = 100 * (top - floor) / (bound - floor)
    n = len(by_seed(own, name, None, METRIC))
    return f"{name} goes {share:.0f} % of the way from {low} to {high} without being told a fine class (n = {n})."


def floor(own: pd.DataFrame, table: pd.DataFrame) -> str:
    """Whether training was worth it."""
    rows = having(table, "metric", METRIC)
    floors, trained = having(rows, "kind", "floor"), having(rows, "kind", "coarse", "upper")
    if not len(floors) or not len(trained):
        return ""
    height, name = max(zip(floors["mean"], floors["title"], strict=True))
    below = [title for title, mean in zip(trained["title"], trained["mean"], strict=True) if mean <= height]
    bar = f"above {name} ({per_hundred(height)} in 100; {seeds(rows['n'])})"
    if not below:
        return f"Every trained method is {bar}."
    return f"{listed(below)} {'is' if len(below) == 1 else 'are'} not {bar}."


def other_grouping(results: pd.DataFrame, good: str, bad: str) -> str:
    """What each method gains or loses with the bad grouping."""
    parts, sure = [], []
    for title in dict.fromkeys(having(results, "task", bad)["title"]):
        before, after = (by_seed(results, title, task, METRIC) for task in (good, bad))
        if len(before) and len(after):
            parts.append(f"{title} {per_hundred(after.mean())} instead of {per_hundred(before.mean())}")
            sure.append(paired(after, before).words())
    if not parts:
        return ""
    if len(set(sure)) > 1:
        parts, sure = [f"{part} ({gap})" for part, gap in zip(parts, sure, strict=True)], []
    told = f"With {words(bad).grouping} instead of {words(good).grouping} as labels: {listed(parts)} in 100"
    return f"{told} ({sure[0]})." if sure else f"{told}."
