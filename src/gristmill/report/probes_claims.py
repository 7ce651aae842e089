"""What papers claim of other data, few labels and corrupted images; claims.csv has the claims."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from gristmill.report.claims import Claim, Verdict, claims_of
from gristmill.report.few_claims import together
from gristmill.report.probes import Probes, Question, few_scores, transfer_headlines, transfer_scores
from gristmill.report.probes_corrupted import KEPT, corrupted_scores
from gristmill.report.results import having
from gristmill.report.separation import by_seed, means_of

RULES = {  # which method should be above which, in every figure of which question
    "supcon_corrupted": ("corrupted", "supcon", "cross_entropy"),
    "supcon_few": ("few", "supcon", "cross_entropy"),
    "moco_transfer": ("transfer", "moco", "cross_entropy"),
    "logo_moco_transfer": ("transfer", "logo_moco", "moco"),
    "logo_simsiam_transfer": ("transfer", "logo_simsiam", "simsiam"),
}
WHAT = {"transfer": "accuracy on other data", "few": "by labels a class", "corrupted": "accuracy under corruption"}


def judge_probe_claims(found: Probes) -> list[Claim]:
    """Every claim on everything that was asked of that kind."""
    claims = []
    for row in claims_of("probes"):
        kind, first, second = RULES[row["rule"]]
        for question in getattr(found, kind):
            verdict = above(question, kind, first, second)
            claims.append(Claim(row["claim"], row["paper_data"], row["source"], question.place, verdict))
    return claims


def above(question: Question, kind: str, first: str, second: str) -> Verdict:
    """Whether a method is above another in every figure that both have; of several runs of one the highest counts."""
    pairs, titles = [], ("", "")
    for rows, column, said in judged(question, kind):
        if not all(titles):
            titles = highest(rows, first, column), highest(rows, second, column)
        upper, lower = (by_seed(rows, title, None, column) for title in titles)
        if len(upper) and len(lower):
            pairs.append((said, upper, lower))
    if not pairs:
        return Verdict()
    here = "; ".join(f"{said}: {upper.mean():.3f}, {lower.mean():.3f}" for said, upper, lower in pairs)
    return replace(together(pairs), here=f"{WHAT[kind]}, {titles[0]} and {titles[1]}: {here}")


def judged(question: Question, kind: str) -> Iterator[tuple[pd.DataFrame, str, str]]:
    """Rows of trained encoders, a figure in them, and what it is: what a claim on such a question is judged by."""
    if kind == "transfer":
        scores = transfer_scores(question)
        columns = transfer_headlines(question).values()
        yield from ((scores.trained, column, scores.columns[column]) for column in columns)
    elif kind == "few":
        scores = few_scores(question)
        yield from ((scores.trained, column, said) for column, said in scores.columns.items())
    else:
        for protocol, said in question.protocols.items():
            yield corrupted_scores(question, protocol).trained, KEPT, said


def highest(rows: pd.DataFrame, method: str, column: str) -> str:
    """Title of a method's highest row; empty without any."""
    return next(iter(means_of(having(rows, "method", method), column)), "")
