"""The table of results in the terminal."""

import json
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gristmill.errors import UserError
from gristmill.parameters.resolve import STEPS, entries, title
from gristmill.pipelines.over_seeds import over_seeds
from gristmill.protocols import PROTOCOLS
from gristmill.report.choice import ALL_LABELS, two_views

RETRIEVAL = {
    "recall_1": "Recall@1",
    "recall_2": "Recall@2",
    "recall_5": "Recall@5",
    "recall_10": "Recall@10",
    "coarse_recall_1": "coarse @1",
}
CLASSES = {
    "median_top1": "top-1",
    "median_top1_la": "against prior",
    "recall_head": "head",
    "recall_tail": "tail",
    "final_recall": "labels: recall",
    "final_used": "used",
    "final_used_accuracy": "of these right",
}
USUAL = {"knn_logo_1": "kNN top-1", "linear_lbfgs_1": "linear top-1"}
VIEWS = {f"{name}_top1": USUAL.get(name, f"{name} top-1") for name in PROTOCOLS} | {"recall_1": "Recall@1"}
ROLES = ("floor", "method", "no_labels", "all_labels", "bound")  # in the order of rows
BRIEF = ("recall_head", "recall_tail", "final_used")  # without deviation, so that a row fits into 120 columns
ALONE = "Supervised"  # sees no unlabeled image, so it stands first
REPORT = Path("data/report/report.html")
OTHER_BITS = (
    "Another processor or torch gives other last bits than those in git; "
    "`git checkout dvc.lock data/runs` takes them back"
)


def print_results(parameters: dict[str, Any], as_json: bool) -> None:
    """A table a task: floors first, upper bound last, the highest between them bold.

    Raises:
        UserError: nothing has been evaluated yet.
    """
    tables = result_tables(parameters)
    if not any(row["n"] for rows in tables.values() for row in rows):
        raise UserError("data/runs: no results yet; dvc repro makes them")
    if as_json:
        print(json.dumps(tables, indent=2))
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=120)
    for task, rows in tables.items():
        console.print(heading(parameters, task, rows))
        console.print(task_table(rows))
    page = f"Report: {REPORT}      " if REPORT.exists() else ""
    console.print(f"{page}Again: dvc repro      What next: gristmill --help")
    if other_bits():
        console.print(OTHER_BITS)


def other_bits() -> bool:
    """Whether git shows results as changed though nothing was that they come from; not without git."""

    def differs(*paths: str) -> bool:
        command = ["git", "diff", "--quiet", "HEAD", "--", *paths]
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 1
        except FileNotFoundError:
            return False

    return differs("dvc.lock", "data/runs") and not differs("params.yaml", "src")


def result_tables(parameters: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Task -> rows: title, role (of ROLES), n, and the mean and sd of each figure.

    Floors know no labels, so they stand in the table of every task of their data set; an experiment on the fine
    classes themselves is the upper bound of all of them. Experiments that differ in nothing but seeds are one row.
    Methods of two views stand apart, a table a data set.
    """
    tasks = parameters["tasks"]
    every = {name: entry for name, (kind, entry) in entries(parameters).items() if "evaluate" in STEPS[kind]}
    experiments = {name: entry for name, entry in every.items() if not two_views(entry["method"])}
    fine = {name for name, entry in tasks.items() if entry.get("grouping") == "fine"}
    tables = {}
    for task, entry in tasks.items():
        seeds: dict[tuple[int, str], dict[str, Any]] = defaultdict(dict)
        for name, run in experiments.items():
            floor, bound = run["method"] == "untrained", run["task"] in fine
            if run["dataset"] == entry["dataset"] and (run["task"] == task or floor or bound):
                place = 0 if floor else 2 if bound else 1
                foreign = run["task"] != task
                for seed, values in read_seeds(name).items():
                    kept = {k: v for k, v in values.items() if not (foreign and k.startswith(("coarse", "discover")))}
                    seeds[place, title(run)].setdefault(seed, kept)
                seeds.setdefault((place, title(run)), {})
        rows = [row(("floor", "method", "bound")[place], text, found) for (place, text), found in seeds.items()]
        rows.sort(key=lambda r: (("floor", "method", "bound").index(r["role"]), r["title"] != ALONE, headline(r)))
        if any(r["role"] == "method" for r in rows):
            tables[task] = rows
    return tables | view_tables(every)


def view_tables(experiments: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """`<data set>: no labels, all labels` -> rows of methods of two views, floors first."""
    tables = {}
    for dataset in dict.fromkeys(run["dataset"] for run in experiments.values() if two_views(run["method"])):
        seeds: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        for name, run in experiments.items():
            floor = run["method"] == "untrained"
            if run["dataset"] == dataset and (floor or two_views(run["method"])):
                role = "floor" if floor else "all_labels" if run["method"] in ALL_LABELS else "no_labels"
                seeds[role, title(run)] = read_seeds(name) | seeds[role, title(run)]
        rows = [row(role, text, found) for (role, text), found in seeds.items()]
        rows.sort(key=lambda r: (ROLES.index(r["role"]), next(iter(probes(r).values()), 0.0)))
        tables[f"{dataset}: no labels, all labels"] = rows
    return tables


def probes(row: dict[str, Any]) -> dict[str, float]:
    """The figures of VIEWS that a row has."""
    return {name: row["mean"][name] for name in VIEWS if name in row["mean"]}


def headline(row: dict[str, Any]) -> float:
    """The figure that rows are sorted by."""
    return row["mean"].get("recall_1", row["mean"].get("median_top1", 0))


def row(role: str, text: str, seeds: dict[str, dict[str, float]]) -> dict[str, Any]:
    """One line of a table."""
    found = over_seeds(list(seeds.values())) if seeds else {"mean": {}}
    return {"title": text, "role": role, "n": len(seeds), **found}


def read_seeds(experiment: str) -> dict[str, dict[str, float]]:
    """The metrics of each seed; empty where there are none yet.

    Raises:
        UserError: the file is damaged.
    """
    path = Path("data/runs", experiment, "metrics.json")
    try:
        return dict(json.loads(path.read_text("utf-8"))["seeds"]) if path.exists() else {}
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{path}: damaged; delete it and run dvc repro again") from None


def task_table(rows: list[dict[str, Any]]) -> Table:
    """As a person reads it."""
    heads = VIEWS if of_views(rows) else RETRIEVAL | CLASSES
    columns = [name for name in heads if any(name in r["mean"] for r in rows)]
    judged = [r for r in rows if r["role"] not in ("floor", "bound")]
    best = {
        (role, name): max(r["mean"].get(name, 0) for r in judged if r["role"] == role)
        for role in dict.fromkeys(r["role"] for r in judged)
        for name in columns
    }
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in columns:
        table.add_column(heads[name], justify="right")
    for r in rows:
        cells = []
        for name in columns:
            value, deviation = r["mean"].get(name), r.get("sd", {}).get(name)
            spread = f" ± {deviation:.3f}" if deviation is not None and name not in BRIEF else ""
            cell = "" if value is None else f"{value:.3f}{spread}"
            bold = name != "final_used" and value is not None and value == best.get((r["role"], name))
            cells.append(f"[bold]{cell}[/bold]" if bold else cell)
        read = f"  ({r['role'].replace('_', ' ')})" if r["role"].endswith("labels") else ""
        table.add_row(escape(r["title"]) + read + ("" if r["n"] else "  (not run)"), *cells)
    return table


def of_views(rows: list[dict[str, Any]]) -> bool:
    """Whether a table is of methods of two views."""
    return any(r["role"].endswith("labels") for r in rows)


def heading(parameters: dict[str, Any], task: str, rows: list[dict[str, Any]]) -> str:
    """`omniglot_good: fine Recall@K on 1,452 images (n = 1)`."""
    counts = sorted({r["n"] for r in rows if r["n"]}) or [0]
    n = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    if of_views(rows):
        return f"\n{task}; share of test images whose fine class is found, n = {n}"
    images = test_images(task)
    on = f" on {images:,} test images" if images else ""
    entry = parameters["tasks"][task]
    labels = entry.get("grouping") or entry.get("hierarchy", {}).get("source", "long tail")
    what = "classes" if any(name in r.get("mean", {}) for r in rows for name in CLASSES) else "retrieval by fine class"
    return f"\n{task} (labels: {labels}), {what}{on}, n = {n}"


def test_images(task: str) -> int:
    """How many images the test part has; 0 where the task is not there."""
    path = Path("data/tasks", task, "table.parquet")
    if not path.exists():
        return 0
    from pyarrow.parquet import read_table

    table = read_table(path, columns=["part", "row"]).to_pydict()  # a task of several seeds has its test part for each
    return len({row for part, row in zip(table["part"], table["row"], strict=True) if part == "test"})
