"""What papers claim of methods that compare two views, and what the runs here say to it; claims.csv has the claims."""

from collections.abc import Sequence

import pandas as pd

from gristmill.report.claims import Claim, Verdict, claims_of, greater
from gristmill.report.families import Families
from gristmill.report.longer_views import QUESTIONS, STEPS, LongerViews
from gristmill.report.results import TWO_VIEWS, having
from gristmill.report.separation import by_seed, means_of
from gristmill.report.side_by_side import METRICS
from gristmill.report.two_views import ViewRuns, metric_name

RULES = {  # which method should be above which, by a linear classifier or by the nearest neighbors
    "supcon_above_ce": ("supcon", "cross_entropy", "linear"),
    "supcon_above_simclr": ("supcon", "simclr", "linear"),
    "logo_moco": ("logo_moco", "moco", "knn"),
    "logo_simsiam": ("logo_simsiam", "simsiam", "knn"),
}


def judge_view_claims(
    views: Sequence[ViewRuns], longer: Sequence[LongerViews] = (), together: Sequence[Families] = ()
) -> list[Claim]:
    """Every claim on every set of test images.

    Args:
        longer: longer trainings, judged beside: a method and the one that it stands on at equal steps.
        together: all families, for what is compared in none of these: at equal images.
    """
    found = []
    for row in claims_of("views"):
        first, second, by = RULES[row["rule"]]
        for own in views:
            beside = longer_verdict(
                [one for one in longer if one.dataset == own.dataset],
                [one for one in together if one.dataset == own.dataset],
                first,
                second,
                by,
            )
            here = above(own, first, second, by)
            found.append(Claim(row["claim"], row["paper_data"], row["source"], own.dataset, here, *beside))
    return found


def above(own: ViewRuns, first: str, second: str, by: str) -> Verdict:
    """Whether a method is above another; of several runs of one method the highest counts."""
    metric = next((name for name in own.metrics if name.startswith(by)), None)
    if metric is None:
        return Verdict()
    (high, upper), (low, lower) = (highest(own, method, metric) for method in (first, second))
    return greater(upper, lower, told(metric_name(metric, own.metrics), high, low))


def longer_verdict(
    longer: Sequence[LongerViews], together: Sequence[Families], first: str, second: str, by: str
) -> tuple[Verdict | None, str]:
    """What the first table that has both methods says, and which trainings these are; None without any."""
    metric = next(name for name in METRICS if name.startswith(by))
    pairs = [
        (one.rows, one.title(this), one.title(that), "longer, at equal steps")
        for one in longer
        for _, this, that, alike in QUESTIONS
        if alike == STEPS and (one.method(this), one.method(that)) == (first, second)
    ]
    pairs += [(one.rows, one.of_method(first), one.of_method(second), "longer, at equal images") for one in together]
    for rows, high, low, what in pairs:
        upper, lower = (by_seed(rows, title, None, metric) for title in (high, low))
        verdict = greater(upper, lower, told(METRICS[metric], high, low))
        if verdict != Verdict():
            return verdict, what
    return None, ""


def told(metric: str, high: str, low: str) -> str:
    """The numbers behind a verdict, as a format."""
    return f"{metric}: {braced(high)} {{:.3f}}, {braced(low)} {{:.3f}}"


def highest(own: ViewRuns, method: str, metric: str) -> tuple[str, pd.Series]:
    """Title and values by seed of a method's highest row; one that reads labels reads the fine ones."""
    rows = pd.concat([having(own.own, "kind", TWO_VIEWS[0]), own.told_fine()])
    rows = having(rows, "method", method)
    title = next(iter(means_of(rows, metric)), "")
    return title, by_seed(rows, title, None, metric)


def braced(title: str) -> str:
    """A title inside a format."""
    return title.replace("{", "{{").replace("}", "}}")
