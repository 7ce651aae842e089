"""A pickle can build arrays and plain values, and nothing else."""

import hashlib
import os
import pickle
from dataclasses import replace

import numpy as np
import pytest

from gristmill.data import cifar, cifar10, cifar_pickles
from gristmill.errors import UserError
from tests.data.cifar_files import (
    photographs,
    pickled,
    tiny,
    write_pickles,
)
from tests.data.python2_pickle import Python2Pickle

C10 = cifar10.LAYOUT


def one_line(error: pytest.ExceptionInfo) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message


class Attack:
    """Pickles to a call of os.system."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", range(5))
def test_a_pickle_that_calls_a_command_is_refused_and_not_executed(tmp_path, protocol):
    proof = tmp_path / "executed"
    content = pickle.dumps(Attack(f"touch {proof}"), protocol)
    with pytest.raises(UserError) as error:
        cifar_pickles.load(content, "data_batch_1")
    assert not proof.exists()
    assert "system" in one_line(error) and "data_batch_1" in one_line(error)


@pytest.mark.parametrize(
    "value",
    [np.dtype("f8"), np.zeros(3), np.array([{}], object), np.random.default_rng, print, bytearray(b"x"), range(3)],
    ids=lambda value: type(value).__name__ + str(getattr(value, "dtype", "")),
)
def test_a_pickle_can_build_nothing_but_plain_values_and_uint8_arrays(value):
    with pytest.raises(UserError, match="not a readable pickle"):
        cifar_pickles.load(pickle.dumps({b"data": value}, 2), "batch")


@pytest.mark.parametrize("code", [b"f8", b"O8", b"i1"])
def test_an_array_of_another_type_is_refused(code):
    content = Python2Pickle().dump({b"data": np.zeros((2, 3), np.uint8)})
    assert (cifar_pickles.load(content, "batch")[b"data"] == np.zeros((2, 3))).all()
    with pytest.raises(UserError, match="an array of type b'"):
        cifar_pickles.load(content.replace(b"U\x02u1", b"U\x02" + code), "batch")


def test_an_array_whose_shape_does_not_fit_its_bytes_is_refused():
    content = Python2Pickle().dump({b"data": np.zeros((2, 3), np.uint8)})
    with pytest.raises(UserError, match="batch: not a readable pickle file"):
        cifar_pickles.load(content.replace(b"K\x02K\x03", b"K\x09K\x09"), "batch")


@pytest.mark.parametrize("name", ["numpy.core.multiarray scalar", "numpy load", "builtins eval", "numpy ndarray.x"])
def test_the_unpickler_knows_four_names(name):
    module, attribute = name.split()
    with pytest.raises(UserError, match="it asks for"):
        cifar_pickles.load(f"c{module}\n{attribute}\n.".encode(), "batch")


@pytest.mark.parametrize("change", ["rows", "labels", "text", "list"])
def test_a_batch_with_other_contents_is_refused(tmp_path, change):
    layout, images, fine, coarse = tiny(C10)
    layout = write_pickles(tmp_path, layout, images, fine, coarse)
    content = {
        "rows": pickled(layout, photographs(5), fine[:5], coarse[:5]),
        "labels": pickled(layout, photographs(6), fine[:5], coarse[:5]),
        "text": b"hello",
        "list": pickle.dumps([1, 2], 2),
    }[change]
    (tmp_path / layout.folder / "data_batch_1").write_bytes(content)
    first = replace(layout.batches[0], md5=hashlib.md5(content).hexdigest())
    with pytest.raises(UserError, match="data_batch_1") as error:
        cifar.read_set({"path": tmp_path}, replace(layout, batches=(first, *layout.batches[1:])))
    one_line(error)
