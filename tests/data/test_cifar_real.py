"""The real images, where GRISTMILL_CIFAR names a folder with cifar10/ and cifar100/ in a form that the readers take."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from gristmill.data import cifar10
from gristmill.data.prepare import prepare
from tests.data.python2_pickle import Python2Pickle
from tests.data.recall import recall

FIGURES = [
    ("cifar10", "fine", [0.2490, 0.3905, 0.5940, 0.7295]),
    ("cifar100", "fine", [0.0440, 0.0820, 0.1440, 0.2110]),
    ("cifar100", "coarse", [0.1180, 0.2010, 0.3790, 0.5620]),
]
SLICE = {"cifar10": 10_000, "cifar100": 6_000}   # images in the slices that the figures belong to
WHOLE = 60_000


def folder_of(name: str) -> Path:
    folder = os.environ.get("GRISTMILL_CIFAR")
    if not folder or not (Path(folder) / name).is_dir():
        pytest.skip(f"GRISTMILL_CIFAR does not name a folder with {name}/ in it")
    return Path(folder) / name


@pytest.mark.parametrize(("name", "label", "expected"), FIGURES)
def test_raw_pixels_give_the_published_recall(name, label, expected):
    images, table = prepare({"source": name, "path": folder_of(name)})
    if len(images) != SLICE[name]:
        pytest.skip(f"the figures belong to a slice of {SLICE[name]:,} images, here are {len(images):,}")
    test = (table["part"] == "test").to_numpy()
    found = recall(images[test] / 255, table.loc[test, label].to_numpy(), cosine=False)
    assert [f"{value:.4f}" for value in found] == [f"{value:.4f}" for value in expected]


def test_parquet_in_the_official_order_rebuilds_the_official_pickles():
    """So pixels and labels are the official ones, and the tiny pickles of the other tests have the official form."""
    folder = folder_of("cifar10")
    images, table = prepare({"source": "cifar10", "path": folder})
    shards = cifar10.files({"path": folder})
    if len(images) != WHOLE or shards[0].suffix != ".parquet":
        pytest.skip(f"needs the whole CIFAR-10 as Parquet, here are {len(images):,} images in {shards[0].name}, ...")
    names = [row["path"] for path in shards for row in pq.read_table(path, columns=["img"])["img"].to_pylist()]
    start = 0
    for number, batch in enumerate(cifar10.LAYOUT.batches, start=1):
        taken = slice(start, start + batch.rows)
        title = f"training batch {number} of 5" if batch.part == "train" else "testing batch 1 of 1"
        content = {
            b"batch_label": title.encode(),
            b"labels": table["fine"][taken].tolist(),
            b"data": np.ascontiguousarray(images[taken].transpose(0, 3, 1, 2)).reshape(batch.rows, -1),
            b"filenames": [name.encode() for name in names[taken]],
        }
        assert hashlib.md5(Python2Pickle().dump(content)).hexdigest() == batch.md5, batch.file
        start += batch.rows
