"""What papers claim of methods that compare two views, and what the runs here say to it; claims.csv has the claims."""

from collections.abc import Sequence

import pandas as pd

from gristmill.report.claims import Claim, Verdict, claims_of, greater
from gristmill.report.results import TWO_VIEWS, having
from gristmill.report.separation import by_seed, means_of
from gristmill.report.two_views import ViewRuns, metric_name

RULES = {  # which method should be above which, by a linear classifier or by the nearest neighbors
    "supcon_above_ce": ("supcon", "cross_entropy", "linear"),
    "supcon_above_simclr": ("supcon", "simclr", "linear"),
    "logo_moco": ("logo_moco", "moco", "knn"),
    "logo_simsiam": ("logo_simsiam", "simsiam", "knn"),
}


def judge_view_claims(views: Sequence[ViewRuns]) -> list[Claim]:
    """Every claim on every set of test images."""
    return [
        Claim(row["claim"], row["paper_data"], row["source"], own.dataset, above(own, *RULES[row["rule"]]))
        for row in claims_of("views")
        for own in views
    ]


def above(own: ViewRuns, first: str, second: str, by: str) -> Verdict:
    """Whether a method is above another; of several runs of one method the highest counts."""
    metric = next((name for name in own.metrics if name.startswith(by)), None)
    if metric is None:
        return Verdict()
    (high, upper), (low, lower) = (highest(own, method, metric) for method in (first, second))
    name = metric_name(metric, own.metrics)
    here = f"{name}: {braced(high)} {{:.3f}}, {braced(low)} {{:.3f}}"
    return greater(upper, lower, here)


def highest(own: ViewRuns, method: str, metric: str) -> tuple[str, pd.Series]:
    """Title and values by seed of a method's highest row; one that reads labels reads the fine ones."""
    rows = pd.concat([having(own.own, "kind", TWO_VIEWS[0]), own.told_fine()])
    rows = having(rows, "method", method)
    title = next(iter(means_of(rows, metric)), "")
    return title, by_seed(rows, title, None, metric)


def braced(title: str) -> str:
    """A title inside a format."""
    return title.replace("{", "{{").replace("}", "}}")
