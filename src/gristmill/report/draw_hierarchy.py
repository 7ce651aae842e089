"""Pictures of hierarchies: where a task's coarse classes come from."""

from collections.abc import Mapping

import pandas as pd

from gristmill.figures.hierarchy import hierarchy_tree, readable
from gristmill.figures.save import svg
from gristmill.labels.sketch import from_json
from gristmill.report.pictures import Picture
from gristmill.report.words import words


def hierarchy_pictures(tables: Mapping[str, pd.DataFrame]) -> list[Picture]:
    """One for each task that was cut out of a hierarchy.

    Args:
        tables: task -> its table; `attrs["hierarchy"]` as `labels.sketch.to_json` writes it.
    """
    return [hierarchy_picture(name, table) for name, table in tables.items() if "hierarchy" in table.attrs]


def hierarchy_picture(task: str, table: pd.DataFrame) -> Picture:
    """The tree with the cut."""
    tree, say = from_json(table.attrs["hierarchy"]), words(task)
    name = f"hierarchy_{task}"
    rows = [
        {"node": branch.names[-1], "key": branch.key, say.coarse: tree.labels[branch.label], say.fine: own}
        for _, branch in tree.rows()
        if branch.label is not None
        for own in branch.classes
    ]
    open_classes = f" {tree.sentence()}: the nearest has them." if tree.other else ""
    return Picture(
        name=name,
        section="look",
        title=f"{readable(task)}: the coarse classes in their hierarchy",
        caption=f"{say.some(tree.count, say.fine)} make {say.some(len(tree.labels), say.coarse)}. Dots are nodes of "
        f"the cut, bars how many {say.many(say.fine)} each decides; behind them {say.many(say.fine)}, after the "
        f"{say.coarse} where it is called differently.{open_classes}",
        alt=f"{len(tree.labels)} {say.many(say.coarse)}: {', '.join(map(readable, tree.labels))}",
        settings=tree.title,
        data=pd.DataFrame(rows).to_csv(index=False),
        files={f"{name}.svg": svg(hierarchy_tree(tree))},
    )
