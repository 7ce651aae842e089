"""What the tables between the stages must look like; the only place that knows pandera."""

from typing import Any, Optional

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError
from pandera.typing.pandas import Series

from gristmill.data.source import PARTS
from gristmill.errors import UserError


def _one_to_one(table: pd.DataFrame, left: str, right: str) -> bool:
    return _pairs(table, left, right) == table[left].nunique() == table[right].nunique()


def _pairs(table: pd.DataFrame, left: str, right: str) -> int:
    return len(table.groupby([left, right], sort=False).size())


def _named_or_unlabeled(table: pd.DataFrame) -> Any:
    known = table["fine"] >= 0
    return (known | (table["part"] == "unlabeled")) & (known == (table["fine_name"] != ""))


def _once(table: pd.DataFrame, column: str) -> pd.Series:
    """Whether each value stands once, within a seed where there are seeds."""
    return ~table.duplicated([column, *(["seed"] if "seed" in table else [])])


class Prepared(pa.DataFrameModel):
    """The table beside a prepared array of images, one row an image; further columns come from the source.

    An image of the part `unlabeled` whose class nobody knows has fine -1 and fine_name "".
    """

    sample: Series[str] = pa.Field(unique=True)
    part: Series[str] = pa.Field(isin=PARTS)
    fine: Series[int] = pa.Field(ge=-1)
    fine_name: Series[str]
    coarse: Optional[Series[int]] = pa.Field(ge=0)   # noqa: UP045 (pandera reads typing.Optional)
    coarse_name: Optional[Series[str]]   # noqa: UP045

    class Config:
        strict = False

    @pa.dataframe_check
    def fine_with_its_name_unless_unlabeled(cls, table: pd.DataFrame) -> Any:
        return _named_or_unlabeled(table)

    @pa.dataframe_check
    def one_name_for_each_fine_label(cls, table: pd.DataFrame) -> bool:
        return _one_to_one(table, "fine", "fine_name")

    @pa.dataframe_check
    def one_name_for_each_coarse_label(cls, table: pd.DataFrame) -> bool:
        given = [name for name in ("coarse", "coarse_name") if name in table]
        return not given or (len(given) == 2 and _one_to_one(table, "coarse", "coarse_name"))

    @pa.dataframe_check
    def one_coarse_label_for_each_fine_label(cls, table: pd.DataFrame) -> bool:
        return "coarse" not in table or _pairs(table, "fine", "coarse") == table["fine"].nunique()


class Task(pa.DataFrameModel):
    """The table of a task, one row an image that takes part: `label` for the learner, `fine` for evaluation only.

    `fine` and fine_name are as in `Prepared`. A task that differs from seed to seed has such a block of rows for each
    of them.
    """

    seed: Optional[Series[int]] = pa.Field(ge=0)   # noqa: UP045 (pandera reads typing.Optional)
    sample: Series[str]
    row: Series[int] = pa.Field(ge=0)
    part: Series[str] = pa.Field(isin=PARTS)
    label: Series[int] = pa.Field(ge=-1)
    label_name: Series[str]
    fine: Series[int] = pa.Field(ge=-1)
    fine_name: Series[str]

    class Config:
        strict = False

    @pa.dataframe_check
    def each_sample_once(cls, table: pd.DataFrame) -> pd.Series:
        return _once(table, "sample")

    @pa.dataframe_check
    def each_row_once(cls, table: pd.DataFrame) -> pd.Series:
        return _once(table, "row")

    @pa.dataframe_check
    def one_name_for_each_label(cls, table: pd.DataFrame) -> bool:
        return _one_to_one(table, "label", "label_name")

    @pa.dataframe_check
    def fine_with_its_name_unless_unlabeled(cls, table: pd.DataFrame) -> Any:
        return _named_or_unlabeled(table)

    @pa.dataframe_check
    def one_name_for_each_fine_label(cls, table: pd.DataFrame) -> bool:
        return _one_to_one(table, "fine", "fine_name")


def checked(schema: type[pa.DataFrameModel], table: pd.DataFrame, what: str) -> pd.DataFrame:
    """The table itself, if it is as the schema says.

    Raises:
        UserError: one line that names `what`, the column, the rule and the first value that breaks it.
    """
    try:
        schema.validate(table)
    except SchemaError as error:
        raise UserError(f"{what}: {_reason(error)}") from error
    return table


def _reason(error: SchemaError) -> str:
    rule = getattr(error.check, "name", None) or str(error.check or error.reason_code)
    cases = error.failure_cases
    found = cases.to_dict("records") if isinstance(cases, pd.DataFrame) and len(cases) else [{}]
    # a rule about whole rows has a case for each column; its name says which column is meant
    first = next((case for case in found if case.get("column") in rule.split("_")), found[0])
    column = first.get("column") or getattr(error.schema, "name", None)
    place = f"column '{column}': " if column and column not in ("Prepared", "Task") else ""
    if first.get("index") is not None:
        return f"{place}{first['failure_case']!r} in row {first['index']} breaks the rule {rule}"
    return f"{place}breaks the rule {rule}: {str(error).splitlines()[0]}"
