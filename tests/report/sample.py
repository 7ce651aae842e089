"""A small report: made-up figures, real code from table to page."""

from typing import Any

import numpy as np
import pandas as pd

from gristmill.figures.first import first_views
from gristmill.report.draw_look import Look, classes_picture, gallery_picture, map_picture, placed, views_picture
from gristmill.report.draw_results import draw_results
from gristmill.report.explorer import explorers
from gristmill.report.pictures import Picture
from gristmill.report.results import TaskFacts, describe, name_rows, summarize, tabulate

TITLES = {  # experiment -> title, method, task, Recall@1
    "raw_pixels": ("raw pixels", "untrained", "omniglot_good", 0.18),
    "supcon_good": ("SupCon (queue)", "grafit", "omniglot_good", 0.38),
    "supce_good": ("SupCE", "coins", "omniglot_good", 0.45),
    "coins_good": ("CoIns", "coins", "omniglot_good", 0.61),
    "maskcon_good": ("MaskCon", "maskcon", "omniglot_good", 0.53),
    "supfine_good": ("SupFine", "coins", "omniglot_fine", 0.79),
    "supce_bad": ("SupCE", "coins", "omniglot_bad", 0.5),
    "maskcon_bad": ("MaskCon", "maskcon", "omniglot_bad", 0.56),
}
VIEWS = {"recipe": "drawings", "size": 8, "mean": [0.1], "std": [0.3], "key": "weak", "query": "weak"}
TRAIN = {"epochs": 4, "batch": 8, "threads": 2, "precision": "auto", "lr": 0.05}
DISCOVER = {"number": "truth", "most": None, "restarts": 1}
NETWORK = {"name": "small", "widths": [8, 8], "blocks": 1, "init": "random"}


def make_runs(seeds: int = 1, titles: dict[str, tuple[str, str, str, float]] = TITLES) -> list[dict[str, Any]]:
    """What params.yaml would say."""
    runs = []
    for name, (title, method, task, _) in titles.items():
        train: dict[str, Any] = {"method": method, "seeds": list(range(seeds)), "network": NETWORK, "views": VIEWS}
        if method != "untrained":
            train |= {"train": TRAIN, "memory": {"size": 16}}
        runs.append(
            {"experiment": name, "title": title, "method": method, "dataset": "omniglot", "task": task, "step": "train"}
            | {"seeds": list(range(seeds)), "train": train, "evaluate": {"k": [1, 10], "discover": DISCOVER}}
        )
    return runs


def make_metrics(
    seeds: int = 1, noise: float = 0.0, titles: dict[str, tuple[str, str, str, float]] = TITLES
) -> dict[str, dict[str, Any]]:
    """Metrics of every experiment; seeds differ by `noise`, alike for all."""
    found = {}
    for name, (_, _, _, value) in titles.items():
        blocks = {}
        for seed in range(seeds):
            at_1 = value + noise * (seed - (seeds - 1) / 2)
            blocks[str(seed)] = {"recall_1": at_1, "recall_10": min(1, at_1 + 0.2), "coarse_recall_1": 0.9}
        found[name] = {"seeds": blocks}
    return found


def make_tables(name: str = "Greek") -> dict[str, pd.DataFrame]:
    """Three tasks on 48 images of 12 classes; `name` is a coarse class."""
    fine = np.arange(48) % 12
    base = pd.DataFrame({"sample": [f"s{i}" for i in range(48)], "row": np.arange(48), "fine": fine})
    base["part"] = np.where(np.arange(48) < 24, "train", "test")
    base["fine_name"] = [f"{name}/character{f:02d}" for f in fine]
    good, bad = fine // 6, fine % 2
    return {
        "omniglot_good": base.assign(label=good, label_name=[(name, "Latin")[g] for g in good]),
        "omniglot_bad": base.assign(label=bad, label_name=[f"mixed {b}" for b in bad]),
        "omniglot_fine": base.assign(label=fine, label_name=base["fine_name"]),
    }


def make_history(end: float) -> pd.DataFrame:
    """Five rows, Recall@1 at two of them."""
    return pd.DataFrame(
        {"seed": 0, "epoch": range(5), "loss": [np.nan, 4, 3, 2.5, 2], "recall_1": [0.04, np.nan, np.nan, np.nan, end]}
    )


def make_results(runs: list[dict[str, Any]], metrics: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, TaskFacts]]:
    """Named rows and the tasks' facts."""
    tasks = {name: describe(name, table) for name, table in make_tables().items()}
    return name_rows(tabulate(runs, metrics), runs, tasks), tasks


def make_pictures(results: pd.DataFrame, tasks: dict[str, TaskFacts], name: str = "Greek") -> list[Picture]:
    """Every kind of picture."""
    histories = {key: make_history(value) for key, (_, _, _, value) in TITLES.items()}
    pictures = draw_results(results, summarize(results), tasks, histories)
    looks = make_looks(name)[:2]
    points = placed(looks)
    pictures += [gallery_picture(look, 60) for look in looks]
    pictures += [map_picture(look, points[look.name], 60) for look in looks]
    images, tables = looks[0].images, make_tables(name)
    places, views = first_views(images, tables["omniglot_good"], looks[0].run["train"], 0, 4)
    seen = looks[0].table.iloc[places]
    pictures.append(views_picture(looks[0], seen["row"].to_numpy(), list(seen["label_name"]), views, 60))
    pictures.append(classes_picture(looks[0], tables["omniglot_bad"], 60))
    return pictures


def make_looks(name: str = "Greek", title: str = "SupCE") -> list[Look]:
    """Three methods on 24 test images, the last one the upper bound."""
    runs = {run["experiment"]: run for run in make_runs()}
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (48, 8, 8, 1), dtype=np.uint8)
    tables, row = make_tables(name), np.arange(24, 48)
    looks = []
    for key in ("maskcon_good", "supce_good", "supfine_good"):
        run = {**runs[key], "title": title} if key == "supce_good" else runs[key]
        looks.append(Look(run, tables[run["task"]], images, rng.normal(size=(24, 4)).astype(np.float32), row, 0))
    return looks


def make_explorers(name: str = "Greek", title: str = "SupCE") -> list[dict[str, Any]]:
    """The explorer of these methods."""
    looks = make_looks(name, title)
    return explorers(looks, placed(looks))


def make_evidence(seeds: int = 3, noise: float = 0.004, gap: float = 0.05) -> pd.DataFrame:
    """Longer trainings as results/<data set>.csv has them; `gap`: by how much MaskCon passes CoIns after 12 epochs."""
    runs = [  # experiment, title, method, task, epochs, w, T2, Recall@1
        ("selfcon_good", "SelfCon", "grafit", "good", 4, 0.0, np.nan, 0.5),
        ("supcon_good", "SupCon (queue)", "grafit", "good", 4, 1.0, np.nan, 0.45),
        ("supce_good", "SupCE", "coins", "good", 4, 1.0, np.nan, 0.48),
        ("grafit_good", "Grafit", "grafit", "good", 4, 0.5, np.nan, 0.55),
        ("coins_good", "CoIns", "coins", "good", 4, 0.5, np.nan, 0.62),
        ("maskcon_good", "MaskCon", "maskcon", "good", 4, 0.5, 0.05, 0.6),
        ("supfine_good", "SupFine", "coins", "fine", 4, 1.0, np.nan, 0.8),
        ("grafit_bad", "Grafit", "grafit", "bad", 4, 0.5, np.nan, 0.4),
        ("maskcon_bad", "MaskCon", "maskcon", "bad", 4, 0.5, 0.05, 0.65),
        ("maskcon_long", "MaskCon, 12 epochs", "maskcon", "good", 12, 0.5, 0.05, 0.66 + gap),
        ("coins_long", "CoIns, 12 epochs", "coins", "good", 12, 0.5, np.nan, 0.66),
        ("coins_w08", "CoIns, w 0.8", "coins", "good", 4, 0.8, np.nan, 0.61),
        ("maskcon_w08", "MaskCon, w 0.8", "maskcon", "good", 4, 0.8, 0.05, 0.63),
        ("maskcon_t01", "MaskCon, T2 0.1", "maskcon", "good", 4, 0.5, 0.1, 0.61),
        ("maskcon_t05", "MaskCon, T2 0.5", "maskcon", "good", 4, 0.5, 0.5, 0.56),
    ]
    rows, rng = [], np.random.default_rng(0)
    for name, title, method, task, epochs, w, t2, value in runs:
        for seed in range(seeds):
            at_1 = value + noise * rng.normal()
            row = {"experiment": name, "title": title, "method": method, "dataset": "omniglot"}
            row |= {"task": f"omniglot_{task}", "epochs": epochs, "m": 0.97, "T1": 0.1, "w": w, "T2": t2, "seed": seed}
            row |= {"recall_1": at_1, "recall_10": min(1, at_1 + 0.2), "coarse_recall_1": 0.9, "loss": 1.0}
            row |= {"discover_accuracy": np.nan if task == "fine" else 0.5 + value / 10}
            rows.append({**row, "device": "cpu", "precision": "fp32", "torch": "2.14.1"})
    return pd.DataFrame(rows)
