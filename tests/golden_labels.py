"""The published label tables (golden kind `label_table`), computed from the groupings that the package ships."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from gristmill.data import cifar10, cifar100, imagenet32, sop
from gristmill.data.schemas import Task, checked
from gristmill.data.source import sample_table
from gristmill.labels.coarse import group_coarse
from gristmill.labels.grouping import grouping_path, read_grouping
from tests.data.test_sop import SPLIT1, SPLIT2, write_lists

WORDNET = YAML(typ="safe", pure=True).load(Path(__file__).with_name("labels") / "wordnet_tasks.yaml")
CIFARTOY = {"good": "cifartoy_good", "bad_code": "cifartoy_bad", "bad_paper": "cifartoy_bad_paper"}


def label_table(case: Any) -> dict[str, np.ndarray]:
    """The outputs of a case for one of the data sets of `TABLES`, named by its `params["dataset"]`."""
    if case.params["dataset"] == "sop":   # made of the official lists, which its products tell
        return _sop(case)
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


def _imagenet32() -> dict[str, np.ndarray]:
    to_fine, wnids, names = imagenet32.class_table()
    fine = np.arange(len(wnids))
    table = sample_table([str(i) for i in fine], "train", fine, names).assign(wnid=wnids)
    task = group_coarse(table, WORDNET["imagenet32_12"])
    return {
        "fine_to_coarse": task.sort_values("fine")["label"].to_numpy(),
        "file_label_to_fine": to_fine,
        "wnid": np.array([int(wnid[1:]) for wnid in wnids]),
    }


def _cars196() -> dict[str, np.ndarray]:
    return {"fine_to_coarse": read_grouping(grouping_path("cars196")).sort_values("fine_id")["coarse_id"].to_numpy()}


def _sop(case: Any) -> dict[str, np.ndarray]:
    """The tasks of a folder whose lists name the published products, and others that have too few images."""
    names, first = case.params["categories"], 2444   # products of the training list
    rows = zip(*(case.outputs[key].tolist() for key in ("category", "product_id", "num_images")), strict=True)
    products = [(names[category], str(product), count) for category, product, count in rows]
    few = [[(names[i % 12], str(10**11 + 10 * i + part), 1 + i % 7) for i in range(24)] for part in (0, 1)]
    with TemporaryDirectory() as folder:
        write_lists(Path(folder), {"train": products[:first] + few[0], "test": products[first:] + few[1]})
        table = sop.product_table(sop.listing(Path(folder)))
    one, two = (checked(Task, group_coarse(table, {"grouping": "coarse", "split": s}), "x") for s in (SPLIT1, SPLIT2))
    assert one["fine"].drop_duplicates().tolist() == list(range(5035)), "train classes, then test classes"
    assert one[one["part"] == "train"]["fine"].nunique() == case.params["split1_train_products"]
    assert two["fine"].max() == 1497 and [sum(one["part"] == part) for part in ("train", "test")] == [25_368, 25_278]
    found = one.drop_duplicates("fine")
    outputs = {
        "category": found["label"].to_numpy(),
        "product_id": found["fine_name"].str.split("/").str[1].astype("int64").to_numpy(),
        "num_images": one["fine"].value_counts(sort=False).sort_index().to_numpy(),
    }
    for part, count in (("train", 10), ("test", 2)):
        own = two[two["part"] == part]
        assert (np.diff(own["fine"]) >= 0).all()
        images = own["sample"].str.split("_").str[-1].astype("int64").to_numpy()
        outputs[f"split2_{part}_image"] = images.reshape(-1, count)
    return outputs


TABLES = {"cifartoy": _cifartoy, "cifar100": _cifar100_20, "imagenet32": _imagenet32, "cars196": _cars196}
