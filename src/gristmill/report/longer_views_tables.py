"""Tables of the longer trainings of two views: the methods, what they differ by, MoCo's memory and momentum."""

from math import isfinite

from gristmill.report.longer_tables import difference_cell
from gristmill.report.longer_views import CURVES, QUESTIONS, LongerViews
from gristmill.report.results import TWO_VIEWS, having
from gristmill.report.sentences import seeds
from gristmill.report.separation import best
from gristmill.report.side_by_side import METRICS, SECONDS, changes, figure_cell, mean_of, times
from gristmill.report.tables import Cell, Row, Table
from gristmill.report.words import dataset_name


def longer_view_tables(longer: LongerViews) -> list[Table]:
    """Those that have rows."""
    found = [method_table(longer), difference_table(longer), *(curve_table(longer, one) for one in longer.curves)]
    return [table for table in found if table.rows]


def method_table(longer: LongerViews) -> Table:
    """Floors, methods without labels, methods with all."""
    tops = {kind: {name: best(longer.table, name, kind) for name in longer.metrics} for kind in TWO_VIEWS}
    rows = []
    for title in longer.titles():
        own = having(longer.table, "title", title)
        kind = str(own["kind"].iloc[0])
        cells = [figure_cell(own, title, name, tops.get(kind, {}).get(name)) for name in longer.metrics]
        epochs, seconds = longer.epochs(title), mean_of(own, title, SECONDS)
        shown = kind != "floor"
        cells += [Cell(f"{epochs:g}" if shown and isfinite(epochs) else "–")]
        cells += [Cell(f"{seconds:,.0f}" if shown and isfinite(seconds) else "–")]
        height = mean_of(own, title, longer.headline)
        rows.append(Row(title, kind, cells, len(set(own["seed"])), height if isfinite(height) else None))
    say = longer.words
    about = (
        f"Features are asked for the {say.fine} of test {say.image}s, as in the table of the demo. Floors first, then "
        "methods that read no labels and methods that read all. Of these two groups a column's highest is bold where "
        "the paired 95 % interval over seeds separates it from every other of its group."
    )
    columns = [*(METRICS[name] for name in longer.metrics), "epochs", "processor seconds"]
    title = f"{dataset_name(longer.dataset)}: two views, longer trainings"
    return Table("longer_views", title, about, columns, rows, seeds(row.n for row in rows))


def difference_table(longer: LongerViews) -> Table:
    """Pairs that have something alike."""
    rows = []
    for _, one, other, alike in QUESTIONS:
        first, second = longer.title(one), longer.title(other)
        gaps = changes(longer.rows, first, second) if first and second else {}
        if gaps:
            cells = [difference_cell(gaps[name]) if name in gaps else Cell() for name in longer.metrics]
            cells += [Cell(alike), Cell(times(longer.rows, first, second) or "–")]
            rows.append(Row(f"{first} − {second}", "no_labels", cells, max(gap.n for gap in gaps.values()), None))
    about = (
        "First minus second, paired by seed, with the 95 % interval of the difference (Student's t); bold where it "
        "excludes zero. Last, what the two have alike, and the first one's processor seconds by the second's."
    )
    columns = [*(METRICS[name] for name in longer.metrics), "alike", "processor seconds"]
    title = f"{dataset_name(longer.dataset)}: two views, differences"
    return Table("longer_views_differences", title, about, columns, rows, "", head="Difference")


def curve_table(longer: LongerViews, setting: str) -> Table:
    """One setting of MoCo, by rising value."""
    curve, rows = longer.curves[setting], []
    for title, value in dict(zip(curve["title"], curve["value"], strict=True)).items():
        cells = [figure_cell(curve, title, name) for name in longer.metrics]
        n = len(set(having(curve, "title", title)["seed"]))
        rows.append(Row(f"{setting} {value:g}", "no_labels", cells, n, None))
    about = f"Nothing else is changed; {longer.epochs(str(curve['title'].iloc[0])):g} epochs."
    columns = [METRICS[name] for name in longer.metrics]
    return Table(f"longer_views_{setting}", f"MoCo: {CURVES[setting]}", about, columns, rows, "", head="Setting")
