"""What the evaluation of an experiment says beside its figures."""

import numpy as np
import pandas as pd
import pytest
from torch import Tensor, eye, nn, tensor

from gristmill.networks.headed import Classified, Headed
from gristmill.pipelines.evaluate import classified, discovered, measure, tell_short
from gristmill.pipelines.over_seeds import over_seeds
from gristmill.pipelines.probe import reader


def test_ks_beyond_the_gallery_are_told(capsys: pytest.CaptureFixture[str]):
    test = pd.DataFrame({"fine": [0, 0, 1, 1], "label": [0, 0, 0, -1]})
    metrics, short = measure(np.eye(4, 3, dtype=np.float32), test, [1, 3, 5, 10])
    assert short == [5, 10] and metrics["recall_5"] == metrics["recall_10"]
    tell_short(short, len(test))
    line = "evaluate.k: 5, 10: more than the 3 other test images; Recall@K uses them all\n"
    assert capsys.readouterr().err == line
    tell_short([], len(test))
    assert capsys.readouterr().err == ""


def test_fine_classes_are_sought_only_where_coarse_ones_have_several():
    features = np.repeat(np.eye(4, dtype=np.float32), 2, axis=0)
    test = pd.DataFrame({"fine": np.repeat(range(4), 2), "label": np.repeat([0, 1], 4)})
    settings = {"number": "truth", "most": None, "restarts": 1}
    expected = {"discover_nmi": 1.0, "discover_ari": 1.0, "discover_accuracy": 1.0}
    assert discovered(features, test, settings) == expected
    assert discovered(features, test, {**settings, "number": 1})["discover_accuracy"] == 0.5
    assert discovered(features, test.assign(label=test["fine"]), settings) == {}
    assert discovered(features, test.assign(label=-1), settings) == {}


def test_a_figure_that_not_all_seeds_have_is_left_out():
    found = over_seeds([{"recall_1": 0.5, "recall_5": 0.9}, {"recall_1": 0.7, "recall_10": 1.0}])
    assert found["mean"] == {"recall_1": 0.6} and found["sd"].keys() == {"recall_1"}


class Whole:
    """A view that shows pixels as they are."""

    def draw(self, rng: np.random.Generator, n: int, height: int, width: int) -> dict[str, Tensor]:
        return {}

    def apply(self, images: Tensor, parameters: dict[str, Tensor]) -> Tensor:
        return images.float()


@pytest.mark.parametrize("kind", [Classified, Headed])
def test_only_a_classifier_is_asked_for_labels_and_only_for_those_it_could_know(kind: type[Headed]):
    head = nn.Linear(3, 3)
    head.load_state_dict({"weight": eye(3), "bias": tensor([0.0, 0.0, 0.0])})
    images = np.eye(3, dtype=np.uint8)[[0, 1, 2, 2, 0]].reshape(5, 1, 1, 3)       # one pixel, whose color is the class
    test = pd.DataFrame({"row": [4, 3, 2, 1], "label": [0, 2, 1, -1], "fine": [9, 8, 7, 6]})
    network = kind(nn.Flatten(), head)
    expected = {"classifier_top1": pytest.approx(2 / 3)} if kind is Classified else {}
    assert classified(network, reader(network, images, Whole(), batch=2), test) == expected
    assert classified(network, reader(network, images, Whole(), batch=2), test.assign(label=-1)) == {}
