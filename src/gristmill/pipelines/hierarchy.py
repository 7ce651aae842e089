"""A hierarchy and its cut in the terminal: of a task, or of a data set before there is a task."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from gristmill.data.source import reader, sample_table
from gristmill.errors import UserError
from gristmill.labels.coarse import group_coarse
from gristmill.labels.cut import CUTS
from gristmill.labels.hierarchy import Hierarchy, spelled
from gristmill.labels.hierarchy_files import read_hierarchy
from gristmill.labels.placed import searched_names, try_places
from gristmill.labels.sketch import Branch, Sketch, from_json
from gristmill.parameters.entries import Task
from gristmill.parameters.explain import errors, line

PREPARED = "data/prepared/{}/table.parquet"


def print_hierarchy(parameters: dict[str, Any], task: str | None, dataset: str | None, given: dict[str, Any]) -> None:
    """Print a tree down to the cut, and the coarse classes.

    Args:
        parameters: the content of params.yaml, checked.
        task: whose hierarchy; None: `dataset` below `given["source"]`, a name of several meanings having the
            commonest.
        given: `source`, and one of CUTS where it is not the task's; None where it was not said.

    Raises:
        UserError: no such task or data set, a cut that does not fit.
    """
    entry = the_entry(parameters, task, dataset)
    settings = the_settings(entry, {key: value for key, value in given.items() if value not in (None, [])})
    table = classes_of(parameters, entry["dataset"])
    hierarchy = read_hierarchy(settings["source"])
    found, missing = try_places(hierarchy, table, settings)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=120)
    if missing:
        console.print(Group(*proposals(hierarchy, table, settings, missing)), soft_wrap=True)
        if task is not None:
            raise UserError(
                f"params.yaml: tasks.{task}.hierarchy: names: {len(missing)} classes have no node, see above"
            )
        settings = assumed(hierarchy, table, settings, missing)
        found, _ = try_places(hierarchy, table, settings)
    if not found:
        raise UserError(f"no class of {entry['dataset']} has a node in {hierarchy.called}")
    if not set(settings) & set(CUTS):  # the whole tree
        settings = {**settings, "depth": max((len(hierarchy.path(key)) for key in found.values()), default=1) - 1}
    name = task or str(dataset)
    try:
        made = group_coarse(table, {**entry, "hierarchy": settings})
    except UserError as error:  # what was tried does not stand in params.yaml
        raise UserError(f"{name}: {str(error).removeprefix('params.yaml: tasks: hierarchy: ')}") from error
    tree = from_json(made.attrs["hierarchy"])
    console.print(heading(name, tree))
    console.print(Group(*map(drawn, tree.tops)))
    console.print()
    console.print(coarse_classes(tree, made if "images_sha256" in made.attrs else None))
    if tree.sentence():
        console.print(f"\n{tree.sentence()}: the nearest node has them, of equally near ones the first.")


def the_entry(parameters: dict[str, Any], task: str | None, dataset: str | None) -> dict[str, Any]:
    """The task's entry, or one that names a data set alone."""
    kind, name = ("tasks", task) if task is not None else ("datasets", dataset)
    if name not in parameters[kind]:
        near = get_close_matches(str(name), parameters[kind], 1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(parameters[kind])}"
        raise UserError(f"params.yaml: {kind}: no '{name}'; {hint}")
    if task is None:
        return {"dataset": dataset}
    if dataset not in (None, parameters["tasks"][task]["dataset"]):
        raise UserError(f"task '{task}' is on {parameters['tasks'][task]['dataset']}; give a task or a data set")
    return parameters["tasks"][task]


def the_settings(entry: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The task's hierarchy with what was given instead; a new cut takes the place of the old one; maybe no cut."""
    settings = {"source": "wordnet", **entry.get("hierarchy", {})}
    if set(given) & set(CUTS):
        settings = {key: value for key, value in settings.items() if key not in (*CUTS, "order")}
    settings |= given
    checked = settings if set(settings) & set(CUTS) else {**settings, "depth": 0}
    for error in errors(Task, {"dataset": "x", "hierarchy": checked}):
        raise UserError(line(Task, error, error["loc"]).replace("params.yaml: hierarchy", "hierarchy"))
    return settings


def classes_of(parameters: dict[str, Any], dataset: str) -> pd.DataFrame:
    """The prepared table; before there is one, a row a class where the source's module knows their names.

    Raises:
        UserError: nobody knows the classes yet.
    """
    prepared = Path(PREPARED.format(dataset))
    if prepared.exists():
        return pd.read_parquet(prepared)
    source = reader(parameters["datasets"][dataset]["source"])
    if hasattr(source, "LAYOUT"):
        return one_row_each(source.LAYOUT.fine_names)
    if hasattr(source, "class_table"):
        _, wnids, names = source.class_table()
        return one_row_each(names).assign(wnid=wnids)
    raise UserError(f"{prepared}: not there, so that the classes are not known; dvc repro prepare@{dataset}")


def one_row_each(names: Sequence[str]) -> pd.DataFrame:
    """A table with one image of each class, as a prepared one is."""
    fine = np.arange(len(names))
    return sample_table([str(i) for i in fine], "train", fine, names)


def proposals(
    hierarchy: Hierarchy, table: pd.DataFrame, settings: dict[str, Any], missing: dict[str, str]
) -> Iterator[Text]:
    """Lines for `names` in params.yaml: the commonest meaning of each class, the others behind it."""
    searched = searched_names(table) | (settings.get("names") or {})
    yield Text(f"{len(missing)} of {len(searched)} classes need a node; below names: in the task, for example\n")
    width = max(map(len, missing))
    for name, why in missing.items():
        keys = hierarchy.meanings.get(spelled(searched[name]), [])
        if not keys:
            yield Text(f"  {name + ':':{width + 1}} ?".ljust(width + 14) + f"# {why}")
            continue
        others = f"; or {hierarchy.listed(keys[1:])}" if keys[1:] else ""
        yield Text(f"  {name + ':':{width + 1}} {keys[0]}  # {hierarchy.described(keys[0])}{others}")
    yield Text("")


def assumed(
    hierarchy: Hierarchy, table: pd.DataFrame, settings: dict[str, Any], missing: dict[str, str]
) -> dict[str, Any]:
    """Settings to look at a data set with: the commonest meaning of each name, without the classes that have none."""
    searched = searched_names(table)
    meanings = {name: hierarchy.meanings.get(spelled(searched[name]), []) for name in missing}
    names = {name: keys[0] for name, keys in meanings.items() if keys}
    drop = [name for name, keys in meanings.items() if not keys]
    return {**settings, "names": {**(settings.get("names") or {}), **names}, "drop": drop or None}


def heading(name: str, tree: Sketch) -> Text:
    """`toy: 8 classes in WordNet's excerpt, cut at depth 4: 2 coarse classes`."""
    said = f": {tree.count} classes in {tree.title}: {some(len(tree.labels), 'coarse class')}\n"
    return Text.assemble((name, "bold"), said)


def some(count: int, noun: str) -> str:
    """`1 coarse class`, `2 coarse classes`."""
    return f"{count:,} {noun if count == 1 else noun + 'es'}"


def drawn(branch: Branch) -> Tree:
    """A branch as rich prints it: nodes of the cut are bold, with a mark, their coarse class and their classes."""
    tree = Tree(told(branch), guide_style="dim")
    ahead = [(tree, below) for below in branch.below]
    while ahead:
        place, below = ahead.pop(0)
        ahead += [(grown, part) for grown in [place.add(told(below))] for part in below.below]
    return tree


def told(branch: Branch) -> Text:
    """`vehicle n04524313  4 classes  ● 0: airplane, ...` in one line."""
    *above, last = branch.names
    key = f" {branch.key}" if branch.key not in ("", last) else ""
    text = Text(no_wrap=True, overflow="ellipsis").append(" › ".join([*above, ""]), "dim")
    text.append(last, "" if branch.label is None else "bold").append(key, "dim")
    own, every = len(branch.classes), len(branch.all_classes)
    text.append(f"  {own} of {every} classes" if 0 < own < every else f"  {some(every, 'class')}")
    if branch.label is not None:
        text.append(f"  ● {branch.label}", "bold green").append(f"  {', '.join(branch.classes)}", "dim")
    return text


def coarse_classes(tree: Sketch, made: pd.DataFrame | None) -> Table:
    """A line a coarse class: number, name, how many classes, how many images in each part."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title_justify="left")
    counts = [0] * len(tree.labels)
    for _, branch in tree.rows():
        if branch.label is not None:
            counts[branch.label] += len(branch.classes)
    parts = [] if made is None else list(dict.fromkeys(made.loc[made["label"] >= 0, "part"]))
    for head in ("", "coarse class", "classes", *(f"{part} images" for part in parts)):
        table.add_column(head, justify="left" if head == "coarse class" else "right")
    for number, name in enumerate(tree.labels):
        own = [] if made is None else made.loc[made["label"] == number, "part"].to_list()
        table.add_row(str(number), Text(name), str(counts[number]), *(f"{own.count(part):,}" for part in parts))
    return table


def unfit_hierarchies(parameters: dict[str, Any]) -> list[str]:
    """A line for each task whose hierarchy is not there, or lacks a node that the task names."""
    found = []
    for name, entry in parameters["tasks"].items():
        if "hierarchy" in entry:
            place, settings = f"params.yaml: tasks.{name}.hierarchy", entry["hierarchy"]
            try:
                hierarchy = read_hierarchy(settings["source"])
                for key, node in named_nodes(settings):
                    try:
                        hierarchy.meant(node)
                    except UserError as error:
                        raise UserError(f"{key}: {error}") from error
            except UserError as error:
                found.append(f"{place}: {error}")
    return found


def named_nodes(settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Key and node, for every node that a task names."""
    yield from (("names", node) for node in (settings.get("names") or {}).values())
    yield from (("nodes", node) for node in settings.get("nodes") or [])
    yield from (("rules", node) for rule in settings.get("rules") or [] for node in rule.get("nodes") or [])
