"""Where the classes of a data set stand in a hierarchy."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import pandas as pd

from gristmill.data.source import setting
from gristmill.errors import UserError
from gristmill.labels.hierarchy import Hierarchy

WNID = "wnid"  # a column of prepared tables whose classes are synsets


def place_classes(hierarchy: Hierarchy, table: pd.DataFrame, settings: Any) -> dict[str, str]:
    """Class -> key of its node, in the order of the fine labels, without those that are dropped.

    Args:
        table: fine, fine_name and, where the source knows it, wnid.
        settings: dict or object; `names` (class -> its node) goes before the column wnid, that before the class's name;
            `drop` lists the classes that stay out.

    Raises:
        UserError: a class without a node, or whose name has several meanings; a name that is no class.
    """
    found, missing = try_places(hierarchy, table, settings)
    if missing:
        name, why = next(iter(missing.items()))
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise UserError(f"names: class '{name}'{more}: {why}; give its node under names, or list it under drop")
    if not found:
        raise UserError("drop: no class is left")
    return found


def try_places(hierarchy: Hierarchy, table: pd.DataFrame, settings: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Class -> key of its node; and class -> why it has none."""
    known = searched_names(table)
    names, drop = setting(settings, "names") or {}, setting(settings, "drop") or []
    for place, given in (("names", names), ("drop", drop)):
        check_classes(place, given, known)
    found, missing = {}, {}
    for name, searched in known.items():
        if name not in drop:
            try:
                found[name] = hierarchy.meant(names.get(name, searched))
            except UserError as error:
                missing[name] = str(error).removesuffix("; write one")
    return found, missing


def searched_names(table: pd.DataFrame) -> dict[str, str]:
    """Class -> what is looked up for it: its wnid where the table has one, else its name."""
    classes = table.loc[table["fine"] >= 0].drop_duplicates("fine").sort_values("fine")
    return dict(zip(classes["fine_name"], classes[WNID if WNID in classes else "fine_name"], strict=True))


def check_classes(place: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a name that is no class of the data."""
    classes = list(known)
    for name in given:
        if name not in classes:
            near = get_close_matches(name, classes, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise UserError(f"{place}: '{name}' is none of the {len(classes)} classes of the data{hint}")
