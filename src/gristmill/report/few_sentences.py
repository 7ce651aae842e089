"""What came out with few labels, in sentences that rules make from the numbers. Each says its n."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gristmill.report.class_runs import read_list
from gristmill.report.few import DASO, FIXMATCH, SUPERVISED, asked
from gristmill.report.results import TaskFacts, few_tasks, having
from gristmill.report.sentences import listed, per_hundred
from gristmill.report.sentences import seeds as counts
from gristmill.report.separation import by_seed, means_of, paired, seeds_above, some_seeds
from gristmill.report.words import words

TOP1, ADJUSTED = "median_top1", "median_top1_la"
HARDLY = 0.02  # share of the used labels below which a class hardly passes the threshold


def few_sentences(
    results: pd.DataFrame,
    summary: pd.DataFrame,
    tasks: Mapping[str, TaskFacts],
    histories: Mapping[str, pd.DataFrame],
) -> list[str]:
    """At most five sentences on the first task with few labels, the most important first, and one on several.

    Args:
        results: a row a seed (`results.name_rows`).
        summary: of the same results (`results.summarize`).
        histories: experiment -> its history; lists over the classes may be JSON text.
    """
    found = []
    for task in few_tasks(summary)[:1]:
        own = having(having(results, "task", task), "kind", "few")
        found += [ladder(own, tasks[task]), used(own), kinds(own), gains(own)]
        found.append(blended_most(own, tasks[task], histories))
    found.append(everywhere(having(results, "kind", "few"), few_tasks(summary), tasks))
    return [sentence for sentence in found if sentence]


def ladder(own: pd.DataFrame, facts: TaskFacts) -> str:
    """Every method's top-1 accuracy, best first, and which are level with the one that sees no unlabeled image."""
    means, say = means_of(own, TOP1), words(facts.name, few=True)
    if not means:
        return ""
    (first, top), *others = means.items()
    rest = listed([f"{title} {100 * mean:.1f}" for title, mean in others])
    n = counts(len(by_seed(own, title, None, TOP1)) for title in means)
    found = f"With {asked(facts)}, {first} names the {say.fine} of {100 * top:.1f} in 100 {say.image}s"
    found += f"{f', {rest}' if rest else ''} ({n})."
    alone = by_seed(own, SUPERVISED, None, TOP1)
    if not len(alone) or not others:
        return found
    gaps = {title: paired(by_seed(own, title, None, TOP1), alone) for title in means if title != SUPERVISED}
    level = [title for title, gap in gaps.items() if not gap.separated]
    above = [title for title, gap in gaps.items() if gap.separated and gap.mean > 0]
    below = [title for title, gap in gaps.items() if gap.separated and gap.mean < 0]
    parts = [f"{listed(names)} {where}" for names, where in ((above, "above it"), (below, "below it")) if names]
    if level:
        n = counts(gaps[title].n for title in level)
        parts.append(f"level with it {'is' if len(level) == 1 else 'are'} {listed(level)} (not separated at {n})")
    return f"{found} {SUPERVISED} sees no unlabeled image: {'; '.join(parts)}."


def pair(own: pd.DataFrame, metric: str) -> tuple[pd.Series, pd.Series] | None:
    """Seed -> value of DASO and of FixMatch; None where one was not run."""
    both = by_seed(own, DASO, None, metric), by_seed(own, FIXMATCH, None, metric)
    return both if len(both[0]) and len(both[1]) else None


def used(own: pd.DataFrame) -> str:
    """How often the labels that are trained on are right, and how many there are."""
    right, share = pair(own, "final_used_accuracy"), pair(own, "final_used")
    if right is None or share is None:
        return ""
    fewer = "fewer" if share[0].mean() < share[1].mean() else "not fewer"
    return (
        f"Of the pseudo-labels that {DASO} uses {100 * right[0].mean():.1f} in 100 are right, of {FIXMATCH}'s "
        f"{100 * right[1].mean():.1f}: more in {seeds_above(*right)} ({paired(*right).words()}). It uses {fewer} of "
        f"them: {per_hundred(share[0].mean())} in 100 against {per_hundred(share[1].mean())}, below {FIXMATCH} in "
        f"{seeds_above(share[1], share[0])}."
    )


def kinds(own: pd.DataFrame) -> str:
    """Linear against semantic labels at head and tail, and what becomes of their mean recall."""
    parts = []
    for group in ("tail", "head"):
        semantic, linear = (by_seed(own, DASO, None, f"{kind}_recall_{group}") for kind in ("semantic", "linear"))
        if not len(semantic) or not len(linear):
            return ""
        above = semantic.mean() > linear.mean()
        order = (semantic, linear) if above else (linear, semantic)
        gap = paired(semantic, linear)
        parts.append(
            f"{'above' if above else 'below'} that of its linear ones at the {group} in {seeds_above(*order)} ("
            f"{semantic.mean():.3f} against {linear.mean():.3f}; {gap.words()})"
        )
    found = f"The recall of {DASO}'s semantic labels is {listed(parts)}."
    recall = pair(own, "final_recall")
    if recall is None:
        return found
    return (
        f"{found} The mean recall of the final labels, {recall[0].mean():.3f}, is above {FIXMATCH}'s, "
        f"{recall[1].mean():.3f}, in {seeds_above(*recall)} ({paired(*recall).words()})."
    )


def gains(own: pd.DataFrame) -> str:
    """Whether other labels came with another accuracy."""
    parts, gaps = [], []
    for metric, name in ((TOP1, "top-1"), (ADJUSTED, "against the prior of the labels")):
        both = pair(own, metric)
        if both is None:
            return ""
        gap = paired(*both)
        gaps.append(gap)
        parts.append(
            f"{name} {DASO} is {abs(100 * gap.mean):.1f} in 100 {'ahead of' if gap.mean > 0 else 'behind'} {FIXMATCH}, "
            f"ahead in {seeds_above(*both)} ({gap.words()})"
        )
    labels = pair(own, "final_used_accuracy")
    better = labels is not None and paired(*labels).separated and paired(*labels).mean > 0
    ahead = [gap.separated and gap.mean > 0 for gap in gaps]
    said = f"In {parts[0]}; {parts[1]}."
    if not better:
        return said
    if not any(ahead):
        return f"{said} That more of the used labels are right has not turned into a separated gain in accuracy."
    which = "both" if all(ahead) else "top-1 alone" if ahead[0] else "the accuracy against the prior alone"
    return f"{said} More of the used labels are right, and {which} gained."


def everywhere(results: pd.DataFrame, names: Sequence[str], tasks: Mapping[str, TaskFacts]) -> str:
    """In how many of several tasks DASO is ahead of FixMatch, and where by most and by least."""
    pairs = {name: pair(having(results, "task", name), TOP1) for name in names}
    gaps = {name: paired(*both) for name, both in pairs.items() if both is not None}
    if len(gaps) < 2:
        return ""
    ahead, behind = (sum(gap.separated and sign * gap.mean > 0 for gap in gaps.values()) for sign in (1, -1))
    least, most = min(gaps, key=lambda name: gaps[name].mean), max(gaps, key=lambda name: gaps[name].mean)
    ends = [f"{100 * gaps[name].mean:+.1f} in 100 ({asked(tasks[name])})".replace("-", "−") for name in (least, most)]
    return (
        f"Of {len(gaps)} long tails {DASO} is ahead of {FIXMATCH} in {ahead} and behind in {behind}; in the other "
        f"{len(gaps) - ahead - behind} seeds do not separate them ({counts(gap.n for gap in gaps.values())}). Its "
        f"top-1 accuracy differs by {' to '.join(ends)}."
    )


def blended_most(own: pd.DataFrame, facts: TaskFacts, histories: Mapping[str, pd.DataFrame]) -> str:
    """Whether the class whose labels are most semantic (largest upsilon) passes the threshold at all.

    The most frequent pseudo-class gets upsilon 1: its labels come from the prototypes alone, whose cosines to
    look-alike classes lie close together. With a constant weight no class is blended most.
    """
    blended, base = (ends(own, title, histories) for title in (DASO, FIXMATCH))
    shares: dict[int, tuple[str, float, float]] = {}
    for seed, row in blended.items():
        cells = row.get("upsilons"), row.get("final_used_shares"), base.get(seed, {}).get("final_used_shares")
        lists = [read_list(each, len(facts.labels)) for each in cells]
        if any(each is None for each in lists):
            continue
        upsilons, mine, theirs = np.array(lists, dtype=float)  # None is NaN
        (most,) = np.nonzero(upsilons == np.nanmax(upsilons, initial=-1))
        if len(most) == 1 and np.isfinite([mine[most[0]], theirs[most[0]]]).all():
            shares[seed] = facts.labels[most[0]], float(mine[most[0]]), float(theirs[most[0]])
    hardly = [each for each in shares.values() if each[1] < HARDLY and each[1] < each[2] / 2]
    if not hardly:
        return ""
    names = listed([f"“{name}”" for name in dict.fromkeys(name for name, _, _ in hardly)])
    own_share, other = 100 * np.mean([[share, other] for _, share, other in hardly], axis=0)
    return (
        f"In {some_seeds(len(hardly), len(shares))} the class whose labels {DASO} "
        f"blends most (its most frequent pseudo-label, {names}) hardly passes the threshold: {own_share:.1f} in 100 "
        f"of the used labels, with {FIXMATCH} {other:.1f} ({counts([len(shares)])})."
    )


def ends(own: pd.DataFrame, title: str, histories: Mapping[str, pd.DataFrame]) -> dict[int, Mapping[str, Any]]:
    """Seed -> the last row of a method's history."""
    found: dict[int, Mapping[str, Any]] = {}
    rows = having(own, "title", title)
    for experiment, seed in zip(rows["experiment"], rows["seed"], strict=True):
        if experiment in histories and seed not in found:
            history = having(histories[experiment], "seed", seed)
            if len(history):
                found[int(seed)] = dict(history.iloc[-1])
    return found
