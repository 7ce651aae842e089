"""How many images of each class a task has, labeled and unlabeled."""

import pandas as pd

from gristmill.labels.seeds import of_seed, seeds_of

COUNTED = {"labeled": "train", "unlabeled": "unlabeled", "test": "test"}  # column -> part


def distribution(task: pd.DataFrame) -> pd.DataFrame:
    """Images of each class of a task whose labels are the fine classes.

    Args:
        task: the columns of `gristmill.data.schemas.Task`, possibly `seed`.

    Returns:
        a row a class, from rank 0 (head) on: class_name, rank, labeled, unlabeled, test. Unlabeled images are counted
        by their true class; those whose class nobody knows are a last row with rank -1 and an empty name. Where the
        counts differ between seeds, a block of rows a seed, told apart by a first column `seed`.
    """
    seeds = seeds_of(task)
    if not seeds:
        return counts(task)
    first, *others = tables = [counts(of_seed(task, seed)) for seed in seeds]
    if all(table.equals(first) for table in others):
        return first
    blocks = [table.assign(seed=seed) for seed, table in zip(seeds, tables, strict=True)]
    return pd.concat(blocks, ignore_index=True).loc[:, ["seed", *first]]


def counts(task: pd.DataFrame) -> pd.DataFrame:
    """Those of one seed."""
    classes = task.drop_duplicates("fine").sort_values("fine")
    found = pd.DataFrame({"class_name": classes["fine_name"], "rank": classes["fine"]}).set_index("rank", drop=False)
    for column, part in COUNTED.items():
        number = task.loc[task["part"] == part, "fine"].value_counts()
        found[column] = number.reindex(found.index, fill_value=0).astype("int64")
    return pd.concat([found.loc[found["rank"] >= 0], found.loc[found["rank"] < 0]]).reset_index(drop=True)
