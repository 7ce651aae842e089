"""What came out where all families stand side by side, in sentences that rules make from the numbers."""

from math import isfinite

from gristmill.report.families import NOTHING, Families
from gristmill.report.results import having
from gristmill.report.sentences import listed, seeds
from gristmill.report.separation import by_seed
from gristmill.report.side_by_side import (
    METRICS,
    SECONDS,
    answer,
    changes,
    leads,
    mean_of,
    measured,
    not_above,
    stands,
    times,
)

QUESTIONS = (  # method, what is asked of it, the method beside it
    ("logo_moco", "Does LoGo help MoCo", "moco"),
    ("logo_simsiam", "Does LoGo help SimSiam", "simsiam"),
    ("fixmatch", "Do unlabeled images help with FixMatch", "supervised"),
    ("daso", "Do unlabeled images help with DASO", "supervised"),
    ("supcon", "Does supervised contrast beat cross entropy", "cross_entropy"),
)


def families_sentences(families: Families) -> list[str]:
    """Who leads with which labels, what labels add, who is below, the answers to QUESTIONS, what it costs."""
    found = [*short_families_sentences(families), *asked(families), costs(families)]
    return [sentence for sentence in found if sentence]


def short_families_sentences(families: Families) -> list[str]:
    """The most important of them."""
    trained = dict.fromkeys(families.trained["title"])
    found = [leaders(families), *worth(families), below_nothing(families), not_above(families.rows, trained)]
    return [sentence for sentence in found if sentence]


def leaders(families: Families) -> str:
    """The highest of each group."""
    parts = [(told, leads(rows, families.headline)) for told, rows in families.groups().items()]
    words = {NOTHING: "without labels"}
    text = "; ".join(f"{words.get(told, f'told {told},')} {said}" for told, said in parts if said)
    return f"By {METRICS[families.headline]}, {text}." if text else ""


def worth(families: Families) -> list[str]:
    """Each group's highest beside the highest of those told nothing."""
    base, found = families.leader(NOTHING), []
    for told in families.groups():
        first = families.leader(told)
        if not base or not first or told == NOTHING:
            continue
        if gaps := changes(families.rows, first, base):
            second = f"{base} (the highest without labels)"
            found.append(f"Told {told}, {stands(first, second, gaps)} ({measured(gaps)}).")
    return found


def below_nothing(families: Families) -> str:
    """Methods that read labels and fall below the highest without."""
    base, metric = families.leader(NOTHING), families.headline
    sure, unsure, counts = [], [], []
    for told, rows in families.groups().items():
        for title in dict.fromkeys(rows["title"]) if base and told != NOTHING else ():
            gap = changes(families.rows, title, base).get(metric)
            if gap is not None and gap.mean < 0:
                counts.append(gap.n)
                (sure if gap.separated else unsure).append(f"{title} ({told})")
    parts = []
    if sure:
        parts.append(f"{listed(sure)} {'falls' if len(sure) == 1 else 'fall'} below {base}, which is told nothing")
    if unsure:
        parts.append(f"{listed(unsure)} {'is' if len(unsure) == 1 else 'are'} not separated from {base}, and lower")
    return f"By {METRICS[metric]}, {'; '.join(parts)} ({seeds(counts)})." if parts else ""


def asked(families: Families) -> list[str]:
    """The answers to QUESTIONS, at as many images through the network."""
    found = []
    for method, question, base in QUESTIONS:
        first, second = families.of_method(method), families.of_method(base)
        gaps = changes(families.rows, first, second) if first and second else {}
        if gaps:
            cost = times(families.rows, first, second)
            taken = f" It takes {cost} the processor seconds." if cost else ""
            said = f"{stands(first, second, gaps)} ({measured(gaps)})"
            found.append(f"{question}? {answer(gaps)}: {said}.{taken}")
    return found


def costs(families: Families) -> str:
    """The shortest and the longest training."""
    trained = families.trained
    means = {title: mean_of(trained, title, SECONDS) for title in dict.fromkeys(trained["title"])}
    known = {title: value for title, value in means.items() if isfinite(value)}
    if len(known) < 2:
        return ""
    low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    counts = [len(by_seed(having(trained, "title", title), title, None, SECONDS)) for title in known]
    return (
        f"One training takes from {known[low]:,.0f} ({low}) to {known[high]:,.0f} ({high}) processor seconds "
        f"({seeds(counts)})."
    )
