"""What came out of the probes, in sentences that rules make from the numbers. Each says its n."""

from collections.abc import Mapping
from math import isfinite

from gristmill.report.probes import (
    Probes,
    Question,
    Scores,
    count_words,
    few_scores,
    transfer_headlines,
    transfer_scores,
)
from gristmill.report.probes_corrupted import KEPT, LOST, corrupted_scores, corruption_names, counted, severities
from gristmill.report.results import having
from gristmill.report.sentences import listed, seeds
from gristmill.report.separation import Difference, paired
from gristmill.report.side_by_side import leads, spoken
from gristmill.report.words import dataset_name, words


def probe_sentences(found: Probes) -> list[str]:
    """Who transfers best and whether it beats what was not trained, who leads with fewest labels, who keeps most."""
    said = [
        *(sentence for question in found.transfer for sentence in transfer_sentences(question)),
        *(sentence for question in found.few for sentence in few_sentences(question)),
        *(sentence for question in found.corrupted for sentence in corrupted_sentences(question)),
    ]
    return [sentence for sentence in said if sentence]


def transfer_sentences(question: Question) -> list[str]:
    """A sentence a protocol, on the mean where there are several data sets."""
    scores, found = transfer_scores(question), []
    where = f"about {listed(question.about)}{' (plain mean)' * (len(question.about) > 1)}"
    for protocol, column in transfer_headlines(question).items():
        first = leads(scores.trained, column)
        if not first:
            continue
        own = [name for name in scores.columns if name.startswith(f"{protocol}|") and name != column]
        found.append(
            f"Trained on {dataset_name(question.trained_on)} and asked {where}, by {question.protocols[protocol]} "
            f"{first}{everywhere(scores, column, own)}. {against_floor(scores, column)}"
        )
    return [sentence.strip() for sentence in found]


def everywhere(scores: Scores, column: str, sets: list[str]) -> str:
    """`; highest on 2 of 3 data sets`, of who leads on the mean."""
    first = next(iter(scores.means(column)))
    counts = [next(iter(scores.means(name)), "") == first for name in sets]
    return f"; highest on {sum(counts)} of {len(counts)} data sets" if len(counts) > 1 else ""


def against_floor(scores: Scores, column: str) -> str:
    """Whether who leads is above the better of what was not trained, and who is not."""
    floors, means = scores.means(column, floors=True), scores.means(column)
    if not floors or not means:
        return ""
    (bar, height), first = next(iter(floors.items())), next(iter(means))
    gap = gap_of(scores, first, bar, column)
    number = f"{bar} ({100 * height:.0f} in 100; {gap.words()})"
    below = [title for title, mean in means.items() if mean <= height]
    if first in below:
        return f"No trained encoder is above {number}."
    text = f"{spoken(first)} is {'above' if gap.separated else 'higher than'} {number}"
    if not below:
        return f"{text}{', as every trained encoder is' if len(means) > 1 else ''}."
    values = scores.values(column)
    counts = seeds(len(values[title]) for title in below)
    listing = listed([spoken(title) for title in below])
    return f"{text}; {listing} {'is' if len(below) == 1 else 'are'} not ({counts})."


def few_sentences(question: Question) -> list[str]:
    """Who leads with fewest labels a class, of all encoders and of those whose training read no labels."""
    scores, say = few_scores(question), words(question.task)
    count = count_words(min(question.rows["labels"].dropna()))
    found = []
    for protocol, name in question.protocols.items():
        column = f"{protocol}|{count}"
        first = leads(scores.trained, column) if column in scores.columns else ""
        if not first:
            continue
        labels = "label" if count == "1" else "labels"
        found.append(
            f"With {count} {labels} a {say.fine} ({question.place}), by {name} "
            f"{first}{without_labels(scores, column)}. {against_floor(scores, column)}".strip()
        )
    return found


def without_labels(scores: Scores, column: str) -> str:
    """Who leads among encoders whose training read no labels, where another leads among all."""
    own = having(scores.trained, "kind", "no_labels")
    first, unlabeled = next(iter(scores.means(column)), ""), set(own.dropna(subset=[column])["title"])
    if not unlabeled or first in unlabeled:
        return ""
    return f"; of those whose training read no labels {leads(own, column)}"


def corrupted_sentences(question: Question) -> list[str]:
    """Who keeps most and who loses least, what is left of it, and which corruption is hardest."""
    ways, levels, found = counted(question), severities(question), []
    where = f"Under {len(ways)} corruption{'s' * (len(ways) > 1)} at {len(levels)} severit"
    where += f"{'y' if len(levels) == 1 else 'ies'} ({question.place}, mean)"
    for protocol, name in question.protocols.items():
        scores = corrupted_scores(question, protocol)
        first = leads(scores.trained, KEPT)
        if not first:
            continue
        best = next(iter(scores.means(KEPT)))
        text = f"{where}, by {name} {first}{beside_clean(scores, best)}. {against_floor(scores, KEPT)} "
        found.append(f"{text}{least(scores)}{hardest(scores, question)}".strip())
    return found


def beside_clean(scores: Scores, title: str) -> str:
    """`; 80 without corruption`."""
    clean = scores.means("clean").get(title, float("nan"))
    return f"; it finds {100 * clean:.0f} without corruption" if isfinite(clean) else ""


def least(scores: Scores) -> str:
    """Who loses least among trained encoders that are above what was not trained: the others have little to lose."""
    height = max(scores.means("clean", floors=True).values(), default=-1.0)
    kept = [title for title, mean in scores.means("clean").items() if mean > height]
    losses = {title: mean for title, mean in scores.means(LOST).items() if title in kept}
    if len(losses) < 2:
        return ""
    second, first = list(losses)[-2:]
    gap = gap_of(scores, first, second, LOST)
    verb = "loses least" if gap.separated else "comes out as losing least"
    above = " of those above what was not trained" if height >= 0 else ""
    return f"{spoken(first)} {verb}{above}, {100 * losses[first]:.1f} in 100, {spoken(second)} next ({gap.words()}). "


def hardest(scores: Scores, question: Question) -> str:
    """Over trained encoders the corruption with the lowest accuracy, and that with the highest."""
    names = [name for name in corruption_names(question) if name in scores.columns]
    means = {name: mean_over(scores.means(name)) for name in names}
    known = {name: value for name, value in means.items() if isfinite(value)}
    if len(known) < 2:
        return ""
    low, high = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    counts = seeds(len(own) for title, own in scores.values(low).items() if title in scores.means(low))
    return (
        f"Over trained encoders {scores.columns[low]} is hardest ({100 * known[low]:.0f} in 100) and "
        f"{scores.columns[high]} mildest ({100 * known[high]:.0f}; {counts})."
    )


def mean_over(means: Mapping[str, float]) -> float:
    """Plain mean; NaN without any."""
    return sum(means.values()) / len(means) if means else float("nan")


def gap_of(scores: Scores, first: str, second: str, column: str) -> Difference:
    """First title minus second, seed by seed."""
    values = scores.values(column)
    return paired(values[first], values[second])
