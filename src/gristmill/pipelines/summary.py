"""What is shown of one method's runs."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def collect(**results: Any) -> dict[str, Any]:
    """One method's results in one piece: `metrics.<experiment>`, `history.<experiment>`, `features.<experiment>`.

    Those of an experiment that was not run to its end are left out.
    """
    missing = {name.split(".", 1)[1] for name, value in results.items() if value is None}
    return {name: value for name, value in results.items() if name.split(".", 1)[1] not in missing}


def under(prefix: str, data: dict[str, Any]) -> dict[str, Any]:
    """What is named with the prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in data.items() if name.startswith(prefix)}


def summarize(runs: list[dict[str, Any]], collected: dict[str, Any]) -> "pd.DataFrame":
    """The method's table.

    Args:
        runs: what params.yaml says of each experiment.
        collected: the method's results.

    Returns:
        a row an experiment: experiment, title, task, n (seeds), then mean and, with several seeds, sd of each figure.
    """
    import pandas as pd

    rows, metrics = [], under("metrics.", collected)
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


def plot_curves(runs: list[dict[str, Any]], collected: dict[str, Any]) -> bytes:
    """Loss and Recall@1 or top-1 accuracy by epoch, a line a seed, as SVG.

    Args:
        runs: what params.yaml says of each experiment.
        collected: the method's results.
    """
    from gristmill.figures.curves import training_curves
    from gristmill.figures.save import svg

    names = {run["experiment"]: f"{run['title']}, {run['task']}" for run in runs}
    histories = under("history.", collected)
    return svg(training_curves({names[name]: history for name, history in histories.items()}))


def plot_pseudo_labels(
    runs: list[dict[str, Any]], collected: dict[str, Any], settings: dict[str, Any], **tables: "pd.DataFrame"
) -> dict[str, bytes]:
    """Quality of pseudo-labels by class, kind and time, and how they were blended, of one method's runs.

    Args:
        runs: what params.yaml says of each experiment.
        collected: the method's results.
        settings: of figures: `dpi`.
        tables: task -> its table.

    Returns:
        file name -> content.
    """
    from gristmill.report.class_runs import class_runs
    from gristmill.report.draw_classes_labels import label_pictures
    from gristmill.report.pictures import contents
    from gristmill.report.results import tabulate

    rows = tabulate(runs, under("metrics.", collected))
    there = {name: table for name, table in tables.items() if table is not None}
    found = class_runs(rows, there, under("history.", collected), {})
    return contents(picture for own in found for picture in label_pictures(own, settings["dpi"]))
