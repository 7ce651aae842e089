"""docs/methods.md names vectors that exist and are run, settings that exist, and each file that it was read from."""

import json
import re
from itertools import groupby

import pytest

from gristmill.parameters.read import read
from tests import golden_coarse, golden_selfsup, golden_semisup
from tests.project import ROOT

FAMILIES = {"selfsup": golden_selfsup, "semisup": golden_semisup, "coarse": golden_coarse}
TEXT = (ROOT / "docs/methods.md").read_text("utf-8")


def cells(line: str) -> list[str]:
    return line.strip().removeprefix("| ").removesuffix(" |").split(" | ")


def tables(text: str) -> list[list[list[str]]]:
    """The cells of each table's rows, its head first."""
    blocks = groupby(text.splitlines(), lambda line: line.startswith("|"))
    return [[cells(line) for line in block if "| ---" not in line] for table, block in blocks if table]


TABLES = tables(TEXT)
LIBRARIES = TEXT.partition("## Other libraries")[2].partition("### Read")[0]
DECIDED = [row for head, *rows in TABLES for row in rows if head[-1] == "vectors"]
CASES = {
    (case["name"], case["kind"]): (family, case)
    for family in FAMILIES
    for case in json.loads((ROOT / f"tests/golden/{family}/cases.json").read_text("utf-8"))
}


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize("row", DECIDED, ids=lambda row: row[0])
def test_the_vectors_of_a_difference_are_run(row):
    names = quoted(row[-1])
    assert names or row[-1] == "–"
    for name in names:
        ((family, case),) = (CASES[key] for key in CASES if key[0] == name)
        assert case["kind"] in FAMILIES[family].KINDS.keys() - FAMILIES[family].LATER
        assert (ROOT / f"tests/golden/{family}/{name}.npz").exists()


def test_settings_that_are_named_exist():
    parameters = read(ROOT / "paper/two_views/params.yaml")
    names = {
        tuple(name.split(".")) for row in DECIDED for name in quoted(row[-2]) if re.fullmatch(r"[a-z]+\.\w+", name)
    }
    assert len(names) > 15
    assert [name for name in names if name[1] not in parameters.get(name[0], {})] == []


def test_the_tables_have_as_many_cells_as_their_heads():
    for head, *rows in TABLES:
        assert rows
        for row in rows:
            assert len(row) == len(head), row[0]


def test_what_is_said_of_a_library_names_the_file_that_was_read():
    for head, *rows in tables(LIBRARIES):
        for row in rows:
            said = [cell for name, cell in zip(head, row, strict=True) if name not in {"what", "Gristmill", "vectors"}]
            assert all(re.search(r"\[\d+\]", cell) or cell in {"–", "not read"} for cell in said), row[0]


def test_every_file_that_was_read_is_listed_once_and_used():
    (sources,) = (rows for head, *rows in TABLES if head[0] == "number")
    listed = [number for number, *_ in sources]
    assert listed == [f"[{number}]" for number in range(1, len(sources) + 1)]
    assert set(re.findall(r"\[\d+\]", LIBRARIES)) == set(listed)
