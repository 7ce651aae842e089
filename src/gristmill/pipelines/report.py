"""What is made of all runs together."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("experiment", "title", "method", "dataset", "task", "seed")


def tabulate(runs: list[dict[str, Any]], **metrics: dict[str, Any]) -> "pd.DataFrame":
    """Every figure of every run.

    Args:
        runs: what params.yaml says of each experiment.
        metrics: experiment -> its metrics.

    Returns:
        a row for each seed of each experiment, in the order of params.yaml: experiment, title, method, dataset,
        task, seed, then the figures.
    """
    import pandas as pd

    rows = []
    for run in runs:
        seeds = metrics.get(run["experiment"], {}).get("seeds", {})
        for seed in sorted(seeds, key=int):
            rows.append({**{key: run[key] for key in KEYS[:-1]}, "seed": int(seed), **seeds[seed]})
    table = pd.DataFrame(rows)
    return table.reindex(columns=sorted(table, key=place))


def place(column: str) -> tuple[int, str, int]:
    """Figures by name, then by K as a number; what says which run it is stays in front."""
    if column in KEYS:
        return KEYS.index(column), "", 0
    name, _, k = column.rpartition("_")
    return (len(KEYS), name, int(k)) if k.isdigit() and name else (len(KEYS) + 1, column, 0)
