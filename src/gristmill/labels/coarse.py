"""Tasks with coarse labels: the learner sees the group of a class, evaluation the class."""

from typing import Any

import numpy as np
import pandas as pd

from gristmill.data.source import PARTS, setting
from gristmill.errors import UserError
from gristmill.labels.cut import cut
from gristmill.labels.grouping import DROPPED, check_grouping, grouping_path, read_grouping
from gristmill.labels.hierarchy_files import read_hierarchy
from gristmill.labels.placed import place_classes
from gristmill.labels.sketch import sketch, to_json

COLUMNS = ["sample", "row", "part", "label", "label_name", "fine", "fine_name"]


def group_coarse(table: pd.DataFrame, settings: Any) -> pd.DataFrame:
    """Make a task of a prepared table.

    Args:
        table: the columns of `gristmill.data.schemas.Prepared`, row i being image i.
        settings: dict or object with `grouping` (the name of a file in labels/groupings, or `coarse`: the source's
            own, or `fine`: each class for itself) or `hierarchy` (`source`, one of `cut.CUTS`, possibly `names`,
            `drop`, `order`) and, possibly, `split` ({column, train, test, validation,
            unlabeled}: which values of a column make which part; rows with other values stay out, and so do the
            numbers of fine classes that have no other rows; `order`: a column by which the rows are sorted) and
            `limit` (at most so many images in each part).

    Returns:
        the columns of `gristmill.data.schemas.Task`; samples and fine labels in the order of the grouping's file,
        or of the source where there is no file; then the images whose class nobody knows, with label -1. The hash of
        the images in `attrs` goes along; `attrs["hierarchy"]` is the tree with the cut, as JSON (`sketch.to_json`);
        `attrs["whole"]` counts the images before a limit.

    Raises:
        UserError: an unknown grouping or node, one that does not fit the data, a split that leaves nothing.
    """
    task = table.reset_index(drop=True)
    task["row"] = np.arange(len(task), dtype=np.int64)
    attrs, hierarchy = dict(table.attrs), setting(settings, "hierarchy")
    known = (task["fine"] >= 0).to_numpy()
    unknown = task.loc[~known].assign(label=DROPPED, label_name="")
    if hierarchy:
        task, attrs["hierarchy"] = _below_a_cut(task.loc[known], hierarchy)
    else:   # before rows are left out: a grouping must fit all classes
        task = _labeled(task.loc[known], str(setting(settings, "grouping")))
    if len(unknown):
        task = pd.concat([task, unknown], ignore_index=True)
    split = setting(settings, "split")
    if split:
        task = _renumbered(_split(task, split), setting(settings, "grouping") == "fine")
    most = setting(settings, "limit")
    if most:
        attrs["whole"] = task["part"].value_counts().to_dict()
        task = _limited(task, most)
    task = task.loc[:, COLUMNS].reset_index(drop=True)
    task.attrs = attrs
    return task


def _limited(task: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most so many rows of each part, in their order: the first of every fine class, then the second, ..."""
    turn = task.groupby(["part", "fine"], sort=False).cumcount()   # 0 for the first row of a class
    kept = [turn[task["part"] == part].sort_values(kind="stable").index[:most] for part in PARTS]
    return task.loc[np.sort(np.concatenate(kept))]


def _below_a_cut(task: pd.DataFrame, settings: Any) -> tuple[pd.DataFrame, str]:
    """The coarse class of each class by a hierarchy; fine labels are numbered anew where classes are dropped."""
    try:
        hierarchy = read_hierarchy(setting(settings, "source"))
        keys = place_classes(hierarchy, task, settings)
        made = cut(hierarchy, keys, settings)
    except UserError as error:
        raise UserError(f"params.yaml: tasks: hierarchy: {error}") from error
    task = task.take(np.flatnonzero(task["fine_name"].isin(list(keys))))
    label = np.array([made.label[name] for name in task["fine_name"]])
    number = {name: i for i, name in enumerate(keys)}
    task = task.assign(
        label=label,
        label_name=np.array(made.labels, object)[label],
        fine=[number[name] for name in task["fine_name"]],
    ).astype({"label_name": "str"})
    return task, to_json(sketch(hierarchy, made, settings))


def _labeled(task: pd.DataFrame, grouping: str) -> pd.DataFrame:
    if grouping == "fine":
        return task.assign(label=task["fine"], label_name=task["fine_name"])
    if grouping == "coarse":
        if "coarse" not in task:
            raise UserError("params.yaml: tasks: grouping 'coarse': the data set has none of its own; name another")
        return task.assign(label=task["coarse"], label_name=task["coarse_name"])
    return _grouped(task, grouping)


def _grouped(task: pd.DataFrame, name: str) -> pd.DataFrame:
    groups = read_grouping(grouping_path(name))
    check_grouping(groups, sorted(set(task["fine_name"])), name)
    number = groups["coarse_id"].to_numpy()
    line_of = {fine: i for i, fine in enumerate(groups["fine"])}
    line = np.array([line_of[fine] for fine in task["fine_name"]])  # of each sample, in the file
    order = np.argsort(line, kind="stable")  # within a class: as in the source
    order = order[number[line[order]] != DROPPED]
    line = line[order]
    return task.take(order).assign(
        label=number[line],
        label_name=groups["coarse"].to_numpy()[line],
        fine=groups["fine_id"].to_numpy()[line],
    )


def _split(task: pd.DataFrame, split: Any) -> pd.DataFrame:
    """Rows by the values of a column, instead of by the source's own parts."""
    column = setting(split, "column")
    if column not in task:
        raise UserError(f"params.yaml: tasks: split: the data set has no column '{column}'; it has {', '.join(task)}")
    values, part = task[column].to_numpy(), np.full(len(task), "", object)
    for name in PARTS:
        for value in setting(split, name) or []:
            chosen = values == value
            if not np.any(chosen):
                raise UserError(f"params.yaml: tasks: split: {name}: no row has {column} {value!r}")
            if np.any(part[chosen] != ""):
                raise UserError(f"params.yaml: tasks: split: {column} {value!r} stands in two parts")
            part[chosen] = name
    for name in ("train", "test"):
        if not np.any(part == name):
            raise UserError(f"params.yaml: tasks: split: {name} has no rows; list values of '{column}' that make it")
    kept, order = np.flatnonzero(part != ""), setting(split, "order")
    if order is not None:
        if order not in task:
            raise UserError(f"params.yaml: tasks: split: order: the data set has no column '{order}'")
        kept = kept[np.argsort(task[order].to_numpy()[kept], kind="stable")]
    return task.assign(part=pd.Series(part, index=task.index, dtype="str")).take(kept)


def _renumbered(task: pd.DataFrame, labels_too: bool) -> pd.DataFrame:
    """Fine classes that are left, numbered from 0 in the order that they had; -1 stays."""
    fine = task["fine"].to_numpy()
    old = np.unique(fine[fine >= 0])
    if np.array_equal(old, np.arange(len(old))):
        return task
    new = np.where(fine < 0, fine, np.searchsorted(old, fine))
    return task.assign(fine=new, label=new) if labels_too else task.assign(fine=new)
