"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009) from whatever form of them lies in a folder."""

from pathlib import Path
from typing import Any

import numpy as np

from gristmill.data import cifar_parquet, cifar_pickles
from gristmill.data.cifar_layout import Layout
from gristmill.data.source import Samples, sample_table, setting
from gristmill.errors import UserError


def find_files(settings: Any, layout: Layout) -> list[Path]:
    """The files that `read_set` will open in `settings.path`: pickles, else the official archive, else Parquet.

    Raises:
        UserError: nothing of the set lies there, or a file of it is missing; says where to get it.
    """
    folder = Path(setting(settings, "path") or f"data/raw/{layout.name}")
    wanted = (
        f"`gristmill fetch {layout.name}` puts {layout.archive} into data/raw/{layout.name}; "
        f"or put it there yourself from {layout.url}, or Parquet files train-*.parquet and test-*.parquet"
    )
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder for {layout.name}; {wanted}")
    found = cifar_pickles.find_files(folder, layout) or cifar_parquet.find_files(folder)
    if not found:
        raise UserError(f"{folder}: no files of {layout.name} in this folder; {wanted}")
    return found


def read_set(settings: Any, layout: Layout) -> Samples:
    """Read a set from whatever form of it lies in `settings.path`; every form gives the same table.

    Returns:
        images N x 32 x 32 x 3 RGB, train before test, each in the order of its files; the sample's id is its part
        and position.
    """
    found = find_files(settings, layout)
    form = cifar_parquet if found[0].suffix == ".parquet" else cifar_pickles
    images, part, fine, coarse = form.read_files(found, layout)
    position = np.concatenate([np.arange((part == name).sum()) for name in ("train", "test")])
    table = sample_table(
        sample=[f"{name}/{i:05d}" for name, i in zip(part, position, strict=True)],
        part=part,
        fine=fine,
        fine_names=layout.fine_names,
        coarse=coarse if layout.coarse_names else None,
        coarse_names=layout.coarse_names,
    )
    return Samples(images, table)
