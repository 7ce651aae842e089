"""What came out of the longer trainings with few labels, in sentences that rules make from the numbers."""

import numpy as np
import pandas as pd

from gristmill.report.few import DASO, FIXMATCH
from gristmill.report.longer_classes import METRICS, LongerClasses, apart, values
from gristmill.report.longer_classes_shape import Held, opposite, parts
from gristmill.report.results import having
from gristmill.report.sentences import listed, seeds
from gristmill.report.separation import Difference, some_seeds

HALF = 0.6  # of the share that FixMatch uses: up to here it is called half
NEAR_0 = 0.1  # recall of a class that is hardly found


def classes_sentences(longer: LongerClasses) -> list[str]:
    """Who leads under each tail, both kinds of labels, the parts; without those that lack their runs."""
    found = [*(outcome(longer, tail) for tail in longer.tails)]
    found.append(kinds(longer, longer.main_tail()))
    found += [added(longer, metric) for metric in ("median_top1", "median_top1_la")]
    return [sentence for sentence in found if sentence]


def short_classes_sentences(longer: LongerClasses) -> list[str]:
    """The three of README.md: accuracy under all tails, labels that are used, the parts."""
    found = [accuracies(longer), labels_used(longer, longer.main_tail()), added(longer, "median_top1")]
    return [sentence for sentence in found if sentence]


def readings(longer: LongerClasses, tail: str) -> list[str]:
    """Four explanations why DASO's better labels need not give a better classifier, each checked."""
    found = [look_alike(longer, tail), used(longer, tail), right(longer, tail), rarest(longer, tail)]
    return [sentence for sentence in found if sentence]


def between(longer: LongerClasses, tail: str, metric: str) -> Difference | None:
    """DASO minus FixMatch."""
    return apart(*(values(longer.runs(name, tail), metric) for name in (DASO, FIXMATCH)))


def in_100(gap: Difference) -> str:
    """`+1.0 in 100 (not separated at n = 3)`."""
    return f"{100 * gap.mean:+.1f} in 100 ({gap.words()})"


def mean(runs: pd.DataFrame, metric: str) -> float:
    """Over seeds; NaN without any."""
    return float(values(runs, metric).mean())


def outcome(longer: LongerClasses, tail: str) -> str:
    """Top-1 of all methods under a tail, and what separates DASO from FixMatch."""
    heights = {name: mean(longer.runs(name, tail), "median_top1") for name in longer.names}
    heights = {name: height for name, height in heights.items() if height == height}
    gaps = [between(longer, tail, metric) for metric in ("median_top1", "median_top1_la")]
    if len(heights) < 2:
        return ""
    order = sorted(heights, key=lambda name: -heights[name])
    counts = [len(values(longer.runs(name, tail), "median_top1")) for name in order]
    told = listed([f"{name} {heights[name]:.3f}" for name in order])
    said = f"{tail.capitalize()} tails: top-1 {told} ({seeds(counts)})."
    if gaps[0] is None or gaps[1] is None:
        return said
    return f"{said} {DASO} minus {FIXMATCH} is {in_100(gaps[0])}, against the prior of the labels {in_100(gaps[1])}."


def accuracies(longer: LongerClasses) -> str:
    """DASO minus FixMatch under every tail."""
    said = []
    for tail in longer.tails:
        gaps = [between(longer, tail, metric) for metric in ("median_top1", "median_top1_la")]
        if gaps[0] is not None and gaps[1] is not None:
            said.append(f"{tail} {in_100(gaps[0])}, against the prior {in_100(gaps[1])}")
    return f"Top-1, {DASO} minus {FIXMATCH}: {'; '.join(said)}." if said else ""


def labels_used(longer: LongerClasses, tail: str) -> str:
    """How many labels are used, and how many of these are right."""
    gaps = [between(longer, tail, metric) for metric in ("final_used", "final_used_accuracy", "final_recall")]
    if any(gap is None for gap in gaps):
        return ""
    names = ("share used", "share of these that is right", "mean recall of all labels")
    told = [f"{name} {in_100(gap)}" for name, gap in zip(names, gaps, strict=True) if gap is not None]
    return f"Pseudo-labels under {tail} tails, {DASO} minus {FIXMATCH}: {listed(told)}."


def kinds(longer: LongerClasses, tail: str) -> str:
    """Whether linear and semantic labels are opposite, as the paper has it."""
    found = {said: held for said, held in opposite(longer, tail).items() if held is not None}
    if not found:
        return ""
    told = [f"{said}: {held_words(held)}" for said, held in found.items()]
    return f"{DASO}, {tail} tails: {'; '.join(told)}."


def held_words(held: Held) -> str:
    """`in 2 of 3 seeds (not separated at n = 3)`."""
    return f"in {some_seeds(held.seeds, held.n)}" + (f" ({held.gap.words()})" if held.gap is not None else "")


def added(longer: LongerClasses, metric: str) -> str:
    """Whether each part adds, and both most, as the paper has it."""
    found = {said: held for said, held in parts(longer, metric).items() if held is not None and held.gap is not None}
    if not found:
        return ""
    told = [
        f"{said} in {some_seeds(held.seeds, held.n)}, {in_100(held.gap)}" for said, held in found.items() if held.gap
    ]
    every = all(held.gap is not None and held.gap.mean > 0 for held in found.values()) and len(found) == 4
    sure = every and all(held.gap is not None and held.gap.separated for held in found.values())
    shape = "as in the paper" if sure else "the means in the paper's order, not separated throughout" if every else ""
    verdict = shape or ("not in the paper's order" if len(found) == 4 else "as far as was run")
    return f"Parts of {DASO}, {longer.ablated()} tails, {METRICS[metric]}, {verdict}: {'; '.join(told)}."


def checked(sure: bool, reading: str, numbers: str, n: int) -> str:
    """A reading, whether it is confirmed, and by what; one seed leaves it open."""
    verdict = "left open by one seed" if n < 2 else f"{'confirmed' if sure else 'not confirmed'} (n = {n})"
    return f"“{reading}”: {verdict}. {numbers}"


def look_alike(longer: LongerClasses, tail: str) -> str:
    """Whether labels of the class that is blended most are never used."""
    mine, base = (longer.of_class(longer.runs(name, tail)) for name in (DASO, FIXMATCH))
    if not len(mine) or not len(base) or "upsilon" not in mine or not len(mine.dropna(subset=["upsilon"])):
        return ""
    tops = mine.loc[mine.dropna(subset=["upsilon"]).groupby("seed")["upsilon"].idxmax()]
    both = tops.merge(base, on=["seed", "class"], suffixes=("", "_base"))
    both = both.dropna(subset=["final_used_share", "final_used_share_base"])
    if not len(both):
        return ""
    counts = both["class_name"].value_counts(sort=True)
    names = listed([f"{name} (in {some_seeds(count, len(both))})" for name, count in counts.items()])
    never = int(np.count_nonzero(both["final_used_share"].to_numpy(float) == 0))
    said = (
        f"The class with the largest upsilon is {names}; of the labels that pass the threshold "
        f"{percent(both['final_used_share'])} name it with {DASO}, none in {some_seeds(never, len(both))}, and "
        f"{percent(both['final_used_share_base'])} with {FIXMATCH}, where its labels are right in "
        f"{percent(both['final_precision_base'])} (all labels, used or not)."
    )
    said += gained(mine, base)
    return checked(
        never == len(both), "The blended label of a look-alike pair never passes the threshold", said, len(both)
    )


def gained(mine: pd.DataFrame, base: pd.DataFrame) -> str:
    """The class whose images the semantic labels find more often than the linear ones do, and whether it is used."""
    if not {"semantic_recall", "linear_recall"} <= set(mine):
        return ""
    gains = {
        str(name): (average(own, "linear_recall"), average(own, "semantic_recall"))
        for name, own in mine.dropna(subset=["linear_recall", "semantic_recall"]).groupby("class_name", sort=False)
    }
    if not gains:
        return ""
    name = max(gains, key=lambda each: gains[each][1] - gains[each][0])
    linear, semantic = gains[name]
    if semantic <= linear:
        return ""
    share = {
        title: 100 * average(having(rows, "class_name", name), "final_used_share")
        for title, rows in ((DASO, mine), (FIXMATCH, base))
    }
    return (
        f" The gain of semantic over linear labels is largest for {name}: {semantic:.2f} instead of {linear:.2f} of "
        f"its images; it has {share[DASO]:.1f} % of the used labels with {DASO}, {share[FIXMATCH]:.1f} % with "
        f"{FIXMATCH}."
    )


def average(rows: pd.DataFrame, column: str) -> float:
    """Of a column, without NaN."""
    return float(rows[column].dropna().to_numpy(float).mean())


def percent(shares: pd.Series) -> str:
    """`27.8 %`, the mean over seeds."""
    return f"{100 * float(shares.mean()):.1f} %"


def used(longer: LongerClasses, tail: str) -> str:
    """Whether DASO uses half as many labels."""
    gap = between(longer, tail, "final_used")
    if gap is None:
        return ""
    mine, base = (mean(longer.runs(name, tail), "final_used") for name in (DASO, FIXMATCH))
    share = mine / base if base else 1.0
    less = gap.separated and gap.mean < 0
    said = (
        f"{DASO} uses {mine:.3f} of its labels, {FIXMATCH} {base:.3f}: {100 * share:.0f} % of it ({gap.words()})"
        f"{', fewer, but more than half' if less and share > HALF else ''}."
    )
    return checked(less and share <= HALF, "Half as many labels are used", said, gap.n)


def right(longer: LongerClasses, tail: str) -> str:
    """Whether the labels that DASO uses are right more often."""
    gap = between(longer, tail, "final_used_accuracy")
    if gap is None:
        return ""
    mine, base = (mean(longer.runs(name, tail), "final_used_accuracy") for name in (DASO, FIXMATCH))
    said = f"Right are {mine:.3f} of those that {DASO} uses and {base:.3f} of {FIXMATCH}'s: {in_100(gap)}."
    return checked(gap.separated and gap.mean > 0, "The labels that are used are right more often", said, gap.n)


def rarest(longer: LongerClasses, tail: str) -> str:
    """Whether no method finds the class with the fewest labeled images."""
    heights, rows, counts = [], pd.DataFrame(), []
    for name in longer.names:
        own = longer.of_class(longer.runs(name, tail))
        if len(own):
            rows = own.loc[own["class"] == own["class"].max()]
            counts.append(len(rows))
            prior = f", {rows['recall_la'].mean():.3f} against the prior" if "recall_la" in rows else ""
            heights.append(
                (float(rows["recall"].mean()), f"{name} {rows['recall'].mean():.3f}{prior} (n = {len(rows)})")
            )
    if not heights:
        return ""
    name, count = rows["class_name"].iloc[0], rows["labeled"].iloc[0]
    said = f"Test recall of {name}, {count:g} labeled images: {'; '.join(words for _, words in heights)}."
    return checked(
        max(heights)[0] < NEAR_0, "No method finds the class with the fewest labeled images", said, min(counts)
    )
