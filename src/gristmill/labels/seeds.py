"""Tasks that differ from seed to seed: a block of rows a seed, told apart by a column `seed`."""

import pandas as pd

from gristmill.errors import UserError


def of_seed(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The rows of one run, numbered from 0; the table itself where its rows are those of every seed.

    Args:
        table: of a task (`gristmill.data.schemas.Task`); its `attrs` go along.

    Raises:
        UserError: a seed that the task does not have.
    """
    if "seed" not in table:
        return table
    own = table.loc[table["seed"] == seed].reset_index(drop=True)
    if own.empty:
        known = ", ".join(map(str, seeds_of(table)))
        raise UserError(f"seed {seed}: the task has the seeds {known}; add it to the task's long_tail.seeds")
    return own


def seeds_of(table: pd.DataFrame) -> list[int]:
    """The seeds that a task was made for, in its order; none where its rows are those of every seed."""
    return table["seed"].unique().tolist() if "seed" in table else []
