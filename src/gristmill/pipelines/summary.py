"""What is shown of one method's runs."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def summarize(runs: list[dict[str, Any]], **metrics: dict[str, Any]) -> "pd.DataFrame":
    """The method's table.

    Args:
        runs: what params.yaml says of each experiment.
        metrics: experiment -> its metrics.

    Returns:
        a row an experiment: experiment, title, task, n (seeds), then mean and, with several seeds, sd of each figure.
    """
    import pandas as pd

    rows = []
    for run in runs:
        found = metrics.get(run["experiment"])
        if found:
            row = {key: run[key] for key in ("experiment", "title", "task")} | {"n": len(found["seeds"])}
            for name, mean in found["mean"].items():
                row[name] = mean
                if "sd" in found:
                    row[f"{name}_sd"] = found["sd"][name]
            rows.append(row)
    return pd.DataFrame(rows)


def curves(runs: list[dict[str, Any]], **histories: "pd.DataFrame") -> bytes:
    """Loss and Recall@1 by epoch, a line a seed, as SVG.

    Args:
        runs: what params.yaml says of each experiment.
        histories: experiment -> its history.
    """
    from gristmill.figures.curves import training_curves
    from gristmill.figures.save import svg

    names = {run["experiment"]: f"{run['title']}, {run['task']}" for run in runs}
    return svg(training_curves({names[name]: history for name, history in histories.items()}))
