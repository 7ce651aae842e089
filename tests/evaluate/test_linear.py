"""Linear probes: the papers' descent, and the regression's minimum."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from gristmill.evaluate import linear
from gristmill.evaluate.linear import Linear, descend, first_weights, probe, regress, scales
from gristmill.protocols import PROTOCOLS, Descent
from gristmill.train.keys import generator


def images(n: int = 60, d: int = 5, classes: int = 4) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(0)
    labels = torch.arange(n) % classes
    means = torch.randn(classes, d, generator=rng, dtype=torch.float64)
    return means[labels] + torch.randn(n, d, generator=rng, dtype=torch.float64), labels


def protocol(name: str) -> Descent:
    found = PROTOCOLS[name]
    assert isinstance(found, Descent)
    return found


def test_lars_moves_weights_by_a_share_of_their_length_and_biases_that_are_zero_by_their_gradient():
    features, labels = images()
    classifier = first_weights(4, 5, "normal", generator(0, "probe"))
    weight, bias = classifier.weight.clone().requires_grad_(), classifier.bias.clone().requires_grad_()
    cross_entropy(features @ weight.T + bias, labels).backward()
    list(descend(classifier, [(features, labels, 2.0)], momentum=0.9, trust=1e-3))
    assert weight.grad is not None and bias.grad is not None
    direction = weight.grad / weight.grad.norm()
    torch.testing.assert_close(classifier.weight, weight.detach() - 2e-3 * weight.detach().norm() * direction)
    torch.testing.assert_close(classifier.bias, -2.0 * bias.grad)


def test_weight_decay_is_in_the_gradient():
    features, labels = images()
    start = first_weights(4, 5, "uniform", generator(0, "probe"))
    one, other = (Linear(start.weight.clone(), start.bias.clone()) for _ in range(2))
    list(descend(one, [(features, labels, 0.5)], momentum=0.9))
    list(descend(other, [(features, labels, 0.5)], momentum=0.9, weight_decay=0.1))
    torch.testing.assert_close(one.weight - other.weight, 0.05 * start.weight)
    torch.testing.assert_close(one.bias - other.bias, 0.05 * start.bias)


def test_every_image_is_seen_once_an_epoch_in_an_order_of_its_own_and_the_last_batch_may_be_smaller(monkeypatch):
    seen = []
    monkeypatch.setattr(linear, "descend", lambda _, batches, *more: (seen.append(batch) for batch in batches))
    short = replace(protocol("linear_moco_1"), batch=25, epochs=2, milestones=(1,))
    assert len(list(probe(*images(), 4, short, generator(0, "probe")))) == 2
    assert [len(labels) for _, labels, _ in seen] == [25, 25, 10] * 2
    assert [rate for _, _, rate in seen] == pytest.approx([30.0] * 3 + [3.0] * 3)
    first, second = (torch.cat([features for features, _, _ in part]) for part in (seen[:3], seen[3:]))
    assert not first.equal(second) and first.sort(0).values.equal(second.sort(0).values)


def test_a_probe_is_decided_by_its_generator():
    short = replace(protocol("linear_supcon_1"), epochs=2, batch=16)
    one, same, other = (list(probe(*images(), 4, short, generator(seed, "probe")))[-1] for seed in (0, 0, 1))
    assert one.weight.equal(same.weight) and one.bias.equal(same.bias) and not one.weight.equal(other.weight)


def test_first_weights_are_the_released_ones():
    normal, uniform = (first_weights(50, 100, kind, generator(0, "probe")) for kind in ("normal", "uniform"))
    assert normal.weight.std().item() == pytest.approx(0.01, rel=0.05) and not normal.bias.any()
    assert uniform.weight.abs().max() <= 0.1 and uniform.weight.std().item() == pytest.approx(0.1 / 3**0.5, rel=0.05)
    assert 0 < uniform.bias.abs().max() <= 0.1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_probe_keeps_the_precision_of_the_features_and_learns(dtype):
    features, labels = images(400)
    short = replace(protocol("linear_supcon_1"), epochs=10)
    last = list(probe(features.to(dtype), labels, 4, short, generator(0, "probe")))[-1]
    assert last.weight.dtype == dtype and not last.weight.requires_grad
    assert (last(features).argmax(1) == labels).double().mean() > 0.7


def test_regression_stands_at_the_minimum():
    features, labels = images(300)
    found, l2 = regress(features, labels, 4, 1e-3, 60), 1e-3
    mean, deviation = scales(features)
    weight, bias = (found.weight * deviation).requires_grad_(), (found.bias + found.weight @ mean).requires_grad_()
    loss = cross_entropy((features - mean) / deviation @ weight.T + bias, labels) + l2 * weight.square().sum()
    loss.backward()
    assert weight.grad is not None and bias.grad is not None
    assert max(weight.grad.abs().max(), bias.grad.abs().max()) < 1e-6
    assert weight.detach().norm() > 0.5


def test_regression_does_not_care_how_a_feature_is_scaled_or_shifted():
    features, labels = images(300)
    moved = 1000 * features + 7
    one, other = (regress(x, labels, 4, 1e-3, 60)(x) for x in (features, moved))
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e6])
def test_a_constant_feature_changes_nothing(constant):
    features, labels = images(300)
    wider = torch.cat([features, torch.full((300, 1), constant, dtype=torch.float64)], 1)
    for more in (wider, wider.float()):
        found = regress(more, labels, 4, 1e-3, 60)
        plain = regress(more[:, :5], labels, 4, 1e-3, 60)
        torch.testing.assert_close(found(more), plain(more[:, :5]), rtol=1e-5, atol=1e-5)


def test_nothing_but_constant_features_predicts_the_shares_of_the_classes():
    labels = torch.tensor([0, 0, 0, 1])
    found = regress(torch.ones(4, 2), labels, 2, 1e-3, 60)
    assert found(torch.ones(1, 2)).softmax(1)[0].tolist() == pytest.approx([0.75, 0.25], abs=1e-5)


def test_rounding_of_a_constant_in_float32_is_no_feature():
    rng = np.random.default_rng(0)
    noisy = torch.from_numpy((0.7 + 3e-8 * rng.standard_normal((50, 1))).astype(np.float32))
    assert scales(noisy)[1].tolist() == [1.0]
