"""Tables of what encoders know of other tasks, with few labels, and of corrupted images."""

from collections.abc import Mapping
from math import isfinite

import pandas as pd

from gristmill.report.probes import FIGURES, Probes, Question, Scores, few_scores, judged_by, transfer_scores
from gristmill.report.probes_corrupted import Normalize, corrupted_scores, corruption_names, counted, severities
from gristmill.report.results import having
from gristmill.report.sentences import listed, seeds
from gristmill.report.separation import Best, by_seed
from gristmill.report.tables import Cell, Row, Table, mark
from gristmill.report.words import Words, dataset_name, words


def probe_tables(found: Probes, normalize: Mapping[str, Normalize] | None = None) -> list[Table]:
    """All tables: other data, few labels, corrupted images.

    Args:
        normalize: data set -> mean corruption errors by a reference measured on just these images (ImageNet-C).
    """
    by = normalize or {}
    return [
        *(transfer_table(question) for question in found.transfer),
        *(few_table(question) for question in found.few),
        *(corrupted_table(question, name, by.get(question.dataset))
          for question in found.corrupted for name in question.protocols),
    ]  # fmt: skip


def transfer_table(question: Question) -> Table:
    """A row a title, a column a data set and protocol."""
    several = len(question.about) > 1
    figures = [figure_words(question.rows, about) for about in question.about]
    said = (
        f"Encoders trained on {dataset_name(question.trained_on)} are asked for the classes of {listed(question.about)}, "
        f"which they have never seen. {fitted(question)} Figures: {listed(list(dict.fromkeys(figures)))}."
        f"{' The mean is over data sets.' * several}"
    )
    title = f"{question.place}: other data"
    return score_table(transfer_scores(question), f"transfer_{question.trained_on}", title, said)


def few_table(question: Question) -> Table:
    """A row a title, a column a number of labels a class and protocol."""
    say = asked_words(question)
    said = (
        f"The number above a column: labels a {say.fine} that the vote and the classifier read, of the training "
        f"{say.image}s. {fitted(question)} The encoders had their whole training before: some read these labels there, "
        f"the column on the right says which. Figure: {figure_words(question.rows, question.about[0])}."
    )
    name = f"few_{question.trained_on}_{question.task}"
    return score_table(few_scores(question), name, f"{question.place}: few labels", said, told=True)


def corrupted_table(question: Question, protocol: str, normalize: Normalize | None = None) -> Table:
    """A row a title; without corruption, mean errors, then a column a corruption."""
    say, means, levels = asked_words(question), counted(question), severities(question)
    others = [name.replace("_", " ") for name in corruption_names(question) if name not in means]
    said = (
        f"Test {say.image}s are corrupted, training {say.image}s are not. {fitted(question, protocol)} Mean error: over "
        f"{len(means)} corruption{'s' * (len(means) > 1)} at {len(levels)} "
        f"severit{'y' if len(levels) == 1 else 'ies'}; better low. Lost: that minus the error on clean {say.image}s; who finds "
        "little has little to lose, so nothing is marked there. Then the accuracy under each corruption, a mean over "
        f"severities.{f' Not in the means: {listed(others)}.' * bool(others)}"
    )
    if normalize is not None:
        said += " mCE: error by error as a part of AlexNet’s; the relative one of what is lost."
    name = f"corrupted_{question.trained_on}_{question.task}_{protocol}"
    title = f"{question.place}: corrupted {say.image}s, {question.protocols[protocol]}"
    return score_table(corrupted_scores(question, protocol, normalize), name, title, said)


def score_table(scores: Scores, name: str, title: str, note: str, told: bool = False) -> Table:
    """Floors first, then by rising headline.

    Args:
        told: with a column that says which labels the training reads.
    """
    tops = {column: scores.top(column) for column in scores.columns}
    rows = []
    for one in scores.titles():
        own = having(scores.rows, "title", one)
        kind = str(own["kind"].iloc[0])
        cells = [score_cell(own, one, column, top) for column, top in tops.items()]
        cells += [Cell(LABELS[kind])] * told
        height = by_seed(own, one, None, scores.headline).mean()
        bar = float(height) if isfinite(height) else None
        rows.append(Row(one, "floor" if kind == "floor" else "trained", cells, len(set(own["seed"])), bar))
    columns = [*scores.columns.values(), *["labels in training"] * told]
    return Table(name, title, note, columns, rows, seeds(row.n for row in rows))


LABELS = {"floor": "–", "no_labels": "none", "coarse": "coarse", "few": "few", "all_labels": "all"}


def score_cell(rows: pd.DataFrame, title: str, column: str, top: Best | None) -> Cell:
    """Mean and deviation over the seeds of a title; per cent with one decimal where a figure is of that size."""
    values = by_seed(rows, title, None, column).to_numpy(float)
    if not len(values):
        return Cell()
    digits = 1 if column.endswith("mce") else 3
    spread = f"{values.std(ddof=1):.{digits}f}" if len(values) > 1 else ""
    return Cell(f"{values.mean():.{digits}f}", spread, mark(top, title))


def asked_words(question: Question) -> Words:
    """How the things of the probed task are called."""
    return words(question.task)


def figure_words(rows: pd.DataFrame, about: str) -> str:
    """`top-1`; of a figure that nobody named its own name."""
    figure = judged_by(having(rows, "about", about))
    return FIGURES.get(figure, figure)


def fitted(question: Question, protocol: str = "") -> str:
    """What the protocols do with the training images, encoders as they are."""
    names = [protocol] if protocol else list(question.protocols)
    kinds = {question.protocols[name].partition(" (")[0] for name in names}
    said = ["the nearest training images vote (kNN)"] * ("kNN" in kinds)
    said += ["a linear classifier is fitted to the frozen features"] * ("linear" in kinds)
    text = listed(said or [f"protocols: {listed(names)}"])
    return f"{text[0].upper()}{text[1:]}."
