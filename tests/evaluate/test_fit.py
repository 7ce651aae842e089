"""A protocol that is fitted and then asked says what it says in one go."""

import numpy as np
import pytest
import torch

from gristmill.errors import UserError
from gristmill.evaluate.fit import figures, fit
from gristmill.evaluate.protocols import measure
from gristmill.protocols import PROTOCOLS
from gristmill.train.keys import generator
from tests.evaluate.test_protocols import CLASSES, overlapping


@pytest.mark.parametrize("name", PROTOCOLS)
def test_fitted_and_asked_is_measured(name):
    train, (features, labels) = overlapping()
    classifier = fit(PROTOCOLS[name], train, CLASSES, generator(0, "probe"))
    found = figures(classifier(features), labels)
    known = measure(name, train, (features, labels), CLASSES, generator(0, "probe"))
    assert {key: found[key] for key in ("top1", "top5")} == {k: known[f"{name}_{k}"] for k in ("top1", "top5")}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_it_may_be_asked_again_and_about_other_images(name):
    train, (features, _) = overlapping()
    classifier = fit(PROTOCOLS[name], train, CLASSES, generator(0, "probe"))
    whole = classifier(features)
    assert torch.equal(classifier(features), whole)
    assert torch.allclose(classifier(features[:7]), whole[:7], atol=1e-9)


def test_a_probe_that_diverges_says_so():
    (features, labels), _ = overlapping(torch.float32)
    with pytest.raises(UserError, match=r"^linear_moco_1: the probe has diverged.*linear_lbfgs_1"):
        fit(PROTOCOLS["linear_moco_1"], (1e25 * features, labels), CLASSES, generator(0, "probe"))


def test_the_mean_over_classes_counts_rare_ones_as_much_and_leaves_out_those_without_images():
    scores = torch.eye(4)[[0, 0, 0, 1, 1]]
    found = figures(scores, torch.tensor([0, 0, 0, 3, 1]))  # class 2 has no image, class 3 is missed
    assert found == pytest.approx({"top1": 4 / 5, "top5": 1.0, "mean_class": 2 / 3})


def test_of_tied_scores_the_lower_class_is_ahead():
    found = figures(torch.zeros(2, 7), torch.tensor([0, 5]))
    assert found == {"top1": 0.5, "top5": 0.5, "mean_class": 0.5}


def test_the_mean_over_classes_is_that_of_a_loop():
    rng = np.random.default_rng(0)
    scores, labels = rng.standard_normal((60, 5)), rng.integers(0, 5, 60)
    right = scores.argmax(1) == labels
    loop = np.mean([right[labels == c].mean() for c in range(5)])
    assert figures(torch.from_numpy(scores), torch.from_numpy(labels))["mean_class"] == pytest.approx(loop)
