"""What encoders of all families are asked besides, as scripts/evidence.py collects and shows it."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from scripts import evidence
from tests.project import ROOT
from tests.report.probes_sample import make_probes
from tests.report.side_by_side_sample import make_families


def test_what_an_encoder_answered_comes_to_three_means(tmp_path: Path):
    assert evidence.probed(tmp_path) == {}
    columns = ["probe", "labels", "corruption", "value"]
    rows = [
        ("other", None, "clean", 0.7), ("few", 1, "clean", 0.2), ("few", 14, "clean", 0.6),
        ("corrupted", None, "clean", 0.9), ("corrupted", None, "fog", 0.3), ("corrupted", None, "frost", 0.5),
    ]  # fmt: skip
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "probes.csv", index=False)
    found = evidence.probed(tmp_path)
    assert found == pytest.approx({"other_top1": 0.7, "one_label_top1": 0.2, "corrupted_top1": 0.4})


def test_what_encoders_answered_has_a_part_of_its_own(tmp_path: Path):
    (tmp_path / "results").mkdir()
    for file in ("README.md", "results/README.md", "results/families.yaml"):
        shutil.copy(ROOT / file, tmp_path / file)
    make_families().to_csv(tmp_path / "results/families.csv", index=False)
    make_probes(2, ("fog", "frost")).to_csv(tmp_path / "results/families_probes.csv", index=False)
    evidence.show(Path("results/families.yaml"), tmp_path)
    text = (tmp_path / "results/README.md").read_text("utf-8")
    own = text.partition("<!-- families_probes:")[2].partition("<!-- end of families_probes -->")[0]
    assert "| raw pixels |" in own and "few labels" in own and "frost" in own and "nan" not in own
    pictures = {file.name for file in (tmp_path / "results").glob("probes_*.svg")}
    assert any("_dark" in name for name in pictures) and all(name in own for name in pictures)
