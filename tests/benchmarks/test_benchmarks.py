"""The benchmarks compare like with like and count what they say; no time is taken here."""

import json
import os
from io import StringIO
from types import SimpleNamespace

import pytest
import torch
from rich.console import Console

from benchmarks import __main__ as bench
from benchmarks import bf16, evaluation, large_loss, large_recall, maskcon_loss
from benchmarks.literal import literal_targets
from benchmarks.measure import Calls, alternate, apart
from benchmarks.recall import KS
from benchmarks.recall import literal as literal_recall
from gristmill.evaluate.recall import recall_at_k
from tests.project import PARAMETERS

ROWS = ["1", "2", "3", "4", "4b", "4c", "5", "6", "7", "7b", "8", "9", "10", "11", "11b", "12", "12b", "13", "14",
        "15", "16", "17", "18", "19", "20", "21", "22", "23", "24"]  # fmt: skip
HERE = {"processor": "A", "cores": 2, "instructions": "AVX2", "torch": "2"}
PARAMETERS = PARAMETERS.replace("parity: {method: maskcon", "maskcon_good: {method: maskcon")


def test_every_row_has_a_file():
    assert [bench.number(name) for name in bench.names()] == ROWS
    assert set(bench.names()) > set(bench.LONG)


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


def test_the_literal_evaluation_is_the_products():
    usual, own = (call() for call in evaluation.variants(110).values())
    assert own == pytest.approx(usual, abs=0.02)  # bf16 where the processor has it
    assert usual[0] < 0.5 < usual[-1]


def test_memory_is_what_a_call_takes_at_most(tmp_path):
    (tmp_path / "takes.py").write_text(
        "import json, os, sys\nimport torch\n"
        "from benchmarks.measure import DEFAULT_ALLOCATOR, extra_megabytes\n"
        "taken = extra_megabytes(lambda: [torch.ones(10_000_000).sum() for _ in range(3)])\n"
        "print(json.dumps({'megabytes': taken, 'default': DEFAULT_ALLOCATOR in os.environ, 'variant': sys.argv[1]}))\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(bench.FOLDER.parent)]))
        found = apart("takes", "usual", default_allocator=True)
    assert found == {"megabytes": pytest.approx(40, abs=8), "default": True, "variant": "usual"}


@pytest.mark.parametrize("variant", ["usual", "own"])
def test_the_large_rows_measure_each_variant(variant):
    assert set(large_loss.measure(variant, 4, 512)) == {"seconds", "megabytes"}
    assert set(large_recall.measure(variant, 1000)) == {"megabytes"}


def test_a_training_in_bf16_or_fp32_is_kept_and_not_repeated(tmp_path, monkeypatch):
    (tmp_path / "params.yaml").write_text(PARAMETERS)
    folder = bf16.plan(tmp_path / "params.yaml", tmp_path)
    wanted = [json.loads((folder / p / "train.json").read_text())["settings"]["train"] for p in bf16.PRECISIONS]
    assert [(train["precision"], train["threads"]) for train in wanted] == [("bf16", 1), ("fp32", 1)]
    recall = bf16.train(folder, "bf16", 0)
    assert 10 < recall <= 100
    monkeypatch.setattr(bf16.subprocess, "run", lambda *_, **__: pytest.fail("trained again"))
    assert bf16.plan(tmp_path / "params.yaml", tmp_path) == folder
    assert bf16.train(folder, "bf16", 0) == recall


def test_a_training_that_fails_says_why(tmp_path, monkeypatch):
    failed = SimpleNamespace(returncode=1, stderr="a warning\nloss is not finite\n")
    monkeypatch.setattr(bf16.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(RuntimeError, match="fp32/0: loss is not finite"):
        bf16.train(tmp_path, "fp32", 0)


def test_bf16_misses_its_gate_where_all_seeds_lose_a_little(tmp_path, monkeypatch):
    lost = {"value": [0.1, -0.1, 0.0, 0.2, -0.2]}
    fp32 = [20.0, 30.0, 25.0, 22.0, 28.0]
    monkeypatch.setattr(bf16, "plan", lambda *_: tmp_path)
    monkeypatch.setattr(bf16, "train", lambda _, p, s: fp32[s] - (lost["value"][s] if p == "bf16" else 0))
    row = bf16.run()
    assert row["passed"]
    assert row["seeds"]["fp32"] == fp32
    lost["value"] = [1.0, 1.1, 0.9, 1.0, 1.0]
    row = bf16.run()
    assert not row["passed"]
    assert row["notes"].startswith("0.4 standard errors")


def test_standard_errors_of_means():
    first, second = [1.0, 2.0, 3.0], [2.0, 4.0, 3.0]
    assert bf16.standard_errors(first, second) == pytest.approx(1 / (2 / 3) ** 0.5)
    assert bf16.paired_errors(first, second) == pytest.approx(1 / (1 / 3) ** 0.5)


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
        {"row": "y", "what": "a", "baseline": "b", "notes": "name an environment", "skipped": True},
        {"row": "z", "what": "a", "baseline": "b", "baseline_images/s": 30.0, "own_images/s": 60.0, "ratio": 2.0},
    ]
    assert [bench.mark(row) for row in rows] == ["reached", "MISSED", "MISSED", "MISSED", "not run", ""]
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


def test_new_rows_replace_those_of_the_same_processor_alone():
    rows = [{"row": "2", "what": "old"}, {"row": "7b", "what": "old"}]
    other, older = {**HERE, "instructions": "AVX512"}, {**HERE, "torch": "1"}
    kept = [{"machine": other, "rows": rows}, {"machine": older, "rows": rows}]
    new = [{"row": "11", "what": "new"}, {"row": "2", "what": "new"}]
    merged = bench.merge(kept, HERE, new)
    assert merged[0] == kept[0]
    assert merged[1] == {"machine": older, "rows": rows[1:]}
    assert merged[2] == {"machine": HERE, "rows": new[::-1]}
    last = bench.merge(merged, HERE, [{"row": "7b", "what": "new"}])
    assert [each["machine"] for each in last] == [other, HERE]
    assert [row["row"] for row in last[1]["rows"]] == ["2", "7b", "11"]


def test_the_readme_shows_what_bench_json_holds():
    assert bench.markdown(json.loads(bench.RESULTS.read_text())) in bench.README.read_text()


def test_rows_are_kept_in_both_files(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "bench.json")
    monkeypatch.setattr(bench, "README", tmp_path / "README.md")
    bench.RESULTS.write_text("[]")
    bench.README.write_text("before\n" + "".join(bench.MARKS) + "after\n")
    row = {"row": "1", "what": "a", "baseline": "b", "baseline_ms": 12345.6, "own_ms": 1.0, "ratio": 3.0, "gate": 2.0}
    for _ in range(2):
        bench.keep({**HERE, "precision": "fp32"}, [row])
    text = bench.README.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert text.count("| 1 | a | b | 12346 ms | 1 ms | x3.00 | x2.0 | reached |  |") == 1
    assert "gate x1.1" in text
