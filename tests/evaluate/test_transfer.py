"""Linear transfer: the minimum is that of another program, and the strength is one that validates well."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from gristmill.errors import UserError
from gristmill.evaluate.linear import Linear
from gristmill.evaluate.score import scores
from gristmill.evaluate.space import Space
from gristmill.evaluate.transfer import fit_transfer, fitted, held_out, linear_transfer, loss_and_slope, plainest
from gristmill.transfer_protocols import LINEAR_TRANSFER, TRANSFER

FEW = replace(LINEAR_TRANSFER, count=6, strongest=3.0, weakest=-2.0)


Labeled = tuple[torch.Tensor, torch.Tensor]


def clouds(n: int, classes: int = 4, dim: int = 6, noise: float = 1.0, seed: int = 0) -> Labeled:
    """Features around one center a class, strongly correlated and far from zero."""
    rng = np.random.default_rng(seed)
    centers = np.random.default_rng(7).standard_normal((classes, dim))
    labels = np.arange(n) % classes
    mixed = (centers[labels] + noise * rng.standard_normal((n, dim))) @ np.diag(np.logspace(0, -2, dim)) + 5
    return torch.from_numpy(mixed), torch.from_numpy(labels)


def alone(features: torch.Tensor, labels: torch.Tensor, classes: int, strength: float) -> Linear:
    start = plainest(features, labels, classes)
    return fitted(Space.of(features), features, labels, start, strength, 200, torch.float64)


@pytest.mark.parametrize("strength", [100.0, 1.0, 0.01])
def test_the_minimum_is_that_of_scikit_learn(strength):
    features, labels = clouds(60)
    found = alone(features, labels, 4, strength)
    centered = (features - features.mean(0)).numpy()
    x = centered / np.sqrt((centered**2).mean())
    theirs = LogisticRegression(C=1 / strength, tol=1e-10, max_iter=10_000).fit(x, labels.numpy())
    ours = found(features).log_softmax(1).exp().numpy()
    np.testing.assert_allclose(ours, theirs.predict_proba(x), atol=2e-4)


def test_several_classes_an_image_are_as_many_questions():
    features, labels = clouds(80)
    several = torch.stack([labels == 0, labels <= 1, labels != 2], 1).long()
    several[:5, 1] = -1
    found = alone(features, several, 3, 0.5)(features).sigmoid().numpy()
    centered = (features - features.mean(0)).numpy()
    x = centered / np.sqrt((centered**2).mean())
    for place in (0, 2):
        theirs = LogisticRegression(C=2, tol=1e-10, max_iter=10_000).fit(x, several[:, place].numpy())
        np.testing.assert_allclose(found[:, place], theirs.predict_proba(x)[:, 1], atol=2e-4)


@pytest.mark.parametrize("several", [False, True])
def test_the_slope_is_that_of_the_loss(several):
    logits = torch.randn(7, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    labels = torch.randint(-1, 2, (7, 5)) if several else torch.arange(7) % 5
    _, slope = loss_and_slope(logits.clone(), labels)
    for n, c in ((0, 0), (3, 4), (6, 2)):
        step = torch.zeros_like(logits)
        step[n, c] = 1e-6
        up, down = (loss_and_slope(logits + sign * step, labels)[0] for sign in (1, -1))
        assert float(slope[n, c]) == pytest.approx(float((up - down) / 2e-6), abs=1e-8)


def test_the_strength_that_validates_best_is_taken_and_all_images_are_fitted():
    train, validation, test = clouds(40, noise=2, seed=1), clouds(200, noise=2, seed=2), clouds(400, noise=2, seed=3)
    chosen = fit_transfer(train, validation, 4, protocol=FEW)
    assert len(chosen.scores) == 6 and FEW.strengths[int(np.argmax(chosen.scores))] == chosen.strength
    both = torch.cat([train[0], validation[0]]), torch.cat([train[1], validation[1]])
    np.testing.assert_allclose(
        chosen.classifier(test[0]).softmax(1), alone(*both, 4, chosen.strength)(test[0]).softmax(1), atol=1e-3
    )
    strong = alone(*train, 4, 1e3)
    assert scores(chosen.classifier(test[0]), test[1])["top1"] >= scores(strong(test[0]), test[1])["top1"]


def test_another_length_of_the_features_changes_nothing():
    train, test = clouds(60), clouds(40, seed=5)[0]
    one = fit_transfer(train, None, 4, protocol=FEW)
    other = fit_transfer((1e-3 * train[0], train[1]), None, 4, protocol=FEW)
    assert one.strength == other.strength
    np.testing.assert_allclose(one.classifier(test), other.classifier(1e-3 * test), atol=1e-3)


def test_of_each_class_a_fifth_is_held_out_and_always_the_same():
    labels = torch.tensor([0] * 10 + [1] * 5 + [2] * 2 + [3])
    held = held_out(labels, 4, 0.2, 0)
    assert torch.bincount(labels[held], minlength=4).tolist() == [2, 1, 1, 0]
    assert held.equal(held_out(labels, 4, 0.2, 0)) and not held.equal(held_out(labels, 4, 0.2, 1))


def test_one_image_a_class_takes_the_middle_strength():
    train = clouds(4)
    chosen = fit_transfer(train, None, 4, protocol=FEW)
    assert chosen.scores == [] and chosen.strength == FEW.strengths[3]
    assert scores(chosen.classifier(train[0]), train[1])["top1"] == 1


def test_the_protocol_has_its_published_numbers():
    assert TRANSFER["linear_transfer_1"].strengths == pytest.approx(np.logspace(5, -6, 45))
    test = clouds(30, seed=9)
    logits = linear_transfer(clouds(60, noise=0.1), None, test[0], 4)
    assert logits.shape == (30, 4) and logits.dtype == torch.float64


def test_features_that_are_all_the_same_name_the_most_frequent_class():
    features, labels = torch.ones(9, 3), torch.tensor([0, 1, 1, 1, 1, 2, 2, 1, 1])
    logits = fit_transfer((features, labels), None, 4, protocol=FEW).classifier(features)
    assert logits.argmax(1).tolist() == [1] * 9 and logits.isfinite().all()


def test_a_class_without_a_training_image_is_never_named():
    train = clouds(60)
    logits = fit_transfer(train, None, 6, protocol=FEW).classifier(train[0])
    assert int(logits.argmax(1).max()) == 3


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_features_that_are_not_finite_are_one_line(value):
    features, labels = clouds(12)
    bad = features.clone()
    bad[3, 1] = value
    for train, validation in (((bad, labels), None), ((features, labels), (bad, labels))):
        with pytest.raises(UserError, match="1 of 12 rows are not finite"):
            fit_transfer(train, validation, 4, protocol=FEW)
    with pytest.raises(UserError, match="test features"):
        linear_transfer((features, labels), None, bad, 4)


@pytest.mark.parametrize(
    ("features", "labels", "reason"),
    [
        (torch.zeros(0, 3), torch.zeros(0, dtype=torch.long), "at least one row"),
        (torch.zeros(2, 3), torch.tensor([0, 4]), "0 to 3 are possible, found 0 to 4"),
        (torch.zeros(2, 3), torch.tensor([0.0, 1.0]), "integers for 2 images"),
        (torch.zeros(2, 3), torch.tensor([[0, 1], [1, 0]]), "N x 4 integers"),
        (torch.zeros(2, 3), torch.full((2, 4), 2), "-1 to 1 are possible"),
    ],
)
def test_what_does_not_fit_is_refused(features, labels, reason):
    with pytest.raises(ValueError, match=reason):
        fit_transfer((features, labels), None, 4, protocol=FEW)
