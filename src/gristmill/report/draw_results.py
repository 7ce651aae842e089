"""Pictures of numbers: Recall@K, trainings, two groupings."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gristmill.figures.curves import WATCHED, end_value, training_curves, watched_by
from gristmill.figures.recall import groupings_compared, recall_bars
from gristmill.figures.save import svg
from gristmill.report.pictures import Picture
from gristmill.report.results import TaskFacts, coarse_tasks, comparable, grouping_pairs, having
from gristmill.report.sentences import seeds
from gristmill.report.words import dataset_name, words


def draw_results(
    results: pd.DataFrame, summary: pd.DataFrame, tasks: Mapping[str, TaskFacts], histories: Mapping[str, pd.DataFrame]
) -> list[Picture]:
    """For each task with coarse labels Recall@K and trainings; for each pair of groupings the comparison.

    Args:
        results: a row a seed (`results.name_rows`).
        summary: of the same results.
        histories: experiment -> its history.
    """
    pictures = []
    found = coarse_tasks(summary)
    for task in found:
        pictures.append(recall_picture(summary, tasks, task))
        pictures.append(curves_picture(results, tasks, task, histories))
    for good, bad in grouping_pairs(found):
        pictures.append(groupings_picture(summary, good, bad))
    return [picture for picture in pictures if picture is not None]


def of_task(task: str, dataset: str) -> str:
    """`Omniglot, alphabets`."""
    return f"{dataset_name(dataset)}, {words(task).grouping}"


def recall_picture(summary: pd.DataFrame, tasks: Mapping[str, TaskFacts], task: str) -> Picture:
    """Recall@K of a task's table."""
    table = comparable(summary, task, tasks)
    recall = table.loc[table["metric"].str.match(r"recall_\d+$")]
    say, facts = words(task), tasks[task]
    first = having(recall, "metric", "recall_1").iloc[::-1]
    counts = set(recall["n"])
    alone = "Points are single seeds: nothing is known of their spread. " if 1 in counts else ""
    several = "Bars are means over seeds, whiskers one standard deviation. " if counts - {1} else ""
    return Picture(
        name=f"recall_{task}",
        section="figures",
        title=f"Recall@K: {of_task(task, recall['dataset'].iloc[0])}",
        caption=f"How often one of the K nearest other {say.image}s shows the same {say.fine}, of "
        f"{say.some(facts.test, say.image)}. Floors on top, the upper bound last. {alone}{several}".strip(),
        alt="Recall@1: " + ", ".join(f"{t} {m:.2f}" for t, m in zip(first["title"], first["mean"], strict=True)),
        pair=task,
        data=recall.drop(columns=["dataset", "kind"]).to_csv(index=False, float_format="%.6g"),
        files={f"recall_{task}.svg": svg(recall_bars(recall))},
    )


def curves_picture(
    results: pd.DataFrame, tasks: Mapping[str, TaskFacts], task: str, histories: Mapping[str, pd.DataFrame]
) -> Picture | None:
    """Loss and Recall@1 by epoch of all methods of a task."""
    rows = comparable(results, task, tasks).drop_duplicates("experiment")
    rows = having(rows, "experiment", *histories)
    if not len(rows):
        return None
    lines: dict[str, pd.DataFrame] = {}
    for title, own in rows.groupby("title", sort=False):
        lines[str(title)] = pd.concat([histories[name] for name in own["experiment"]], ignore_index=True)
    return lines_picture(task, of_task(task, rows["dataset"].iloc[0]), lines)


def lines_picture(task: str, where: str, lines: Mapping[str, pd.DataFrame], family: str = "coarse") -> Picture:
    """Loss, and what the trainings were watched by.

    Args:
        where: what the title says of the task.
        lines: title -> history.
    """
    watched = watched_by(lines)
    ends = {title: end_value(history, watched) for title, history in lines.items() if set(history["epoch"]) != {0}}
    data = pd.concat([history.assign(title=title) for title, history in lines.items()], ignore_index=True)
    columns = [name for name in ("title", "seed", "epoch", "loss", watched) if name in data]
    trained = [f"{title} ends at {value:.2f}" for title, value in ends.items() if np.isfinite(value)]
    level = any(set(history["epoch"]) == {0} for history in lines.values())
    return Picture(
        name=f"curves_{task}",
        section="figures",
        title=f"Training: {where}",
        caption=f"Left the loss, each method its own function: heights do not compare. Right {WATCHED[watched]} of the "
        f"test images, at the marks; nothing was chosen by it.{' Level lines are what was not trained.' * level}",
        alt=f"{WATCHED[watched]} by epoch: " + (", ".join(trained) or "nothing was trained"),
        pair=task,
        family=family,
        data=data[columns].to_csv(index=False, float_format="%.6g"),
        files={f"curves_{task}.svg": svg(training_curves(lines, family=family))},
    )


def groupings_picture(summary: pd.DataFrame, good: str, bad: str) -> Picture | None:
    """Methods that were run with both groupings."""
    rows = having(having(having(summary, "kind", "coarse"), "task", good, bad), "metric", "recall_1")
    rows = having(rows, "title", *set(having(rows, "task", good)["title"]) & set(having(rows, "task", bad)["title"]))
    if not len(rows):
        return None
    names = {good: words(good).grouping, bad: words(bad).grouping}
    name = good.removesuffix("_good")
    values = rows.set_index(["title", "task"])["mean"]
    say = words(good)
    return Picture(
        name=f"groupings_{name}",
        section="figures",
        title=f"Good against bad grouping: {dataset_name(rows['dataset'].iloc[0])}",
        caption=f"Recall@1 when the learner is told {names[good]} (what looks alike stands together) or "
        f"{names[bad]} (what looks alike is kept apart). The {say.many(say.fine)}, the {say.image}s and all settings "
        f"are the same ({seeds(rows['n'])}).",
        alt="; ".join(
            f"{title}: {names[good]} {values[title, good]:.3f}, {names[bad]} {values[title, bad]:.3f}"
            for title in dict.fromkeys(rows["title"])
        ),
        data=rows.drop(columns=["dataset", "kind"]).to_csv(index=False, float_format="%.6g"),
        files={f"groupings_{name}.svg": svg(groupings_compared(rows, names))},
    )
