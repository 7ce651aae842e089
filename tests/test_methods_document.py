"""docs/methods.md names vectors that exist and are run, and settings that exist."""

import json
import re

import pytest

from gristmill.parameters.read import read
from tests.golden_selfsup import KINDS, LATER
from tests.project import ROOT

TEXT = (ROOT / "docs/methods.md").read_text("utf-8")
ROWS = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| ") and "---" not in line]
CASES = {case["name"]: case for case in json.loads((ROOT / "tests/golden/selfsup/cases.json").read_text("utf-8"))}


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize("row", [row for row in ROWS if row[-1] != "vectors"], ids=lambda row: row[0])
def test_the_vectors_of_a_difference_are_run(row):
    names = quoted(row[-1])
    assert names or row[-1] == "–"
    for name in names:
        assert CASES[name]["kind"] in KINDS.keys() - LATER
        assert (ROOT / f"tests/golden/selfsup/{name}.npz").exists()


def test_settings_that_are_named_exist():
    parameters = read(ROOT / "paper/two_views/params.yaml")
    names = {tuple(name.split(".")) for row in ROWS for name in quoted(row[-2]) if re.fullmatch(r"[a-z]+\.\w+", name)}
    assert len(names) > 15
    assert [name for name in names if name[1] not in parameters.get(name[0], {})] == []


def test_the_tables_have_as_many_cells_as_their_heads():
    width = 0
    for row in ROWS:
        width = len(row) if row[-1] == "vectors" else width
        assert len(row) == width, row[0]
