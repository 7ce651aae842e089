"""All families side by side: results/families.csv, a row a run.

Every method trains the same network with as many images and is judged on the same test images, whatever it is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, nan

import pandas as pd

from gristmill.report.results import KEYS, having
from gristmill.report.side_by_side import METRICS, SideBySide, probed_of, rising
from gristmill.report.words import words

KIND_ORDER = ("floor", "no_labels", "coarse", "few", "all_labels")
NOTHING = "no labels"


@dataclass(frozen=True, eq=False)
class Families(SideBySide):
    """All methods on one data set.

    Attributes:
        rows: every run: KEYS, seed, figures, `labels`: training images whose label the method reads, `label_kind`
            (none, coarse, fine), `images` through the trained network, `kind`: one of KIND_ORDER, and `told`: what a
            method is told, for a sentence; floors have `not trained` there.
        unknown: titles left out, for nobody knows their labels.
    """

    unknown: tuple[str, ...]

    @property
    def probed(self) -> dict[str, str]:
        """Figures of probes that any run has -> words."""
        return probed_of(self.rows, self.words.image)

    @property
    def trained(self) -> pd.DataFrame:
        """Without floors."""
        return self.rows.loc[self.rows["kind"] != "floor"]

    def groups(self) -> dict[str, pd.DataFrame]:
        """What is told -> runs; from nothing over coarse classes and few labels to all."""
        order = self.trained.assign(place=[KIND_ORDER.index(kind) for kind in self.trained["kind"]])
        order = order.sort_values(["place", "labels"], kind="stable")
        return {told: having(self.rows, "told", told) for told in dict.fromkeys(order["told"])}

    def titles(self) -> list[str]:
        """Floors, then each group, all by rising headline."""
        parts = [having(self.rows, "kind", "floor"), *self.groups().values()]
        return [title for rows in parts for title in rising(rows, self.headline)]

    def leader(self, told: str) -> str:
        """The highest of a group by the headline; empty without any."""
        groups = self.groups()
        rows = (groups[told] if told in groups else self.rows.iloc[:0]).dropna(subset=[self.headline])
        return next(reversed(rising(rows, self.headline)), "")

    def of_method(self, method: str) -> str:
        """A method's title; of several the highest; empty without any."""
        rows = having(self.trained, "method", method)
        return next(reversed(rising(rows, self.headline)), "")

    def images(self) -> tuple[float, float]:
        """Through the trained network in one training: the fewest and the most; NaN where nobody knows."""
        values = [float(value) for value in self.trained["images"] if isfinite(value)]
        return min(values, default=nan), max(values, default=nan)


def is_families(evidence: pd.DataFrame) -> bool:
    """Whether a table says what labels its methods read."""
    return {*KEYS, "seed", "labels", "label_kind", "images"} <= set(evidence) and bool({*METRICS} & set(evidence))


def all_families(evidence: pd.DataFrame | None, datasets: Iterable[str]) -> list[Families]:
    """One for each of these data sets that has any; none without a table."""
    if evidence is None or not is_families(evidence):
        return []
    found = [one_dataset(having(evidence, "dataset", name), name) for name in dict.fromkeys(datasets)]
    return [families for families in found if families is not None]


def one_dataset(rows: pd.DataFrame, dataset: str) -> Families | None:
    """All methods on one data set; None where none was trained."""
    judged = rows.dropna(subset=[name for name in METRICS if name in rows], how="all")
    floor = judged["method"] == "untrained"
    unknown = judged["labels"].isna() & ~floor
    left_out = tuple(dict.fromkeys(judged.loc[unknown, "title"]))
    own = judged.loc[~unknown].reset_index(drop=True)
    if not (own["method"] != "untrained").any():
        return None
    whole = own.loc[own["method"] != "untrained", "labels"].max()
    columns = own[["method", "labels", "label_kind"]].itertuples(index=False)
    kinds = [kind_of(str(method), float(labels), str(kind), float(whole)) for method, labels, kind in columns]
    columns = zip(kinds, own["labels"], own["task"], strict=True)
    told = [told_words(kind, float(labels), str(task), dataset) for kind, labels, task in columns]
    return Families(dataset, own.assign(kind=kinds, told=told), left_out)


def kind_of(method: str, labels: float, label_kind: str, whole: float) -> str:
    """One of KIND_ORDER. `whole`: the most labels that any method reads."""
    if method == "untrained":
        return "floor"
    if labels == 0:
        return "no_labels"
    if label_kind != "fine":
        return "coarse"
    return "few" if labels < whole else "all_labels"


def told_words(kind: str, labels: float, task: str, dataset: str) -> str:
    """`no labels`, `alphabets of 3,388 drawings`, `characters of 726 drawings`."""
    if kind in ("floor", "no_labels"):
        return NOTHING if kind == "no_labels" else "not trained"
    fine = words(f"{dataset}_fine")
    what = words(task).grouping if kind == "coarse" else fine.many(fine.fine)
    return f"{what} of {fine.some(int(labels), fine.image)}"
