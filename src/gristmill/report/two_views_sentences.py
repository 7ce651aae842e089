"""What came out of methods that compare two views, in sentences that rules make from the numbers. Each says its n."""

from collections.abc import Sequence
from math import isfinite

from gristmill.evaluate.rank import told
from gristmill.report.results import TWO_VIEWS, having
from gristmill.report.sentences import listed, per_hundred, seeds
from gristmill.report.separation import by_seed, means_of, paired, some_seeds
from gristmill.report.two_views import ALL_LABELS, NO_LABELS, ViewRuns, collapsed, metric_name

METHODS = ("supcon", "cross_entropy")


def view_sentences(views: Sequence[ViewRuns]) -> list[str]:
    """At most three for each set of test images: all figures; who leads and who fell; SupCon beside cross entropy."""
    found = [one for own in views for one in (ladder(own), leads(own), supcon_and_cross_entropy(own))]
    return [one for one in found if one]


def counts(own: ViewRuns, metric: str, *kinds: str) -> str:
    """`n = 3`, of the rows that have this figure."""
    rows = having(having(own.summary(), "metric", metric), "kind", *kinds)
    return seeds(rows["n"])


def ladder(own: ViewRuns) -> str:
    """What each method reaches, without labels and with all of them, beside what was not trained."""
    metric, say = own.headline, own.words
    kinds = {kind: means_of(having(own.own, "kind", kind), metric) for kind in (*TWO_VIEWS, "floor")}
    if not kinds[NO_LABELS] and not kinds[ALL_LABELS]:
        return ""
    how = {NO_LABELS: "without any label", ALL_LABELS: "told all labels", "floor": "not trained"}
    parts = []
    for kind, means in kinds.items():
        values = [f"{title} {per_hundred(mean)}" for title, mean in means.items()]
        if values and not parts:
            name, mean = next(iter(means.items()))
            values[0] = f"{name} finds the {say.fine} of {per_hundred(mean)} in 100 test {say.image}s"
        parts += [f"{how[kind]}{',' if not parts else ':'} {listed(values)}"] if values else []
    return f"{sentence('; '.join(parts))} ({metric_name(metric, own.metrics)}; {counts(own, metric, *kinds)})."


def sentence(text: str) -> str:
    """With a capital in front; a title keeps its own letter."""
    return text[:1].upper() + text[1:]


def leads(own: ViewRuns) -> str:
    """Who leads without labels and with all, and whether seeds separate that; who is above what was not trained.

    Methods whose outputs have collapsed are named too.
    """
    parts = [lead(own, kind) for kind in TWO_VIEWS]
    found = [f"{'; '.join(part for part in parts if part)}."] if any(parts) else []
    return " ".join(part for part in (*found, floors(own), falls(own)) if part)


def lead(own: ViewRuns, kind: str) -> str:
    """`Without labels SimCLR comes out highest, 6.5 in 100 ahead of MoCo (not separated at n = 1)`."""
    rows, metric = having(own.own, "kind", kind), own.headline
    means = means_of(rows, metric)
    if len(means) < 2:
        return ""
    first, second, *_ = means
    gap = paired(*(by_seed(rows, title, None, metric) for title in (first, second)))
    how = {NO_LABELS: "without labels", ALL_LABELS: "with all labels"}[kind]
    verb = "leads" if gap.separated else "comes out highest"
    return f"{first} {verb} {how}, {100 * gap.mean:.1f} in 100 ahead of {second} ({gap.words()})"


def floors(own: ViewRuns) -> str:
    """Who is above what was not trained."""
    metric = own.headline
    low, trained = (means_of(having(own.own, "kind", *kinds), metric) for kinds in (("floor",), TWO_VIEWS))
    if not low or not trained:
        return ""
    name, height = next(iter(low.items()))
    below = [title for title, mean in trained.items() if mean <= height]
    bar = f"above {name} ({per_hundred(height)} in 100; {counts(own, metric, 'floor', *TWO_VIEWS)})"
    if below:
        return f"{listed(below)} {'is' if len(below) == 1 else 'are'} not {bar}."
    return f"{'Every trained method' if len(trained) > 1 else next(iter(trained))} is {bar}."


def falls(own: ViewRuns) -> str:
    """Whose outputs have collapsed, and how far."""
    found = []
    for title, spreads in collapsed(own).items():
        mean, n = sum(spreads) / len(spreads), len(own.spreads(title))
        what = told(mean) if isfinite(mean) else "the outputs are no numbers any more"
        found.append(f"{title}, in {some_seeds(len(spreads), n)}: {what}.")
    return " ".join(found)


def supcon_and_cross_entropy(own: ViewRuns) -> str:
    """Whether supervised contrast is above cross entropy, by the same classifier on both."""
    metric, told_fine = own.linear or own.headline, own.told_fine()
    firsts = [next(iter(means_of(having(told_fine, "method", name), metric)), "") for name in METHODS]
    if not all(firsts):
        return ""
    contrast, entropy = (by_seed(told_fine, title, None, metric) for title in firsts)
    gap = paired(contrast, entropy)
    here = "that stays open" if not gap.separated else "it is too" if gap.mean > 0 else "it is not"
    how = "the same linear classifier on both" if own.linear else metric_name(metric, own.metrics)
    return (
        f"By {how}, {firsts[0]} is right in {per_hundred(contrast.mean())} of 100 and {firsts[1]} in "
        f"{per_hundred(entropy.mean())}: {abs(100 * gap.mean):.1f} {'ahead' if gap.mean > 0 else 'behind'} "
        f"({gap.words()}). The paper (Khosla et al., NeurIPS 2020) reports SupCon above; here {here}."
    )
