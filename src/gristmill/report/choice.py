"""Which runs are looked at, image by image."""

from collections.abc import Sequence
from typing import Any

from gristmill.parameters.resolve import evaluation, training_steps
from gristmill.parameters.sections import Classes
from gristmill.parameters.two_views import Pretraining

PIXELS = "raw pixels"
SHOWN = ("MaskCon", "SupCE")  # beside each other
EXPLORED = (*SHOWN, "CoIns", "SelfCon", "SupFine", PIXELS)  # to switch between; each costs a t-SNE
CLASSIFIERS = ("FixMatch", "DASO", "Supervised", "USADTM")  # of few labels: the same
COMPARED = ("simclr", "moco", "supcon", "cross_entropy")  # methods of two views: the same; others where these are not
ALL_LABELS = ("supcon", "cross_entropy")  # methods of two views that read labels; the others read none
UPPER = "SupFine"  # on the fine labels' task, with the same test images


def few(method: str) -> bool:
    """Whether a method learns from few labels: it is judged by the classes that it names, not by neighbors."""
    return evaluation(method) is Classes


def two_views(method: str) -> bool:
    """Whether a method compares two views of an image, or is the classifier beside those that do."""
    step = training_steps(method).get("train")
    loop = step.model_fields["train"].annotation if step and "train" in step.model_fields else None
    return isinstance(loop, type) and issubclass(loop, Pretraining)


def reads_labels(method: str, w: float | None) -> bool:
    """Whether a run learns from labels.

    Args:
        w: `loss.w` of the methods with coarse labels; at 0 they contrast images alone.
    """
    return method != "untrained" and w != 0 and (not two_views(method) or method in ALL_LABELS)


def looked_at(runs: Sequence[dict[str, Any]]) -> list[str]:
    """Experiments for maps and galleries: for each data set those of SHOWN on one task, a good grouping before others.

    Methods of two views have galleries of their own (`compared`).

    Args:
        runs: experiment, title, dataset and task of each.
    """
    found: list[str] = []
    for dataset in dict.fromkeys(run["dataset"] for run in runs):
        own = [run for run in runs if run["dataset"] == dataset]
        if any(run["title"] in SHOWN for run in own):
            found += titled(on_task(own, best_task(own)), SHOWN)
    return found


def compared(runs: Sequence[dict[str, Any]]) -> list[str]:
    """Experiments for galleries of methods of two views: for each data set that has some, raw pixels and COMPARED.

    Args:
        runs: experiment, title, method, dataset and task of each.
    """
    found: list[str] = []
    for dataset in dict.fromkeys(run["dataset"] for run in runs):
        own = [run for run in runs if run["dataset"] == dataset]
        methods = viewing([run for run in own if two_views(run["method"])])
        found += [*titled(own, [PIXELS]), *methods] if methods else []
    return found


def explored(runs: Sequence[dict[str, Any]]) -> list[str]:
    """Experiments for the explorer: those that are looked at first, then others of the same task.

    A data set that has none of EXPLORED shows its first runs. Behind them methods of two views, as many as COMPARED.
    Runs with few labels: CLASSIFIERS of the first task that has most of them.

    Args:
        runs: experiment, title, method, dataset and task of each.
    """
    found: list[str] = []
    classifiers, views = ([run for run in runs if kind(run["method"])] for kind in (few, two_views))
    others = [run for run in runs if run not in classifiers + views]
    for dataset in dict.fromkeys(run["dataset"] for run in runs):
        found += neighborly([run for run in others if run["dataset"] == dataset])
        found += viewing([run for run in views if run["dataset"] == dataset])
        found += classifying([run for run in classifiers if run["dataset"] == dataset])
    return found


def classifying(own: Sequence[dict[str, Any]]) -> list[str]:
    """Of one data set's runs with few labels those to explore."""
    tasks = dict.fromkeys(run["task"] for run in own)
    found = [titled(on_task(own, task), CLASSIFIERS) or first_of(own, task, len(CLASSIFIERS)) for task in tasks]
    return max(found, key=len, default=[])


def neighborly(own: Sequence[dict[str, Any]]) -> list[str]:
    """Of one data set's other runs those to explore."""
    if not own:
        return []
    task = best_task(own)
    upper = [run for run in own if run["title"] == UPPER]
    return titled(on_task(own, task) + upper, EXPLORED) or first_of(own, task, len(EXPLORED))


def viewing(own: Sequence[dict[str, Any]]) -> list[str]:
    """Of one data set's methods of two views those to explore: one run a method, of the task with most methods."""
    tasks = dict.fromkeys(run["task"] for run in own)
    first: dict[str, dict[str, str]] = {task: {} for task in tasks}  # task -> method -> its first run
    for run in own:
        first[run["task"]].setdefault(run["method"], run["experiment"])
    runs = max(first.values(), key=len, default={})
    return [runs[method] for method in dict.fromkeys((*COMPARED, *runs)) if method in runs][: len(COMPARED)]


def first_of(own: Sequence[dict[str, Any]], task: str, most: int) -> list[str]:
    """The first runs of a task, one a title."""
    return titled(on_task(own, task), [run["title"] for run in own])[:most]


def best_task(runs: Sequence[dict[str, Any]]) -> str:
    """Of one data set's tasks that with most of SHOWN; of those a good grouping before others."""
    tasks = dict.fromkeys(run["task"] for run in runs)
    shown = {task: {run["title"] for run in on_task(runs, task)} & set(SHOWN) for task in tasks}
    return min(shown, key=lambda task: (-len(shown[task]), not task.endswith("_good")))


def on_task(runs: Sequence[dict[str, Any]], task: str) -> list[dict[str, Any]]:
    """The runs of a task."""
    return [run for run in runs if run["task"] == task]


def titled(runs: Sequence[dict[str, Any]], titles: Sequence[str]) -> list[str]:
    """The first experiment of each title, in the order of the titles."""
    first: dict[str, str] = {}
    for run in runs:
        first.setdefault(run["title"], run["experiment"])
    return [first[title] for title in dict.fromkeys(titles) if title in first]


def other_grouping(task: str) -> str:
    """The task with the bad grouping of the same classes, by its name."""
    return f"{task.removesuffix('_good')}_bad"
