"""What came out of longer trainings of two views, in sentences that rules make from the numbers."""

from gristmill.report.longer_views import CURVES, QUESTIONS, SHORT, LongerViews
from gristmill.report.results import TWO_VIEWS
from gristmill.report.sentences import seeds
from gristmill.report.separation import by_seed, means_of, paired
from gristmill.report.side_by_side import METRICS, answer, changes, leads, measured, not_above, stands, times


def longer_view_sentences(longer: LongerViews) -> list[str]:
    """Who leads, the answers to QUESTIONS, who is not above floors, memory and momentum."""
    trained = [title for kind in TWO_VIEWS for title in dict.fromkeys(longer.kind(kind)["title"])]
    found = [leaders(longer), *asked(longer), not_above(longer.table, trained)]
    found += [curve(longer, setting) for setting in longer.curves]
    return [sentence for sentence in found if sentence]


def short_longer_view_sentences(longer: LongerViews) -> list[str]:
    """The most important of them."""
    found = [leaders(longer), *asked(longer, SHORT)]
    return [sentence for sentence in found if sentence]


def leaders(longer: LongerViews) -> str:
    """The highest without labels and with all."""
    how = dict(zip(TWO_VIEWS, ("without labels", "with all labels"), strict=True))
    parts = [(how[kind], leads(longer.kind(kind), longer.headline)) for kind in TWO_VIEWS]
    text = "; ".join(f"{words} {said}" for words, said in parts if said)
    return f"By {METRICS[longer.headline]}, {text}." if text else ""


def lengths(longer: LongerViews, first: str, second: str) -> str:
    """`48 epochs against 240, 1.02 times the processor seconds`."""
    own, other = longer.epochs(first), longer.epochs(second)
    epochs = f"{own:g} epochs each" if own == other else f"{own:g} epochs against {other:g}"
    cost = times(longer.rows, first, second)
    return f"{epochs}, {cost} the processor seconds" if cost else epochs


def asked(longer: LongerViews, most: int = len(QUESTIONS)) -> list[str]:
    """The answers to the first QUESTIONS."""
    found = []
    for question, one, other, alike in QUESTIONS[:most]:
        first, second = longer.title(one), longer.title(other)
        gaps = changes(longer.rows, first, second) if first and second else {}
        if gaps:
            said = f"{stands(first, second, gaps)} ({lengths(longer, first, second)}; {measured(gaps)})"
            found.append(f"{question} at {alike}? {answer(gaps)}: {said}.")
    return found


def curve(longer: LongerViews, setting: str) -> str:
    """Where a setting is best, and whether seeds separate that from its ends."""
    rows, metric = longer.curves[setting], longer.headline
    means, values = means_of(rows, metric), dict(zip(rows["title"], rows["value"], strict=True))
    if len(means) < 2:
        return ""
    top = next(iter(means))
    ends = [title for title in (min(means, key=values.__getitem__), max(means, key=values.__getitem__)) if title != top]
    own = by_seed(rows, top, None, metric)
    parts = []
    for title in ends:
        gap = paired(own, by_seed(rows, title, None, metric))
        parts.append(f"{means[title]:.3f} at {values[title]:g} ({gap.words()})")
    counts = seeds(len(by_seed(rows, title, None, metric)) for title in means)
    return (
        f"MoCo's {CURVES[setting]}: {METRICS[metric]} is highest at {values[top]:g}, {means[top]:.3f}, beside "
        f"{' and '.join(parts)}; {longer.epochs(top):g} epochs, {counts}."
    )
