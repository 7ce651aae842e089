"""From a folder of photographs of many sizes to the report: Stanford Online Products, made small."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from gristmill.data.packed import Packed
from gristmill.pipelines.datasets import ArrayDataset
from tests.data.test_sop import small
from tests.project import PARAMETERS, Project, make_project


def parameters() -> str:
    """Those of the small project, for photographs."""
    found = yaml.safe_load(PARAMETERS)
    color = {"mean": [0.5, 0.5, 0.5], "std": [0.2, 0.2, 0.2]}
    found["views"] = {**found["views"], "recipe": "sop", "query": "strong", "size": 16, **color}
    found["memory"]["size"], found["train"]["batch"], found["train"]["epochs"] = 16, 8, 1
    found["datasets"] = {"sop": {"source": "sop", "path": "data/raw/sop", "side": 20}}
    found["tasks"] = {"sop_categories": {"dataset": "sop", "grouping": "coarse"}}
    run = {"method": "maskcon", "dataset": "sop", "task": "sop_categories", "seeds": [0]}
    return yaml.safe_dump({**found, "experiments": {"products": run}})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("project"), parameters())
    small(project.folder / "data" / "raw" / "sop")
    return project


def test_photographs_of_many_sizes_go_through_every_step(project: Project):
    (project.folder / "data/prepared/sop").mkdir(parents=True)
    left = project.folder / "data/prepared/sop/images.npy.tmp"
    left.write_bytes(b"of a preparation that was killed")
    project.kedro()
    assert not left.exists()
    images = ArrayDataset(str(project.folder / "data/prepared/sop/images.npy")).load()
    assert isinstance(images, Packed) and len(images) == 58
    history = pd.read_csv(project.folder / "data/runs/products/history.csv")
    assert np.isfinite(history["loss"].dropna()).all() and history["recall_1"].notna().all()
    pictures = {path.name for path in Path(project.folder / "data/figures").iterdir()}
    assert {"retrieval_products_light.png", "views_products_light.png", "classes_sop_categories_light.png"} <= pictures
