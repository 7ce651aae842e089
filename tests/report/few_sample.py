"""Made-up runs with few labels on a small task of ten classes."""

import json
from typing import Any

import numpy as np
import pandas as pd

from gristmill.report.results import TaskFacts, describe, name_rows, tabulate

TITLES = {  # experiment -> title, method, top-1
    "daso_few": ("DASO", "daso", 0.69),
    "fixmatch_few": ("FixMatch", "fixmatch", 0.68),
    "supervised_few": ("Supervised", "supervised", 0.7),
    "usadtm_few": ("USADTM", "usadtm", 0.71),
}
TASK = "fashion_reversed"
LABELED, UNLABELED = (9, 8, 7, 6, 5, 4, 3, 2, 1, 1), (1, 1, 2, 3, 4, 5, 6, 7, 8, 9)
KINDS = {"final": (0.8, 0.35), "linear": (0.9, 0.25), "semantic": (0.7, 0.45)}  # recall at head and tail
NETWORK = {"name": "small", "widths": [8, 8], "blocks": 1, "init": "random"}
TRAIN = {"epochs": 12, "epoch_steps": 50, "batch": 32, "threads": 1, "precision": "auto"}


def make_few_runs(titles: dict[str, tuple[str, str, float]] = TITLES) -> list[dict[str, Any]]:
    """What params.yaml would say."""
    found = []
    for name, (title, method, _) in titles.items():
        run = {"experiment": name, "title": title, "method": method, "dataset": "fashion", "task": TASK}
        run |= {"step": "train", "seeds": [0, 1, 2], "recipe_epochs": 12, "evaluate": {"last": 3, "batch": 256}}
        run |= {"train": {"method": method, "network": NETWORK, "train": TRAIN}}
        if method == "daso":
            run |= {"step": "blend_pseudo_labels", "start": "daso_few_start"}
        found.append(run)
    return found


def make_few_metrics(seeds: int = 3, noise: float = 0.01, **changed: float) -> dict[str, dict[str, Any]]:
    """Metrics of every experiment: seeds differ by `noise`, alike for all.

    Args:
        changed: `<experiment>` -> top-1; `used_accuracy`: of DASO's used labels.
    """
    found = {}
    for name, (_, method, top1) in TITLES.items():
        blocks = {}
        for seed in range(seeds):
            moved = noise * (seed - (seeds - 1) / 2)
            value = changed.get(name, top1) + moved
            block = {"median_top1": value, "median_top1_la": value + 0.05, "median_balanced_accuracy": value}
            block |= {"geometric_mean": value / 2, "recall_head": 0.94, "recall_mid": 0.8, "recall_tail": 0.3 + moved}
            for kind, (head, tail) in KINDS.items() if method != "supervised" else ():
                if kind != "final" and method != "daso":
                    continue
                right = changed.get("used_accuracy", 0.85) if method == "daso" else 0.57
                block |= {f"{kind}_used": 0.25 if method == "daso" else 0.45, f"{kind}_used_accuracy": right + moved}
                block |= {f"{kind}_accuracy": 0.5, f"{kind}_recall": 0.69 + moved, f"{kind}_precision": 0.58}
                block |= {f"{kind}_recall_head": head + moved, f"{kind}_recall_tail": tail - moved}
                block |= {f"{kind}_precision_head": 0.13, f"{kind}_precision_tail": 0.75}
            blocks[str(seed)] = block
        found[name] = {"seeds": blocks}
    return found


def make_few_table(name: str = "Coat") -> pd.DataFrame:
    """The task, three seeds; `name` is the class with most labels."""
    blocks = []
    for seed in range(3):
        parts = {"train": LABELED, "unlabeled": UNLABELED, "test": (2,) * 10}
        rows = [(part, place) for part, counts in parts.items() for place in np.repeat(np.arange(10), counts)]
        block = pd.DataFrame(rows, columns=["part", "fine"]).assign(seed=seed)
        block["row"] = np.arange(len(block))
        block["sample"] = [f"s{row}" for row in block["row"]]
        block["fine_name"] = [name if fine == 0 else f"class {fine}" for fine in block["fine"]]
        block["label"] = block["fine"].where(block["part"] != "unlabeled", -1)
        block["label_name"] = block["fine_name"].where(block["part"] != "unlabeled", "")
        blocks.append(block)
    return pd.concat(blocks, ignore_index=True)


def make_few_histories(passing: float = 0.0) -> dict[str, pd.DataFrame]:
    """The last rows; `passing`: share of the most blended class among the labels that DASO uses."""
    upsilons = [1.0, None, *[0.1] * 8]
    found = {}
    for name, share in (("daso_few", passing), ("fixmatch_few", 0.3)):
        shares = json.dumps([share, *[(1 - share) / 9] * 9])
        rows = {"seed": [0, 1, 2], "epoch": 12, "final_used_shares": shares}
        found[name] = pd.DataFrame(rows | ({"upsilons": json.dumps(upsilons)} if name == "daso_few" else {}))
    return found


def make_few_results(metrics: dict[str, Any], name: str = "Coat") -> tuple[pd.DataFrame, dict[str, TaskFacts]]:
    """Named rows and the task's facts."""
    runs, table = make_few_runs(), make_few_table(name)
    tasks = {TASK: describe(TASK, table.loc[table["seed"] == 0])}
    return name_rows(tabulate(runs, metrics), runs, tasks), tasks
