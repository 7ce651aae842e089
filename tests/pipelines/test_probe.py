"""Named protocols, asked of a network."""

import numpy as np
import pytest
from torch import nn

from gristmill.attributes import attributes
from gristmill.data.prepare import prepare
from gristmill.labels.coarse import group_coarse
from gristmill.pipelines.probe import probed, reader
from gristmill.views.recipes import recipe

VIEW = recipe(attributes({"recipe": "strokes", "size": 8, "mean": [0.3], "std": [0.4], "area": [0.4, 1.0]}), "test")


class Counted(nn.Module):
    """The pixels themselves; counts the images that pass."""

    def __init__(self):
        super().__init__()
        self.passed = 0

    def features(self, images):
        self.passed += len(images)
        return images.flatten(1)

    def forward(self, images):
        return -self.features(images)


@pytest.fixture(scope="module")
def data():
    images, samples = prepare({"source": "digits", "path": "pyproject.toml"})
    return images, group_coarse(samples, {"grouping": "fine"})


def test_an_image_passes_once_however_many_ask_for_it(data):
    images, table = data
    network, both = Counted(), ["knn_logo_1", "linear_lbfgs_1"]
    read = reader(network, images, VIEW)
    test = read(table.query("part == 'test'")["row"].to_numpy(), "features")
    found = probed(both, read, table, 0)
    assert network.passed == len(table.query("part in ('train', 'test')"))
    assert found == {**probed(both[:1], reader(network, images, VIEW), table, 0),
                     **probed(both[1:], reader(network, images, VIEW), table, 0)}  # fmt: skip
    assert np.array_equal(test, -read(table.query("part == 'test'")["row"].to_numpy(), "forward"))


def test_without_a_protocol_nothing_passes(data):
    images, table = data
    network = Counted()
    assert probed([], reader(network, images, VIEW), table, 0) == {} and network.passed == 0
