"""Encoders of different families by one measure: all images of a task vote, whatever a training was told."""

import contextlib

import pytest

from gristmill.labels.coarse import group_coarse
from gristmill.labels.long_tail import split_long_tail
from gristmill.networks.build import read_encoder
from gristmill.pipelines.judge import judge
from gristmill.pipelines.parameters import for_nodes
from gristmill.pipelines.prepare import prepare
from gristmill.pipelines.train import train
from tests.pipelines.test_few_labels import TINY, no_code

FEW, PROTOCOLS = for_nodes(TINY), ["knn_logo_1", "linear_lbfgs_1"]


@pytest.fixture(scope="module")
def data():
    images, table = prepare("digits", FEW["datasets"]["digits"])
    return images, group_coarse(table, {"grouping": "fine"}), split_long_tail(table, FEW["tasks"]["tail"])


@pytest.fixture(scope="module")
def encoder(data, tmp_path_factory):
    """A classifier of few labels."""
    images, _, few = data
    folder = tmp_path_factory.mktemp("judged")
    with contextlib.chdir(folder):
        encoders, _ = train("fix", no_code, images, few, FEW["fixmatch"]["fix"]["train"])
        (folder / "encoder.safetensors").write_bytes(encoders["0"]())
    return lambda: read_encoder(folder / "encoder.safetensors")


def test_an_encoder_of_few_labels_is_asked_by_a_task_that_tells_all(data, encoder):
    images, fine, few = data
    found = judge(images, fine, encoder, PROTOCOLS, 0)
    assert set(found) == {"recall_1", *(f"{name}_{top}" for name in PROTOCOLS for top in ("top1", "top5"))}
    assert all(0 < value <= 1 for value in found.values())
    own = judge(images, few, encoder, PROTOCOLS, 0)  # fewer images vote
    assert found["knn_logo_1_top1"] > own["knn_logo_1_top1"]


def test_the_same_encoder_has_the_same_figures_again(data, encoder):
    images, fine, _ = data
    assert judge(images, fine, encoder, PROTOCOLS, 0) == judge(images, fine, encoder, PROTOCOLS, 0)


def test_without_a_protocol_neighbours_alone_are_counted(data, encoder):
    images, fine, _ = data
    assert list(judge(images, fine, encoder, [], 0)) == ["recall_1"]
