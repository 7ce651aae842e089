"""Spread, effective rank and the verdict of a collapse."""

from itertools import pairwise
from math import nan

import pytest
import torch
from torch.nn.functional import normalize

from gristmill.evaluate.rank import effective_rank, spread, told, verdict
from gristmill.train.history import collapse_warning


def directions(n: int, d: int) -> torch.Tensor:
    return normalize(torch.randn(n, d, generator=torch.Generator().manual_seed(0), dtype=torch.float64))


def test_even_rows_have_spread_one_and_full_rank():
    found = spread(directions(20_000, 8))
    assert found["spread"] == pytest.approx(1, abs=0.01) and found["rank"] == pytest.approx(8, rel=0.01)


@pytest.mark.parametrize("used", [1, 3])
def test_rank_counts_the_dimensions_that_are_used(used):
    rows = torch.zeros(20_000, 16, dtype=torch.float64)
    rows[:, :used] = directions(20_000, used)
    assert effective_rank(rows) == pytest.approx(used, rel=0.01)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
def test_equal_rows_have_no_spread_and_rank_one(dtype):
    rows = directions(1, 8).repeat(64, 1).to(dtype)
    found = spread(rows)
    assert found["spread"] == pytest.approx(0, abs=1e-7) and found["rank"] == pytest.approx(1, abs=1e-5)
    assert verdict(found["spread"]) == "collapsed"


def test_zero_rows_are_finite():
    assert spread(torch.zeros(4, 3)) == {"spread": 0.0, "rank": 1.0}


def test_verdicts_stand_below_a_tenth_and_a_hundredth_of_the_even_spread():
    said = [verdict(value) for value in (1.0, 0.1, 0.0999, 0.01, 0.0099, 0.0, nan)]
    assert said == ["healthy"] * 2 + ["shrinking"] * 2 + ["collapsed"] * 3
    for value, word in [(0.5, "differ"), (0.05, "hardly differ"), (0.0, "collapsed")]:
        assert word in told(value) and f"{value:.4f}" in told(value)


def test_a_history_warns_of_both_stages_by_name_once_each():
    spreads = [None, 0.5, 0.0999, 0.05, 0.0099, nan, 0.02, 0.1]
    rows = [{"epoch": epoch} | ({} if value is None else {"spread": value}) for epoch, value in enumerate(spreads)]
    said = [collapse_warning(row, before, "run") for before, row in pairwise(rows)]
    assert [line and line.split(": ")[1] for line in said] == [
        None, "shrinking", None, "collapsed", None, "shrinking", None
    ]  # fmt: skip
    assert said[3] is not None and all(part in said[3] for part in ("run: ", "epoch 4", "0.0099", "train.lr"))
