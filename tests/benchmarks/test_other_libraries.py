"""The row of other libraries runs where their environments are named; elsewhere it says so and nothing fails."""

import sys

import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import __main__ as bench
from benchmarks import other_libraries
from benchmarks.other_libraries import LIBRARIES, NotRun, marks_elsewhere, rate, reason
from tests.project import ROOT


@pytest.fixture(autouse=True)
def _no_environment_is_named(monkeypatch: pytest.MonkeyPatch):
    for library in LIBRARIES:
        monkeypatch.delenv(library.variable, raising=False)
    monkeypatch.setattr(other_libraries, "STEPS", 1)


def test_without_an_environment_the_rows_say_what_to_name_and_are_not_kept(monkeypatch, capsys):
    rows, kept = other_libraries.run(), []
    assert [row["notes"] for row in rows] == [
        f"not run: name an environment that has {library.package}: make bench {library.variable}=<its python>"
        for library in LIBRARIES
    ]
    monkeypatch.setattr(bench, "measure", lambda _: rows)
    monkeypatch.setattr(bench, "keep", lambda _, found: kept.extend(found))
    monkeypatch.setattr(sys, "argv", ["benchmarks", "23"])
    bench.main()
    assert capsys.readouterr().out.count("not run") >= len(rows)
    assert kept == []


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.package)
def test_an_environment_that_lacks_the_library_is_one_line(library, monkeypatch):
    monkeypatch.setenv(library.variable, sys.executable)
    row = other_libraries.beside(library)
    assert row["skipped"]
    assert row["notes"].startswith(f"not run: {sys.executable} has no ")
    assert row["notes"].endswith(f": install {library.package} there, or name another in {library.variable}")


def test_a_python_that_is_not_there_is_one_line():
    with pytest.raises(NotRun, match=r"^not run: LIGHTLY_TRAIN_PYTHON: /no/python does not start \(No such file"):
        marks_elsewhere(LIBRARIES[1], "/no/python")


def test_a_training_that_breaks_elsewhere_says_its_last_word():
    assert reason(LIBRARIES[0], "p", "Traceback\n  a\nValueError: no\n") == "stable-pretraining stopped: ValueError: no"
    assert reason(LIBRARIES[0], "p", "") == "stable-pretraining stopped: without a word"


def test_each_library_finds_the_pixels_it_is_given(tmp_path):
    pixels = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    written = [library.write(tmp_path, pixels) for library in LIBRARIES]
    assert np.array_equal(torch.load(written[0]).permute(0, 2, 3, 1).numpy(), pixels)
    assert np.array_equal(np.stack([np.array(Image.open(written[1] / f"{number}.png")) for number in range(2)]), pixels)


def test_the_first_steps_are_not_counted():
    slow = [0.0, 90.0, 180.0, 270.0]
    assert rate([*slow, 300.0, 302.0, 304.0]) == other_libraries.BATCH / 2


def test_no_library_is_a_dependency_and_each_script_says_its_version():
    project = (ROOT / "pyproject.toml").read_text("utf-8") + (ROOT / "constraints.txt").read_text("utf-8")
    for library in LIBRARIES:
        assert library.package not in project
        assert f"Written for {library.package} " in library.script.read_text("utf-8")
        compile(library.script.read_text("utf-8"), library.script.name, "exec")
