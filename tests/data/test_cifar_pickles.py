"""Batches of CIFAR whose content is not what it must be; what a pickle can build is tested in test_pickles.py."""

import hashlib
import pickle
from dataclasses import replace

import pytest

from gristmill.data import cifar, cifar10
from gristmill.errors import UserError
from tests.data.cifar_files import (
    photographs,
    pickled,
    tiny,
    write_pickles,
)

C10 = cifar10.LAYOUT


def one_line(error: pytest.ExceptionInfo) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message


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
