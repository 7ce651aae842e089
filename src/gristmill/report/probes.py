"""What finished encoders know of one task: the long table of all probes, by what it asks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan

import pandas as pd

from gristmill.protocols import PROTOCOLS, Vote
from gristmill.report.choice import ALL_LABELS, PIXELS, UPPER, few, two_views
from gristmill.report.results import having
from gristmill.report.separation import Best, paired
from gristmill.report.words import dataset_name

RUN = ["title", "method", "kind", "seed"]  # of a wide table; its other columns are figures
CELL = ["protocol", "labels", "corruption", "severity", "figure", "value"]
COLUMNS = {"title", "method", "dataset", "task", "probe", "trained_on", "seed", *CELL}
CLEAN = "clean"
FLOORS = (PIXELS, "untrained network")  # other titles of `untrained` are weights that somebody trained
NO_LABELS = ("SelfCon",)  # coarse-label methods that read none
MEAN_CLASS = ("aircraft", "pets", "caltech", "flowers")  # judged by the mean over classes where papers transfer to them
FIGURES = {"top1": "top-1", "mean_class": "mean over classes", "map_11": "11-point mean average precision"}


@dataclass(frozen=True, eq=False)
class Question:
    """What encoders that were trained on one data set are asked.

    Attributes:
        trained_on: that data set.
        rows: of the long table: title, method, kind (`floor`, `no_labels`, `coarse`, `few`, `all_labels`: what the
            training reads), seed, dataset, task, CELL, and `about`: data set (and task, if there are several) in words.
            A figure a cell: that by which its data set is judged.
    """

    trained_on: str
    rows: pd.DataFrame

    @property
    def dataset(self) -> str:
        """The first that is asked about."""
        return str(self.rows["dataset"].iloc[0])

    @property
    def task(self) -> str:
        """The first that is asked about."""
        return str(self.rows["task"].iloc[0])

    @property
    def probe(self) -> str:
        """The first probe that asks it."""
        return str(self.rows["probe"].iloc[0])

    @property
    def about(self) -> list[str]:
        """Data sets in words."""
        return list(dict.fromkeys(self.rows["about"]))

    @property
    def protocols(self) -> dict[str, str]:
        """Name -> words."""
        names = list(dict.fromkeys(self.rows["protocol"]))
        return {name: protocol_words(name, names) for name in names}

    @property
    def place(self) -> str:
        """`Omniglot to Digits`; `Omniglot` where that is the same."""
        first = dataset_name(self.trained_on)
        return first if {*self.rows["dataset"]} == {self.trained_on} else f"{first} to {', '.join(self.about)}"


@dataclass(frozen=True, eq=False)
class Probes:
    """The long table by question: one `transfer` a data set trained on; `few` and `corrupted` one a probe besides."""

    transfer: tuple[Question, ...] = ()
    few: tuple[Question, ...] = ()
    corrupted: tuple[Question, ...] = ()


@dataclass(frozen=True, eq=False)
class Scores:
    """Figures of one question side by side.

    Attributes:
        rows: RUN and a column a figure; NaN: not asked.
        columns: figure -> words; the first sorts and has a bar.
        lower: figures of which less is better.
        unjudged: figures without a best.
    """

    rows: pd.DataFrame
    columns: Mapping[str, str]
    lower: frozenset[str] = frozenset()
    unjudged: frozenset[str] = frozenset()

    @property
    def headline(self) -> str:
        return next(iter(self.columns))

    @property
    def trained(self) -> pd.DataFrame:
        """Without floors."""
        return self.rows.loc[self.rows["kind"] != "floor"]

    @property
    def floors(self) -> pd.DataFrame:
        return having(self.rows, "kind", "floor")

    def values(self, column: str) -> dict[str, pd.Series]:
        """Title -> values by seed, without NaN; titles without any have an empty one."""
        found: dict[str, dict[int, float]] = {title: {} for title in self.rows["title"]}
        for title, seed, value in zip(self.rows["title"], self.rows["seed"], self.rows[column], strict=True):
            if value == value:  # not NaN
                found[title].setdefault(int(seed), float(value))
        return {title: pd.Series(own, dtype=float) for title, own in found.items()}

    def means(self, column: str, floors: bool = False) -> dict[str, float]:
        """Title -> mean over seeds, the highest first; of what was trained, or of floors. Without who lacks it."""
        these = set((self.floors if floors else self.trained)["title"])
        found = {title: float(own.mean()) for title, own in self.values(column).items() if len(own) and title in these}
        return dict(sorted(found.items(), key=lambda entry: -entry[1]))

    def titles(self) -> list[str]:
        """Floors, then the others, both by rising headline; first those without it."""
        heights = {title: own.mean() if len(own) else -1.0 for title, own in self.values(self.headline).items()}
        return [title for rows in (self.floors, self.trained)
                for title in sorted(dict.fromkeys(rows["title"]), key=heights.__getitem__)]  # fmt: skip

    def top(self, column: str) -> Best | None:
        """Whose figure is best, floors apart, and whether seeds separate it from every other."""
        trained, sign = set(self.trained["title"]), -1 if column in self.lower else 1
        values = {title: sign * own for title, own in self.values(column).items() if len(own) and title in trained}
        if not values or column in self.unjudged:
            return None
        first, *others = sorted(values, key=lambda title: -values[title].mean())
        gaps = [paired(values[first], values[other]) for other in others]
        n = gaps[0].n if gaps else len(values[first])
        return Best(first, bool(gaps) and all(gap.separated for gap in gaps), n)


def probes(table: pd.DataFrame | None) -> Probes:
    """The questions that a long table answers; none without one. Rows without a value are left out.

    Args:
        table: COLUMNS, a row a figure; labels NaN: all that the task has.
    """
    if table is None or not set(table) >= COLUMNS:
        return Probes()
    rows = named(one_figure(table.dropna(subset=["value"])))
    if not len(rows):
        return Probes()
    clean, whole = rows["corruption"] == CLEAN, rows["labels"].isna()
    elsewhere = rows["trained_on"] != rows["dataset"]
    task = ["trained_on", "dataset", "task", "probe"]  # probes may ask about other test images of one task
    few_labels = [own for own in split(rows.loc[clean], task) if own["labels"].notna().to_numpy().any()]
    corrupted = [whole_task(own) for own in split(rows, task) if {*own["corruption"]} != {CLEAN}]
    return Probes(*(
        tuple(Question(str(own["trained_on"].iloc[0]), own.reset_index(drop=True)) for own in found if len(own))
        for found in (split(rows.loc[clean & whole & elsewhere], ["trained_on"]), few_labels, corrupted)
    ))  # fmt: skip


def split(rows: pd.DataFrame, columns: Sequence[str]) -> list[pd.DataFrame]:
    """Rows that agree in these columns, in the order of their first."""
    return [own for _, own in rows.groupby(list(columns), sort=False)]


def whole_task(rows: pd.DataFrame) -> pd.DataFrame:
    """Those fitted on as many labels as anything that was corrupted: all, or the most that there are."""
    corrupted = rows.loc[rows["corruption"] != CLEAN, "labels"]
    if corrupted.isna().any():
        return rows.loc[rows["labels"].isna()]
    return rows.loc[rows["labels"] == corrupted.max()]


def one_figure(table: pd.DataFrame) -> pd.DataFrame:
    """Of each data set the figure that it is judged by."""
    parts = [having(own, "figure", judged_by(own)) for own in split(table, ["dataset", "task"])]
    return pd.concat(parts) if parts else table


def judged_by(rows: pd.DataFrame) -> str:
    """`map_11` where images have several classes, `mean_class` for MEAN_CLASS, else `top1`."""
    there, dataset = list(dict.fromkeys(rows["figure"])), str(rows["dataset"].iloc[0])
    mean = any(name in dataset for name in MEAN_CLASS)
    order = ["map_11", *["mean_class"] * mean, "top1", *there]
    return next(name for name in order if name in there)


def named(rows: pd.DataFrame) -> pd.DataFrame:
    """With `kind` and `about`."""
    tasks = {name: set(having(rows, "dataset", name)["task"]) for name in set(rows["dataset"])}
    asked, runs = ([*zip(rows[one], rows[two], strict=True)] for one, two in (("dataset", "task"), ("method", "title")))
    about = {(name, task): dataset_name(name) + f" ({task})" * (len(tasks[name]) > 1) for name, task in set(asked)}
    kind = {run: kind_of(*run) for run in set(runs)}
    return rows.assign(about=[about[one] for one in asked], kind=[kind[one] for one in runs])


def kind_of(method: str, title: str) -> str:
    """What the training of an encoder reads, or `floor`."""
    name = title.partition(",")[0]
    if method == "untrained":
        return "floor" if name in FLOORS else "all_labels"
    if method in ALL_LABELS or name.startswith(UPPER):
        return "all_labels"
    if two_views(method) or name in NO_LABELS:
        return "no_labels"
    return "few" if few(method) else "coarse"


def protocol_words(name: str, among: Sequence[str]) -> str:
    """`kNN`, `linear`; with the protocol's name where several of a kind are shown."""
    kinds = {each: protocol_kind(each) for each in among}
    own = protocol_kind(name)
    return own if list(kinds.values()).count(own) < 2 or own == name else f"{own} ({name})"


def protocol_kind(name: str) -> str:
    """`kNN`, `linear`, or its name."""
    return "kNN" if isinstance(PROTOCOLS.get(name), Vote) else "linear" if name.startswith("linear") else name


def wide(rows: pd.DataFrame, column: Sequence[str]) -> pd.DataFrame:
    """A row a run, a column for each value of `column`, in the order of their first; of what stands twice the first.

    Args:
        column: one for each row.
    """
    columns = dict.fromkeys(column)
    found: dict[tuple[str, str, str, int], dict[str, float]] = {}
    cells = zip(*(rows[name] for name in RUN), column, rows["value"], strict=True)
    for *run, name, value in cells:
        found.setdefault(tuple(run), {}).setdefault(name, value)
    table = {name: [run[place] for run in found] for place, name in enumerate(RUN)}
    table |= {name: [own.get(name, nan) for own in found.values()] for name in columns}
    return pd.DataFrame(table).astype(dict.fromkeys(RUN[:-1], object))


def joined(first: Iterable[object], second: Iterable[object]) -> list[str]:
    """`<first>|<second>`, the name of a column."""
    return [f"{one}|{other}" for one, other in zip(first, second, strict=True)]


def transfer_scores(question: Question) -> Scores:
    """A figure a protocol and data set; where there are several sets, before them their plain mean."""
    rows, about = question.rows, question.about
    table = wide(rows, joined(rows["protocol"], rows["about"]))
    columns = {}
    for protocol, said in question.protocols.items():
        own = {f"{protocol}|{name}": f"{name}, {said}" for name in about if f"{protocol}|{name}" in table}
        if len(own) > 1:
            table[f"{protocol}|"] = table[list(own)].mean(axis=1, skipna=False)
            columns[f"{protocol}|"] = f"mean, {said}"
        columns |= own
    return Scores(table, columns)


def transfer_headlines(question: Question) -> dict[str, str]:
    """Protocol -> the column that judges it: the mean, or that of the only data set."""
    columns = transfer_scores(question).columns
    return {name: next(one for one in columns if one.startswith(f"{name}|")) for name in question.protocols}


def few_scores(question: Question) -> Scores:
    """A figure a protocol and number of labels a class; `all` comes last."""
    rows = question.rows.sort_values("labels", kind="stable")
    words = [count_words(labels) for labels in rows["labels"]]
    table, counts = wide(rows, joined(rows["protocol"], words)), dict.fromkeys(words)
    columns = {
        f"{protocol}|{count}": f"{count}, {said}"
        for protocol, said in question.protocols.items()
        for count in counts
        if f"{protocol}|{count}" in table
    }
    return Scores(table, columns)


def count_words(labels: float) -> str:
    """`3`, `all`."""
    return "all" if pd.isna(labels) else f"{labels:g}"
