"""A pickle can build arrays of numbers and plain values, and nothing else."""

import io
import os
import pickle

import numpy as np
import pytest

from gristmill.data.pickles import load, whole_numbers
from gristmill.errors import UserError
from tests.data.python2_pickle import Python2Pickle


class Attack:
    """Pickles to a call of os.system."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_calls_a_command_is_refused_and_not_executed(tmp_path, protocol):
    proof = tmp_path / "executed"
    content = pickle.dumps(Attack(f"touch {proof}"), protocol)
    with pytest.raises(UserError) as error:
        load(io.BytesIO(content), "data_batch_1")
    assert not proof.exists()
    message = str(error.value)
    assert "system" in message and "data_batch_1" in message and "\n" not in message


@pytest.mark.parametrize(
    "value",
    [np.dtype("f8"), np.zeros(3, complex), np.array([{}], object), np.random.default_rng, print, bytearray(3)],
    ids=lambda value: type(value).__name__ + str(getattr(value, "dtype", "")),
)
def test_a_pickle_can_build_nothing_but_plain_values_and_arrays_of_numbers(value):
    with pytest.raises(UserError, match="not a readable pickle"):
        load(io.BytesIO(pickle.dumps({b"data": value}, 2)), "batch")


@pytest.mark.parametrize("code", [b"O8", b"c8", b"M8", b"V1"])
def test_an_array_of_another_type_is_refused(code):
    content = Python2Pickle().dump({b"data": np.zeros((2, 3), np.uint8)})
    assert (load(io.BytesIO(content), "batch")["data"] == np.zeros((2, 3))).all()
    with pytest.raises(UserError, match="an array of type b'"):
        load(io.BytesIO(content.replace(b"U\x02u1", b"U\x02" + code)), "batch")


def test_an_array_whose_shape_does_not_fit_its_bytes_is_refused():
    content = Python2Pickle().dump({b"data": np.zeros((2, 3), np.uint8)})
    with pytest.raises(UserError, match="batch: not a readable pickle file"):
        load(io.BytesIO(content.replace(b"K\x02K\x03", b"K\x09K\x09")), "batch")


@pytest.mark.parametrize(
    "name", ["numpy.core.multiarray scalar", "numpy load", "builtins eval", "numpy ndarray.x", "_codecs decode"]
)
def test_the_unpickler_knows_no_other_names(name):
    module, attribute = name.split()
    with pytest.raises(UserError, match="it asks for"):
        load(io.BytesIO(f"c{module}\n{attribute}\n.".encode()), "batch")


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", ["u1", "i4", "<i8", ">i4", "f4", ">f8"])
def test_arrays_of_every_protocol_come_back(protocol, kind):
    array = np.arange(12).reshape(3, 4).astype(kind)
    values = {"data": array, "other": np.asfortranarray(array), "labels": [1, 2], b"old": "text", "none": array[:0]}
    found = load(io.BytesIO(pickle.dumps(values, protocol)), "file")
    assert found["labels"] == [1, 2] and found["old"] == "text"
    for name in ("data", "other", "none"):
        assert found[name].dtype == array.dtype and np.array_equal(found[name], values[name])


@pytest.mark.parametrize("value", [[1, 2, 3], np.array([1, 2, 3], np.int16), np.array([1, 2, 3], np.uint64)])
def test_whole_numbers_may_be_a_list_or_an_array(value):
    assert whole_numbers(value, 3, "x").tolist() == [1, 2, 3]


@pytest.mark.parametrize("value", [None, [1, 2], [1, 2, 3.0], [True, 2, 3], np.zeros(3), np.zeros((3, 1), int), "abc"])
def test_other_lists_are_refused(value):
    with pytest.raises(UserError, match="labels must list 3 whole numbers"):
        whole_numbers(value, 3, "labels")
