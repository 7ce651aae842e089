"""The published label tables (golden kind `label_table`), computed from the groupings that the package ships."""

from typing import Any

import numpy as np
import pandas as pd

from gristmill.data import cifar10, cifar100
from gristmill.labels.grouping import grouping_path, read_grouping

CIFARTOY = {"good": "cifartoy_good", "bad_code": "cifartoy_bad", "bad_paper": "cifartoy_bad_paper"}


def label_table(case: Any) -> dict[str, np.ndarray]:
    """The outputs of a case for one of the data sets of `TABLES`, named by its `params["dataset"]`."""
    return TABLES[case.params["dataset"]]()


def _grouping(name: str, classes: tuple[str, ...]) -> pd.DataFrame:
    """A grouping with the official number of each fine class."""
    return read_grouping(grouping_path(name)).assign(official=lambda table: table["fine"].map(classes.index))


def _cifartoy() -> dict[str, np.ndarray]:
    outputs = {}
    for variant, name in CIFARTOY.items():
        table = _grouping(name, cifar10.LAYOUT.fine_names)
        groups = sorted(set(table["coarse"]) - {""})
        for number, group in enumerate(groups):
            outputs[f"{variant}_group{number}"] = table.loc[table["coarse"] == group, "official"].to_numpy()
        fine_id = table.set_index("official")["fine_id"].sort_index().to_numpy()
        outputs[f"{variant.split('_')[0]}_fine_id"] = fine_id   # both bad variants have one numbering
    return outputs


def _cifar100_20() -> dict[str, np.ndarray]:
    table = _grouping("cifar100_20", cifar100.LAYOUT.fine_names)
    names = sorted(set(table["coarse"]))
    coarse = table.sort_values("official")["coarse"].map(names.index)
    return {"fine_to_coarse": coarse.to_numpy(np.int64)}


TABLES = {"cifartoy": _cifartoy, "cifar100": _cifar100_20}
