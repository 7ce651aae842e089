"""The table of how alike crops of one image are, from encoders that lie as trainings leave them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gristmill.attributes import attributes
from gristmill.networks.build import build, encoder_bytes
from gristmill.networks.initialize import initialize
from gristmill.train.keys import generator
from scripts.evidence import collect_pairs

NETWORK = {"name": "small", "widths": [4, 8], "blocks": 1, "head": "mlp", "layers": 2, "dim": 8, "hidden": 8}
VIEWS = {"recipe": "strokes", "size": 12, "area": None, "mean": [0.1], "std": [0.3]}
LOCAL = {"local": {"size": 12, "area": [0.3, 0.7]}}


def evidence(folder: Path, *names: str) -> Path:
    """What is left of runs that have ended: images, task, settings, encoders."""
    rng = np.random.default_rng(0)
    (folder / "prepared").mkdir(parents=True)
    np.save(folder / "prepared/omniglot.npy", rng.integers(0, 256, (12, 14, 14, 1), dtype=np.uint8))
    (folder / "tasks").mkdir()
    part = ["train"] * 4 + ["test"] * 8
    pd.DataFrame({"row": range(12), "part": part}).to_parquet(folder / "tasks/fine.parquet")
    runs = []
    for name in names:
        views = VIEWS | (LOCAL if name.startswith("logo") else {})
        (folder / "config" / name).mkdir(parents=True)
        (folder / "config" / name / "train.json").write_text(json.dumps({"settings": {"views": views}}))
        for seed in (0, 1):
            runs.append({"experiment": name, "title": name, "dataset": "omniglot", "task": "fine", "seed": seed})
            network = build(attributes(NETWORK), 1, 12, 2)
            initialize(network, generator(seed, "init/network"))
            recipe = {"network": NETWORK, "views": VIEWS, "channels": 1, "classes": 2}
            place = folder / "runs" / name / str(seed)
            place.mkdir(parents=True)
            (place / "encoder.safetensors").write_bytes(encoder_bytes(network, recipe))
    (folder / "runs.json").write_text(json.dumps(runs))
    return folder


def test_every_encoder_that_is_there_sees_the_crops_of_the_method_with_local_ones(tmp_path: Path):
    folder = evidence(tmp_path / "two_views", "moco_base", "moco_long", "logo_on_moco")
    (folder / "runs/logo_on_moco/1/encoder.safetensors").unlink()
    collect_pairs(folder, tmp_path / "two_views.csv")
    table = pd.read_csv(tmp_path / "two_views_pairs.csv")
    assert [*table] == ["experiment", "title", "seed", "pair", "low", "high", "share"]
    groups = table.groupby(["experiment", "seed", "pair"])["share"].sum()
    assert len(groups) == 9 and groups.to_numpy() == pytest.approx(1, abs=1e-4)  # no run that is not compared
    assert table["low"].between(-1, 1).all() and (table["share"] > 0).all()
    base, logo = (table.query("experiment == @name and seed == 0").drop(columns=["experiment", "title"])
                  for name in ("moco_base", "logo_on_moco"))  # fmt: skip
    pd.testing.assert_frame_equal(base.reset_index(drop=True), logo.reset_index(drop=True))  # the same weights


def test_without_local_crops_the_way_out_is_said(tmp_path: Path):
    with pytest.raises(SystemExit, match="--work"):
        collect_pairs(evidence(tmp_path / "two_views", "moco_base"), tmp_path / "two_views.csv")
