"""Whether a difference is more than what seeds do."""

from dataclasses import dataclass
from math import inf, sqrt

import pandas as pd

from gristmill.report.results import having


@dataclass(frozen=True)
class Difference:
    """How much higher one row is than another, and how sure that is.

    Attributes:
        mean: difference of the means over all seeds of each, as the table shows them.
        low, high: 95 % interval of the difference over the seeds that both have; endless with one.
        n: seeds that both have.
    """

    mean: float
    low: float
    high: float
    n: int

    @property
    def separated(self) -> bool:
        """Whether the interval excludes zero, on the side of the means."""
        return (self.low > 0 and self.mean > 0) or (self.high < 0 and self.mean < 0)

    def words(self) -> str:
        """How sure one can be, for a sentence."""
        if self.n == 0:
            return "not separated: no seed in common"
        if not self.separated:
            return f"not separated at n = {self.n}"
        return f"95 % interval of the difference {self.low:+.3f} to {self.high:+.3f}, n = {self.n}"


def paired(first: pd.Series, second: pd.Series) -> Difference:
    """First minus second, seed by seed (Student's t over shared seeds).

    Args:
        first, second: seed -> value.
    """
    from scipy.special import stdtrit

    apart = float(first.to_numpy(float).mean() - second.to_numpy(float).mean())
    values = (first - second).dropna().to_numpy(float)
    n = len(values)
    if n < 2:
        return Difference(apart, -inf, inf, n)
    middle, half = float(values.mean()), float(stdtrit(n - 1, 0.975)) * float(values.std(ddof=1)) / sqrt(n)
    return Difference(apart, middle - half, middle + half, n)


def by_seed(results: pd.DataFrame, title: str, task: str | None, metric: str) -> pd.Series:
    """Seed -> value of one row of a table; empty where it was not run.

    Args:
        results: a row a seed, as `results.name_rows` gives them.
        task: None: whichever the title has.
    """
    rows = having(results, "title", title)
    if task is not None:
        rows = having(rows, "task", task)
    if metric not in rows:
        return pd.Series(dtype=float)
    values = dict(zip(rows["seed"][::-1], rows[metric][::-1], strict=True))  # of a seed that stands twice the first
    return pd.Series(values, dtype=float).dropna().sort_index()


def means_of(results: pd.DataFrame, metric: str) -> dict[str, float]:
    """Title -> mean over seeds, the highest first; without titles that lack it."""
    if metric not in results:
        return {}
    values = {title: by_seed(results, title, None, metric) for title in dict.fromkeys(results["title"])}
    means = {title: float(own.to_numpy().mean()) for title, own in values.items() if len(own)}
    return dict(sorted(means.items(), key=lambda entry: -entry[1]))


def seeds_above(first: pd.Series, second: pd.Series) -> str:
    """`2 of 3 seeds`: of those that both have, in how many the first is higher."""
    differences = (first - second).dropna()
    return some_seeds(int((differences > 0).sum()), len(differences))


def some_seeds(count: int, n: int) -> str:
    """`2 of 3 seeds`, `1 of 1 seed`."""
    return f"{count} of {n} seed{'s' if n != 1 else ''}"


@dataclass(frozen=True)
class Best:
    """The highest of a column.

    Attributes:
        sure: whether it is separated from every other; only then it is set in bold.
        n: seeds shared with the one that is next.
    """

    title: str
    sure: bool
    n: int


def best(results: pd.DataFrame, metric: str, kind: str = "coarse") -> Best | None:
    """The highest mean among the methods of one kind: floors and upper bounds do not compete.

    Args:
        results: of one task (`results.comparable`).
        kind: one of `results.KINDS`.
    """
    rows = having(results, "kind", kind)
    means = means_of(rows, metric)
    if not means:
        return None
    title, *others = means
    own = by_seed(rows, title, None, metric)
    gaps = [paired(own, by_seed(rows, other, None, metric)) for other in others]
    return Best(title, bool(gaps) and all(gap.separated for gap in gaps), gaps[0].n if gaps else len(own))
