"""No labels, all labels: which runs stand beside each other, by what they are judged, and how they are trained."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gristmill.evaluate.rank import verdict
from gristmill.protocols import PROTOCOLS, Descent, Protocol, Vote
from gristmill.report.choice import two_views
from gristmill.report.results import TWO_VIEWS, TaskFacts, having, summarize
from gristmill.report.separation import means_of
from gristmill.report.words import Words, dataset_name, words

NO_LABELS, ALL_LABELS = TWO_VIEWS
RECALL = "recall_1"


@dataclass(frozen=True)
class ViewRuns:
    """The runs on one set of test images: methods of two views and floors, whatever task they stand on.

    Attributes:
        task: the first of their tasks.
        tasks: all of them, with those of the floors.
        own: results, a row a seed; a title is one method on one task.
        histories: title -> history of all seeds.
    """

    task: str
    tasks: dict[str, TaskFacts]
    own: pd.DataFrame
    histories: dict[str, pd.DataFrame]

    @property
    def dataset(self) -> str:
        return str(self.own["dataset"].iloc[0])

    @property
    def title(self) -> str:
        """`Omniglot: no labels, all labels`."""
        return f"{dataset_name(self.dataset)}: no labels, all labels"

    @property
    def facts(self) -> TaskFacts:
        return self.tasks[self.task]

    @property
    def words(self) -> Words:
        return words(self.task)

    @property
    def metrics(self) -> list[str]:
        """What the methods are judged by: named protocols in their order, then Recall@1."""
        there = having(self.own, "kind", *TWO_VIEWS).dropna(axis="columns", how="all").columns
        return [name for name in (*(top1(protocol) for protocol in PROTOCOLS.values()), RECALL) if name in there]

    @property
    def headline(self) -> str:
        """Of these the first."""
        return next(iter(self.metrics), RECALL)

    @property
    def linear(self) -> str | None:
        """The first linear classifier on top of the features, which papers compare by."""
        return next((name for name in self.metrics if name.startswith("linear")), None)

    def told_fine(self) -> pd.DataFrame:
        """Rows of methods that read the fine label of every image."""
        fine = [name for name, facts in self.tasks.items() if facts.upper]
        return having(having(self.own, "kind", ALL_LABELS), "task", *fine)

    def rising(self, kind: str) -> list[str]:
        """The titles of a kind, by rising headline; first those without it."""
        rows = having(self.own, "kind", kind)
        means = means_of(rows, self.headline)
        return sorted(dict.fromkeys(rows["title"]), key=lambda title: means.get(title, -1.0))

    def titles(self) -> list[str]:
        """Floors, methods without labels, methods with all."""
        return [title for kind in ("floor", *TWO_VIEWS) for title in self.rising(kind)]

    def summary(self) -> pd.DataFrame:
        return summarize(self.own)

    def spreads(self, title: str) -> dict[int, float]:
        """Seed -> spread of the outputs in the last epoch; NaN where it is no number; empty where none was taken."""
        history = self.histories.get(title)
        if history is None or "spread" not in history:
            return {}
        trained = history.loc[history["epoch"] > 0]
        last = dict(zip(trained["seed"], trained["spread"], strict=True))  # of a seed the last stays
        return {int(seed): float(value) for seed, value in sorted(last.items())}

    def steps(self, title: str) -> int:
        """How many steps a method was trained; 0 where nobody knows."""
        history = self.histories.get(title)
        return 0 if history is None or "step" not in history else max(map(int, history["step"]), default=0)


def view_runs(
    results: pd.DataFrame, tasks: Mapping[str, TaskFacts], histories: Mapping[str, pd.DataFrame]
) -> list[ViewRuns]:
    """One for each set of test images that methods of two views were asked for.

    Args:
        results: a row a seed (`results.name_rows`).
        histories: experiment -> its history.
    """
    rows = having(results, "kind", "floor", *TWO_VIEWS)
    found: dict[str, ViewRuns] = {}
    for task in dict.fromkeys(having(rows, "kind", *TWO_VIEWS)["task"]):
        same = {name: facts for name, facts in tasks.items() if facts.samples == tasks[task].samples}
        if tasks[task].samples not in found:
            own = distinct(having(rows, "task", *same))
            found[tasks[task].samples] = ViewRuns(task, same, own, of_titles(own, histories))
    return list(found.values())


def distinct(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with titles that name one task each."""
    pairs = list(zip(rows["title"], rows["task"], strict=True))
    named = Counter(title for title, _ in dict.fromkeys(pairs))
    titles = [f"{title}, {task}" if named[title] > 1 else title for title, task in pairs]
    return rows.assign(title=titles).reset_index(drop=True)


def of_titles(own: pd.DataFrame, histories: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Title -> history, the seeds of all its experiments."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for name, title in dict.fromkeys(zip(own["experiment"], own["title"], strict=True)):
        if name in histories:
            parts.setdefault(title, []).append(histories[name])
    return {title: pd.concat(tables, ignore_index=True) for title, tables in parts.items()}


def view_experiments(runs: Sequence[Mapping[str, Any]], own: ViewRuns) -> list[dict[str, Any]]:
    """What params.yaml says of the methods of two views among these runs."""
    return [dict(run) for run in runs if run["task"] in own.tasks and two_views(run["method"])]


def top1(protocol: Protocol) -> str:
    """The figure of a protocol that is shown."""
    return f"{protocol.name}_top1"


def protocol_of(metric: str) -> Protocol | None:
    """The protocol that a figure comes from."""
    return PROTOCOLS.get(metric.removesuffix("_top1"))


def metric_name(metric: str, among: Sequence[str]) -> str:
    """`kNN top-1`; with the protocol's name where several of a kind are shown; `Recall@1`."""
    protocol = protocol_of(metric)
    if protocol is None:
        return "Recall@1"
    kinds = [isinstance(protocol_of(name), Vote) for name in among if protocol_of(name) is not None]
    called = "kNN top-1" if isinstance(protocol, Vote) else "linear top-1"
    return called if kinds.count(isinstance(protocol, Vote)) < 2 else f"{called} ({protocol.name})"


def axis_words(metric: str) -> str:
    """What an axis says of a protocol's figure, its name included; nothing of Recall@1."""
    protocol = protocol_of(metric)
    return f"share of test images, by {protocol.name}" if protocol else ""


def metric_words(metric: str, own: ViewRuns) -> str:
    """What a figure is, for a note: `kNN (knn_logo_1): the 20 nearest ...`."""
    protocol, say = protocol_of(metric), own.words
    training = say.some(own.facts.train, f"training {say.image}")
    if protocol is None:
        return f"Recall@1: the nearest other test {say.image} shows the same {say.fine}"
    if isinstance(protocol, Vote):
        what = "features" if protocol.reads == "features" else "outputs of the head"
        return (
            f"kNN ({protocol.name}): of {training} the {protocol.k} nearest vote for their {say.fine}, each with "
            f"exp(cosine / {protocol.temperature:g}) of the {what}"
        )
    how = "by gradient descent" if isinstance(protocol, Descent) else "a logistic regression"
    return f"linear ({protocol.name}): a linear classifier trained on the frozen features of these, {how}"


def spread_words(spreads: Mapping[int, float]) -> str:
    """`healthy`, or `collapsed in 1 of 3 seeds, healthy in 2`."""
    verdicts = [verdict(value) for value in spreads.values()]
    counts = {name: verdicts.count(name) for name in ("collapsed", "shrinking", "healthy") if name in verdicts}
    if len(counts) < 2:
        return "".join(counts)
    (name, count), *others = counts.items()
    return ", ".join([f"{name} in {count} of {len(verdicts)} seeds", *(f"{one} in {n}" for one, n in others)])


def collapsed(own: ViewRuns) -> dict[str, list[float]]:
    """Title -> spreads of the seeds in which the outputs have collapsed; without methods where none has."""
    found = {title: own.spreads(title).values() for kind in TWO_VIEWS for title in own.rising(kind)}
    bad = {title: [value for value in values if verdict(value) == "collapsed"] for title, values in found.items()}
    return {title: values for title, values in bad.items() if values}
