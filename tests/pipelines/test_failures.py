"""What a user can mend is one line; an error of the program stays what it is."""

import errno
import os

import pytest
from kedro.io import DatasetError

from gristmill.errors import UserError
from gristmill.pipelines.failures import explain

SAVING = "Failed while saving data to dataset X(filepath='data/a.npy')."
LOADING = "Failed while loading data from dataset X(filepath=PurePosixPath('data/a.npy'))."


def wrapped(cause: BaseException, text: str = SAVING) -> DatasetError:
    """As Kedro wraps what a data set raises, twice."""
    outer = DatasetError("Failed to save 'prepared.digits.images'")
    outer.__cause__ = DatasetError(f"{text}\n{cause}")
    outer.__cause__.__cause__ = cause
    return outer


def test_a_users_error_is_found_wherever_it_came_from():
    assert explain(UserError("a: b\n  c")) == "a: b c"
    assert explain(wrapped(UserError("inside"))) == "inside"


@pytest.mark.parametrize(("code", "word"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only")])
def test_a_full_disk_and_a_read_only_folder_are_named(code: int, word: str):
    line = explain(wrapped(OSError(code, os.strerror(code))))
    assert line is not None and line.startswith("data/a.npy: ") and word in line
    line = explain(OSError(code, os.strerror(code), "data/b"))
    assert line is not None and line.startswith("data/b: ") and word in line


def test_missing_empty_and_damaged_inputs_are_named():
    line = explain(wrapped(FileNotFoundError(2, "", "data/a.npy"), LOADING))
    assert line == "data/a.npy: not there; `dvc repro` makes it"
    line = explain(wrapped(ValueError("too short"), LOADING))
    assert line == "data/a.npy: damaged (too short); delete it and run dvc repro again"
    line = explain(DatasetError("No partitions found in 'data/runs/x/encoders'"))
    assert line == "data/runs/x/encoders: nothing in it; `dvc repro` makes it"


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("y"), wrapped(TypeError("z"))])
def test_errors_of_the_program_keep_their_traceback(error: Exception):
    assert explain(error) is None
