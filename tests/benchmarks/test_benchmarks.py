"""The benchmarks compare like with like and count what they say; no time is taken here."""

import json
from io import StringIO

import pytest
import torch
from rich.console import Console

from benchmarks import __main__ as bench
from benchmarks import maskcon_loss
from benchmarks.literal import literal_targets
from benchmarks.measure import Calls, alternate
from benchmarks.recall import KS
from benchmarks.recall import literal as literal_recall
from gristmill.evaluate.recall import recall_at_k

ROWS = {"3", "4", "5", "7b", "8", "9", "10", "13", "18", "19", "20", "21"}


def test_every_row_of_this_family_has_a_file():
    numbers = [bench.row_number(bench.FOLDER.joinpath(f"{name}.py").read_text()) for name in bench.names()]
    assert {f"{number}{letter}" for number, letter in numbers} == ROWS
    assert numbers == sorted(numbers)


def test_the_literal_loss_has_the_products_gradient():
    tensors = maskcon_loss.inputs()
    tensors["queue"], tensors["known"] = tensors["queue"][:300], tensors["known"][:300].clamp(min=1)  # no class 0
    torch.testing.assert_close(maskcon_loss.own(**tensors), maskcon_loss.literal(**tensors), rtol=1e-4, atol=1e-6)


def test_literal_targets_sum_to_one_even_without_a_positive():
    rows = torch.nn.functional.normalize(torch.randn(6, 4), dim=1)
    target = literal_targets(rows, rows, torch.zeros(6, 6), 0.05, 0.5)
    assert torch.equal(target, torch.eye(7)[:1].expand(6, 7))


def test_the_literal_recall_is_the_products():
    values, labels = torch.randn(400, 8).numpy(), torch.arange(400).numpy() % 40
    own = recall_at_k(values, labels, KS).at
    assert literal_recall(values, labels) == pytest.approx(list(own.values()))


def test_what_would_wait_for_a_device_is_counted():
    x = torch.arange(6.0, requires_grad=True)
    with Calls() as seen:
        x.mul(2).sum().backward()
    assert seen.calls >= 3
    assert seen.waits == 0
    for wait in (lambda: x.sum().item(), lambda: x[x > 2], lambda: x.nonzero(), lambda: x.detach().unique()):
        with Calls() as seen:
            wait()
        assert seen.waits >= 1
    with Calls() as seen:
        x[torch.tensor([1, 2])]
    assert seen.waits == 0


def test_variants_alternate_and_the_first_round_only_warms_up():
    order = []
    seconds = alternate({"usual": lambda: order.append("usual"), "own": lambda: order.append("own")}, rounds=2, calls=3)
    assert order == (["usual"] * 3 + ["own"] * 3) * 3
    assert set(seconds) == {"usual", "own"}


def test_the_table_says_what_reached_its_gate():
    rows = [
        {"row": "1", "what": "a", "baseline": "b", "baseline_ms": 3.0, "own_ms": 1.0, "ratio": 3.0, "gate": 2.0},
        {"row": "2", "what": "a", "baseline": "b", "baseline_ms": 1.0, "own_ms": 1.0, "ratio": 1.0, "gate": 2.0},
        {"row": "3", "what": "a", "baseline": "b", "own_calls": 7, "baseline_calls": 9, "gate": "0", "passed": False},
        {"row": "x", "what": "failed", "baseline": "", "notes": "no such thing", "passed": False},
    ]
    assert [bench.passed(row) for row in rows] == [True, False, False, False]
    console = Console(width=160, record=True, file=StringIO())
    console.print(bench.report(rows, {"torch": "2"}))
    text = console.export_text()
    assert "x3.00" in text
    assert "9 calls" in text
    assert "no such thing" in text
    json.dumps(rows)


def test_a_row_that_breaks_is_a_line_and_no_traceback():
    (row,) = bench.measure("no_such_row")
    assert row["what"] == "failed"
    assert "no_such_row" in row["notes"]
    assert not bench.passed(row)
