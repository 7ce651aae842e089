"""Tables of the longer trainings, beside the demo's own numbers."""

from collections.abc import Iterable

import pandas as pd

from gristmill.report.differences import PARTS, Gap, differences, machines
from gristmill.report.longer import Longer, lengths, mean_of
from gristmill.report.results import having, summarize
from gristmill.report.sentences import seeds
from gristmill.report.separation import Difference, best
from gristmill.report.tables import Cell, Row, Table, cell
from gristmill.report.words import dataset_name, words

COLUMNS = ("recall_1", "recall_10", "coarse_recall_1", "discover_accuracy")


def longer_tables(longer: Longer, demo: pd.DataFrame | None = None) -> list[Table]:
    """A table for each grouping, and one of differences.

    Args:
        demo: the page's own results (`results.name_rows`): their Recall@1 stands beside. None: no such column.
    """
    tasks = [longer.good] + [longer.bad] * bool(longer.bad)
    return [longer_table(longer, task, demo) for task in tasks] + [difference_table(longer)]


def longer_table(longer: Longer, task: str, demo: pd.DataFrame | None) -> Table:
    """The methods on one grouping; those that were trained even longer stand below them."""
    say, own = words(task), longer.shown(longer.table, task)
    tops = {name: best(own, name) for name in COLUMNS}
    rows: list[Row] = []
    for title, mine in by_title(longer.shown(longer.summary(), task)):
        cells = []
        for name in COLUMNS:
            top = tops[name]
            mark = "" if top is None or top.title != title else "best" if top.sure else "highest"
            cells.append(cell(mine.loc[name], mark) if name in mine.index else Cell())
        beside = [] if demo is None else [demo_cell(demo, longer, title, task)]
        rows.append(row(title, mine, [cells[0], *beside, *cells[1:]]))
    if task == longer.good:
        upper = next((place for place, one in enumerate(rows) if one.kind == "upper"), len(rows))
        rows[upper:upper] = long_rows(longer, beside=demo is not None)
    columns = ["R@1", *["R@1 of the demo"] * (demo is not None), "R@10", f"{say.coarse} R@1", "found, accuracy"]
    title = f"{dataset_name(longer.dataset)}, labels: {say.grouping}, {longer.epochs} epochs"
    return Table(task, title, note(longer, task, demo is not None), columns, rows, seeds(row.n for row in rows))


def long_rows(longer: Longer, beside: bool) -> list[Row]:
    """The methods that were trained even longer; they compete with nobody for a mark."""
    rows = []
    for title, mine in by_title(even_longer(longer)):
        cells = [cell(mine.loc[name], "") if name in mine.index else Cell() for name in COLUMNS]
        rows.append(row(title, mine, [cells[0], *[Cell()] * beside, *cells[1:]]))
    return rows


def by_title(summary: pd.DataFrame) -> Iterable[tuple[str, pd.DataFrame]]:
    """Title and its rows by metric, in order."""
    return [(title, having(summary, "title", title).set_index("metric")) for title in dict.fromkeys(summary["title"])]


def row(title: str, mine: pd.DataFrame, cells: list[Cell]) -> Row:
    """One method's row."""
    return Row(title, mine["kind"].iloc[0], cells, int(mine.loc["recall_1", "n"]), float(mine.loc["recall_1", "mean"]))


def even_longer(longer: Longer) -> pd.DataFrame:
    """Summary of the runs with more epochs than the table's."""
    runs = lengths(longer)
    runs = runs.loc[runs["epochs"] > longer.epochs]
    runs = runs.assign(title=[f"{name}, {number:g} epochs" for name, number in runs[["curve", "epochs"]].to_numpy()])
    return summarize(runs.drop(columns=["curve", "epochs", "m", "T1", "w", "T2", "seconds"], errors="ignore"))


def demo_value(demo: pd.DataFrame, longer: Longer, title: str, task: str, metric: str = "recall_1") -> float | None:
    """The demo's mean of the same method, if it ran it."""
    rows = having(having(demo, "dataset", longer.dataset), "title", title)
    if title not in longer.read_nothing() and "coarse" in set(rows["kind"]):
        rows = having(rows, "task", task)
    rows = rows.dropna(subset=[metric]) if metric in rows else rows.iloc[:0]
    return mean_of(rows, metric) if len(rows) else None


def demo_cell(demo: pd.DataFrame, longer: Longer, title: str, task: str) -> Cell:
    """The same as a cell."""
    value = demo_value(demo, longer, title, task)
    return Cell() if value is None else Cell(f"{value:.3f}")


def note(longer: Longer, task: str, beside: bool) -> str:
    """How the figures came about."""
    say = words(task)
    free = " or ".join(longer.read_nothing())
    shared = f" {free} reads no labels and stands in both tables." if longer.bad and free else ""
    if task != longer.good:
        return f"The same trainings, told {say.grouping}.{shared}"
    made = "; ".join(f"{count} runs on {name}" for name, count in machines(longer.rows).items())
    return (
        f"Recall@K after {longer.epochs} epochs where the row says nothing else"
        f"{'; beside it what the demo reached' if beside else ''}. "
        f"Last, the share of right {say.image}s when the {say.fine}s of each {say.coarse} are found by clustering."
        f"{shared} Among the methods with coarse labels a column's highest is bold where the paired "
        f"95 % interval separates it from every other of {longer.epochs} epochs. Made on: {made}."
    )


def difference_table(longer: Longer) -> Table:
    """Differences with their intervals."""
    say = words(longer.good)
    rows = [difference_row(one) for one in differences(longer)]
    columns = ["R@1", f"{say.coarse} R@1", f"of these, {say.fine}"]
    about = (
        "First minus second, paired by seed, with the 95 % interval of the difference (Student's t); bold where it "
        f"excludes zero. R@1 is the product of the shares behind it: the nearest {say.image} has the right "
        f"{say.coarse}, and, if so, the right {say.fine}. Told {say.grouping} where nothing else is said. "
        f"Each its best: w with the highest Recall@1 on the test {say.image}s, so no fair choice."
    )
    title = f"{dataset_name(longer.dataset)}: differences after {longer.epochs} epochs, and after more"
    return Table("differences", title, about, columns, rows, "", head="Difference")


def difference_row(one: Gap) -> Row:
    """One line of it."""
    cells = [difference_cell(one.parts[name]) if name in one.parts else Cell() for name in PARTS]
    across = f" ({one.across} pairs across machines)" if one.across else ""
    return Row(one.what + across, "coarse", cells, one.parts["recall_1"].n, None)


def difference_cell(gap: Difference) -> Cell:
    """`+0.054`, and `+0.027 to +0.082` behind it where there are several seeds."""
    if gap.n < 2:
        return Cell(signed(gap.mean))
    interval = f"{signed(gap.low)} to {signed(gap.high)}"
    return Cell(signed(gap.mean), mark="best" if gap.separated else "", interval=interval)


def signed(value: float) -> str:
    """Three digits, a sign, none at zero, a minus that is as wide as a plus."""
    text = f"{value:+.3f}"
    return "0.000" if float(text) == 0 else text.replace("-", "−")
