"""What is shown of one method's runs."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from gristmill.figures.curves import Watch


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
    """Loss and what the runs are watched by, by epoch, a line a seed, as SVG.

    That is the first protocol of their monitor that all histories have, else Recall@1 or top-1 accuracy.

    Args:
        runs: what params.yaml says of each experiment.
        collected: the method's results.
    """
    from gristmill.figures.curves import training_curves
    from gristmill.figures.save import svg

    names = {run["experiment"]: f"{run['title']}, {run['task']}" for run in runs}
    histories = under("history.", collected)
    lines = {names[name]: history for name, history in histories.items()}
    mine = [run for run in runs if run["experiment"] in histories]
    return svg(training_curves(lines, watch=watched(mine, histories)))


def watched(runs: list[dict[str, Any]], histories: "dict[str, pd.DataFrame]") -> "Watch | None":
    """The first protocol of the runs' monitor that all histories have; None where there is none."""
    from gristmill.figures.curves import Watch
    from gristmill.protocols import PROTOCOLS
    from gristmill.report.two_views import axis_words, metric_name, top1

    names = dict.fromkeys(name for run in runs for name in run["train"].get("monitor", {}).get("protocols", []))
    columns = [top1(PROTOCOLS[name]) for name in names]
    column = next((name for name in columns if all(name in history for history in histories.values())), None)
    return Watch(column, metric_name(column, columns), axis_words(column)) if column else None


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
