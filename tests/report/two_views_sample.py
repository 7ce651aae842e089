"""Made-up runs of methods that compare two views, beside the floors, on the small tasks of `sample`."""

from typing import Any

import numpy as np
import pandas as pd

from gristmill.report.results import TaskFacts, describe, name_rows, tabulate
from gristmill.report.two_views import ViewRuns, view_runs
from tests.report.sample import NETWORK, make_tables

KNN, LINEAR = "knn_logo_1_top1", "linear_lbfgs_1_top1"
TITLES = {  # experiment -> title, method, task, kNN, linear, Recall@1, epochs
    "raw_pixels": ("raw pixels", "untrained", "omniglot_good", 0.31, 0.24, 0.18, 0),
    "untrained_network": ("untrained network", "untrained", "omniglot_good", 0.12, 0.16, 0.04, 0),
    "simclr_drawings": ("SimCLR", "simclr", "omniglot_fine", 0.46, 0.62, 0.35, 12),
    "moco_drawings": ("MoCo", "moco", "omniglot_fine", 0.39, 0.55, 0.27, 24),
    "supcon_drawings": ("SupCon (batch)", "supcon", "omniglot_fine", 0.48, 0.62, 0.34, 12),
    "cross_entropy_drawings": ("Cross entropy", "cross_entropy", "omniglot_fine", 0.69, 0.75, 0.58, 12),
}
Titles = dict[str, tuple[str, str, str, float, float, float, int]]


def make_view_runs(seeds: int = 1, titles: Titles = TITLES) -> list[dict[str, Any]]:
    """What params.yaml would say."""
    found = []
    for name, (title, method, task, *_, epochs) in titles.items():
        train: dict[str, Any] = {"method": method, "seeds": list(range(seeds)), "network": NETWORK}
        train["views"] = {"recipe": "strokes", "size": 8, "mean": [0.1], "std": [0.3], "area": None}
        if method != "untrained":
            train["train"] = {"epochs": epochs, "batch": 8, "threads": 1, "precision": "auto"}
        if method == "moco":
            train["memory"] = {"size": 16, "momentum": 0.99}
        found.append(
            {"experiment": name, "title": title, "method": method, "dataset": "omniglot", "task": task, "step": "train"}
            | {"seeds": list(range(seeds)), "recipe_epochs": epochs or None, "train": train}
            | {"evaluate": {"k": [1], "protocols": ["knn_logo_1", "linear_lbfgs_1"]}}
        )
    return found


def make_view_metrics(seeds: int = 1, noise: float = 0.0, titles: Titles = TITLES) -> dict[str, dict[str, Any]]:
    """Metrics of every experiment; seeds differ by `noise`, alike for all."""
    found = {}
    for name, (_, _, _, knn, linear, recall, _) in titles.items():
        blocks = {}
        for seed in range(seeds):
            moved = noise * (seed - (seeds - 1) / 2)
            blocks[str(seed)] = {
                KNN: knn + moved, "knn_logo_1_top5": min(1, knn + 0.2), LINEAR: linear + moved,
                "linear_lbfgs_1_top5": min(1, linear + 0.2), "recall_1": recall + moved, "coarse_recall_1": 0.5,
            }  # fmt: skip
        found[name] = {"seeds": blocks}
    return found


def make_view_histories(seeds: int = 1, titles: Titles = TITLES, **spreads: float) -> dict[str, pd.DataFrame]:
    """The course of every experiment, 3 steps an epoch, looked at every other one.

    Args:
        spreads: experiment -> spread at the end, instead of 0.9.
    """
    found = {}
    for name, (_, method, _, knn, _, recall, epochs) in titles.items():
        if method == "untrained":
            start = {"seed": range(seeds), "epoch": 0, "step": 0, "loss": np.nan, "recall_1": recall}
            found[name] = pd.DataFrame(start)
            continue
        epoch = np.arange(epochs + 1)
        part = epoch / epochs
        course = pd.DataFrame({"epoch": epoch, "step": 3 * epoch, "loss": 5.5 - 3 * part**0.5, "rank": 10.0})
        course["spread"] = 0.2 * (1 - part) + spreads.get(name, 0.9) * part
        course[KNN] = np.where(epoch % 2 == 0, 0.1 + (knn - 0.1) * part**0.5, np.nan)
        course["recall_1"] = np.where(epoch % 2 == 0, 0.04 + (recall - 0.04) * part**0.5, np.nan)
        course.loc[0, ["loss", "spread", "rank"]] = np.nan
        found[name] = pd.concat([course.assign(seed=seed) for seed in range(seeds)], ignore_index=True)
    return found


def make_view_results(
    metrics: dict[str, Any], runs: list[dict[str, Any]] | None = None, name: str = "Greek"
) -> tuple[pd.DataFrame, dict[str, TaskFacts]]:
    """Named rows and the tasks' facts."""
    runs = make_view_runs() if runs is None else runs
    tasks = {task: describe(task, table) for task, table in make_tables(name).items()}
    return name_rows(tabulate(runs, metrics), runs, tasks), tasks


def make_views(
    seeds: int = 1, noise: float = 0.0, titles: Titles = TITLES, metrics: dict[str, Any] | None = None, **spreads: float
) -> list[ViewRuns]:
    """All of it in one piece."""
    metrics = make_view_metrics(seeds, noise, titles) if metrics is None else metrics
    results, tasks = make_view_results(metrics, make_view_runs(seeds, titles))
    return view_runs(results, tasks, make_view_histories(seeds, titles, **spreads))
