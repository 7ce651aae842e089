"""Longer trainings of methods of two views: results/two_views.csv, a row a run.

A title that ends in `, K 256` or `, m 0.97` belongs to a curve over MoCo's memory or momentum, not to the table.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from gristmill.report.choice import ALL_LABELS, two_views
from gristmill.report.families import is_families
from gristmill.report.results import KEYS, TWO_VIEWS, having
from gristmill.report.side_by_side import METRICS, SideBySide, rising

STEPS, SECONDS = "equal steps", "about equal processor seconds"
QUESTIONS = (  # what is asked, an experiment, the one beside it, and what both have alike
    ("Does LoGo help MoCo", "logo_on_moco", "moco_base", STEPS),
    ("Does LoGo help MoCo at LoGo's learning rate", "logo_on_moco", "moco_lr02", STEPS),
    ("Does LoGo help MoCo", "logo_on_moco", "moco_long", SECONDS),
    ("Does LoGo help SimSiam", "logo_on_simsiam", "simsiam_base", STEPS),
    ("Does LoGo help SimSiam", "logo_on_simsiam", "simsiam_long", SECONDS),
    ("Does a symmetric loss help MoCo", "moco_symmetric", "moco_base", STEPS),
    ("Does batch norm in the head help MoCo", "moco_bn", "moco_base", STEPS),
)
SHORT = 5  # of these for README.md
CURVES = {"K": "K, keys in the memory", "m": "m, momentum of the key encoder"}
ALSO = {"K": ("moco_base", 2048), "m": ("moco_base", 0.99)}  # the experiment that both curves start from


@dataclass(frozen=True, eq=False)
class LongerViews(SideBySide):
    """The longer trainings of a data set.

    Attributes:
        rows: every run: KEYS, seed, epochs, figures, `kind`: floor or one of TWO_VIEWS.
        table: without the curves.
        curves: setting -> columns title, value, seed and figures, by rising value; without empty ones.
    """

    table: pd.DataFrame
    curves: dict[str, pd.DataFrame]

    def kind(self, kind: str) -> pd.DataFrame:
        """The table's runs of a kind."""
        return having(self.table, "kind", kind)

    def titles(self) -> list[str]:
        """Floors, methods without labels, methods with all, each by rising headline."""
        return [title for kind in ("floor", *TWO_VIEWS) for title in rising(self.kind(kind), self.headline)]

    def title(self, experiment: str) -> str:
        """The title of an experiment; empty where it was not run."""
        return next(iter(having(self.rows, "experiment", experiment)["title"]), "")

    def method(self, experiment: str) -> str:
        """Its method; empty where it was not run."""
        return next(iter(having(self.rows, "experiment", experiment)["method"]), "")

    def epochs(self, title: str) -> float:
        """How long a title was trained."""
        return float(having(self.rows, "title", title)["epochs"].iloc[0])


def is_longer_views(evidence: pd.DataFrame) -> bool:
    """Whether a table is one of methods of two views alone."""
    if is_families(evidence) or not {*KEYS, "seed", "epochs"} <= set(evidence) or not {*METRICS} & set(evidence):
        return False
    trained = evidence.loc[evidence["method"] != "untrained", "method"]
    return len(trained) > 0 and all(map(two_views, set(trained)))


def longer_views(evidence: pd.DataFrame | None, datasets: Iterable[str]) -> list[LongerViews]:
    """The longer trainings of those data sets that have any; none without a table."""
    if evidence is None or not is_longer_views(evidence):
        return []
    found = [having(evidence, "dataset", name) for name in dict.fromkeys(datasets)]
    return [one_dataset(rows) for rows in found if set(rows["method"]) - {"untrained"}]


def one_dataset(rows: pd.DataFrame) -> LongerViews:
    """The longer trainings of one data set."""
    kinds = ["floor" if name == "untrained" else TWO_VIEWS[name in ALL_LABELS] for name in rows["method"]]
    rows = rows.assign(kind=kinds).reset_index(drop=True)
    named = rows["title"].str.extract(r", (?P<setting>K|m) (?P<value>[\d.]+)$")
    curves = {}
    for setting in CURVES:
        own = rows.assign(value=named["value"].astype(float)).loc[named["setting"] == setting]
        if len(own):
            experiment, value = ALSO[setting]
            own = pd.concat([own, having(rows, "experiment", experiment).assign(value=value)])
            curves[setting] = own.sort_values(["value", "seed"], kind="stable", ignore_index=True)
    return LongerViews(str(rows["dataset"].iloc[0]), rows, rows.loc[named["setting"].isna()].copy(), curves)
