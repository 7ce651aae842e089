"""Corruptions and what they cost: golden kinds."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from gristmill.corruptions import TABLES
from gristmill.evaluate.corrupt.blur import stored
from gristmill.evaluate.corrupt.corrupted import RULES
from gristmill.evaluate.robustness import CLEAN, corruption_errors, mean_corruption_error
from tests.golden import Case


def corruption(case: Case):
    name, severity = case.params["corruption"], case.params["severity"]
    numbers = TABLES[f"{case.params['scale']}_1"].at(32).numbers(name, severity)
    draws = [array[None] for input_name, array in case.inputs.items() if input_name.startswith("draw")]
    result = RULES[name].apply(case.inputs["image"][None] / 255, *draws, *numbers)
    exact, (found,) = 255 * result[0].clip(0, 1), stored(result)
    near = np.abs(exact - np.rint(exact)) < case.atol   # what is truncated there may be one more or less
    return {"result": exact, "result_uint8": np.where(near, case.outputs["result_uint8"], found)}


def mean_error(case: Case):
    names, error = case.params["corruptions"], case.inputs["error"]
    rows = [(name, severity, 1 - error[i, severity - 1]) for i, name in enumerate(names) for severity in range(1, 6)]
    rows.append((CLEAN, 0, 1 - case.params["clean_error"]))
    table = pd.DataFrame(rows, columns=["corruption", "severity", "value"]).assign(figure="top1")
    reference = pd.DataFrame(case.inputs["reference_error"], names, range(1, 6))
    clean = case.params["reference_clean_error"]
    each, (mean,) = (
        corruption_errors(table, reference, clean),
        mean_corruption_error(table, reference, clean).itertuples(index=False),
    )
    return {
        "ce": 100 * each["ce"].to_numpy(),
        "mce": 100 * mean.mce,
        "relative_ce": 100 * each["relative_ce"].to_numpy(),
        "relative_mce": 100 * mean.relative_mce,
        "unnormalised": 100 * mean.error,
    }


KINDS: dict[str, Callable] = {"corruption": corruption, "mean_corruption_error": mean_error}
