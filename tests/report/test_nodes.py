"""The nodes of the stage `report`, called as Kedro calls them."""

from functools import partial
from math import nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gristmill.pipelines.report import draw, tabulate, write_page
from tests.report.sample import TITLES, make_evidence, make_history, make_metrics, make_runs, make_tables
from tests.report.side_by_side_sample import make_families, make_views


def answers(counts: tuple[float, ...], corruptions: tuple[str, ...]) -> pd.DataFrame:
    """What an encoder answered."""
    rows = [
        {"seed": 2, "protocol": "knn_logo_1", "labels": count, "corruption": name, "severity": level, "figure": "top1"}
        for count in counts
        for name in corruptions
        for level in ((0,) if name == "clean" else range(1, 6))
    ]
    return pd.DataFrame(rows).assign(value=0.5)


def test_nodes_make_table_pictures_and_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    runs, tables = make_runs(2), make_tables()
    rng = np.random.default_rng(0)
    arrays = {"features": rng.normal(size=(24, 4)).astype(np.float32), "row": np.arange(24, 48)}
    data = {f"table.{name}": table for name, table in tables.items()}
    data["images.omniglot"] = rng.integers(0, 256, (48, 8, 8, 1), dtype=np.uint8)
    collected = {f"history.{name}": make_history(value) for name, (_, _, _, value) in TITLES.items()}
    features = {"10": pytest.fail, "2": lambda: arrays}
    collected |= {f"features.{name}": features for name in TITLES}
    collected |= {f"metrics.{name}": metrics for name, metrics in make_metrics(2).items()}
    results = tabulate(runs, maskcon=collected)
    data["collected.maskcon"] = collected
    data |= {"evidence.omniglot": make_evidence(), "evidence.families": make_families(1)}
    data["evidence.two_views"] = make_views(1)
    questions = {
        "few": {"task": "omniglot_fine", "dataset": "omniglot", "corruptions": None},
        "hard": {"task": "omniglot_fine", "dataset": "omniglot", "corruptions": "drawings_1"},
    }
    for name in ("maskcon_good", "supce_good"):
        data[f"probe.few.{name}"] = answers((1, 3), ("clean",))
        data[f"probe.hard.{name}"] = answers((nan,), ("clean", "fog"))
    data |= {"probe.hard.grafit_good": None, "corrupted.omniglot_fine": next(iter(tables.values()))}
    files, about, explorers = draw(runs, {"dpi": 50}, questions, results, **data)
    assert {Path(name).suffix for name in files} == {".svg", ".png"}
    assert "retrieval_maskcon_good_dark.png" in files and "recall_omniglot_bad.svg" in files
    readers = {name: partial(bytes, content) for name, content in files.items()}
    readers["left_over.svg"] = pytest.fail
    assert {"probes_sheet_omniglot_dark.png", "probes_few_omniglot_few.svg"} <= set(files)
    page = write_page(runs, questions, results, readers, about, explorers, **data).decode()
    assert page.startswith("<!doctype html>")
    assert 'id="probes-figures"' in page and "corrupted drawings, kNN" in page
    assert 'id="longer"' in page and 'id="together"' in page and 'id="views-longer"' in page
    for entry in about:
        assert f'id="{entry["name"]}"' in page
    assert [method["name"] for method in explorers[0]["methods"]][:2] == ["maskcon_good", "supce_good"]
    assert 'id="explorer-omniglot"' in page
