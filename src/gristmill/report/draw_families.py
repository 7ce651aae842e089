"""The picture of all families."""

from gristmill.figures.save import svg
from gristmill.figures.side_by_side import grouped_dots
from gristmill.figures.theme import LIGHT, Mode
from gristmill.report.families import Families
from gristmill.report.pictures import Picture
from gristmill.report.results import having
from gristmill.report.sentences import seeds
from gristmill.report.separation import means_of
from gristmill.report.side_by_side import METRICS, look_of, mean_of, rising

FAMILY = {"no_labels": "views", "coarse": "coarse", "few": "few", "all_labels": "views", "floor": "coarse"}


def families_pictures(families: Families, mode: Mode = LIGHT) -> list[Picture]:
    """Every method's figures, by what it is told."""
    metrics, headline, say = families.metrics, families.headline, families.words
    floor = having(families.rows, "kind", "floor")
    parts = {"not trained": floor} if len(floor) else {}
    groups = {told: rising(rows, headline)[::-1] for told, rows in (parts | families.groups()).items()}
    runs = families.rows.assign(family=[FAMILY[kind] for kind in families.rows["kind"]])
    runs = runs.assign(look=[look_of(*run) for run in runs[["method", "title"]].to_numpy()])
    level = next(iter(means_of(floor, headline)), "")
    titles = [title for own in groups.values() for title in own]
    counts = [len(set(having(runs, "title", title)["seed"])) for title in titles]
    told = [
        f"{group}: " + ", ".join(f"{title} {mean_of(runs, title, headline):.3f}" for title in own)
        for group, own in groups.items()
    ]
    name = f"families_{families.dataset}"
    file = f"{name}.svg" if mode == LIGHT else f"{name}_{mode.name}.svg"
    line = f" The dashed line is {level}." if level else ""
    table = runs[["title", "told", "seed", *metrics]]
    panels = {metric: METRICS[metric] for metric in metrics}
    return [
        Picture(
            name=name,
            section="longer",
            title="All families, by the labels that they read",
            caption=f"Marks are means over seeds ({seeds(counts)}), whiskers one standard deviation, small points "
            f"below them seeds. Same network, same test {say.many(say.image)}.{line}",
            alt=f"{METRICS[headline]}. " + "; ".join(told),
            family="together",
            data=table.to_csv(index=False, float_format="%.6g", lineterminator="\n"),
            files={file: svg(grouped_dots(runs, groups, panels, level, mode))},
        )
    ]
