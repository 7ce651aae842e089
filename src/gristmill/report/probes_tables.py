"""Tables of what encoders know of other tasks, with few labels, and of corrupted images."""

from collections.abc import Mapping

import pandas as pd

from gristmill.report.probes import FIGURES, Probes, Question, Scores, few_scores, judged_by, transfer_scores
from gristmill.report.probes_corrupted import (
    MCE,
    RELATIVE,
    Normalize,
    corrupted_scores,
    corruption_names,
    counted,
    severities,
)
from gristmill.report.results import having
from gristmill.report.sentences import listed, seeds
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
        f"Encoders trained on {dataset_name(question.trained_on)} are asked for the classes of "
        f"{listed(question.about)}, which they have never seen. {fitted(question)} "
        f"Figures: {listed(list(dict.fromkeys(figures)))}."
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
    name = f"few_{question.trained_on}_{question.probe}"
    return score_table(few_scores(question), name, f"{question.place}: few labels", said, told=True)


def corrupted_table(question: Question, protocol: str, normalize: Normalize | None = None) -> Table:
    """A row a title; without corruption, mean errors, then a column a corruption."""
    say, means, levels = asked_words(question), counted(question), severities(question)
    others = [name.replace("_", " ") for name in corruption_names(question) if name not in means]
    said = (
        f"Test {say.image}s are corrupted, training {say.image}s are not. {fitted(question, protocol)} Mean "
        f"error: over {len(means)} corruption{'s' * (len(means) > 1)} at {len(levels)} "
        f"severit{'y' if len(levels) == 1 else 'ies'}; better low. Lost: that minus the error on clean {say.image}s; "
        "who finds little has little to lose, so nothing is marked there. Then the accuracy under each "
        f"corruption, a mean over severities.{f' Not in the means: {listed(others)}.' * bool(others)}"
    )
    if normalize is not None:
        said += " mCE: error by error as a part of AlexNet’s; the relative one of what is lost."
    name = f"corrupted_{question.trained_on}_{question.probe}_{protocol}"
    title = f"{question.place}: corrupted {say.image}s, {question.protocols[protocol]}"
    return score_table(corrupted_scores(question, protocol, normalize), name, title, said)


def score_table(scores: Scores, name: str, title: str, note: str, told: bool = False) -> Table:
    """Floors first, then by rising headline.

    Args:
        told: with a column that says which labels the training reads.
    """
    values = {column: scores.values(column) for column in scores.columns}
    tops = {column: scores.top(column) for column in scores.columns}
    runs = {title: having(scores.rows, "title", title) for title in scores.titles()}
    rows = []
    for one in runs:
        kind = str(runs[one]["kind"].iloc[0])
        cells = [score_cell(values[column][one], column, mark(top, one)) for column, top in tops.items()]
        cells += [Cell(LABELS[kind])] * told
        height = values[scores.headline][one]
        bar = float(height.mean()) if len(height) else None
        rows.append(Row(one, "floor" if kind == "floor" else "trained", cells, len(set(runs[one]["seed"])), bar))
    columns = [*scores.columns.values(), *["labels in training"] * told]
    return Table(name, title, note, columns, rows, seeds(row.n for row in rows))


LABELS = {"floor": "–", "no_labels": "none", "coarse": "coarse", "few": "few", "all_labels": "all"}


def score_cell(values: pd.Series, column: str, mark: str) -> Cell:
    """Mean and deviation over seeds; with one decimal where a figure is in per cent."""
    if not len(values):
        return Cell()
    digits = 1 if column in (MCE, RELATIVE) else 3
    spread = f"{values.std(ddof=1):.{digits}f}" if len(values) > 1 else ""
    return Cell(f"{values.mean():.{digits}f}", spread, mark)


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
