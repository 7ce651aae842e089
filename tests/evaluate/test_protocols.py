"""A protocol's name stands for its numbers, whoever runs it."""

from dataclasses import FrozenInstanceError, asdict
from zlib import crc32

import numpy as np
import pytest
import torch

from gristmill.errors import UserError
from gristmill.evaluate.protocols import measure
from gristmill.parameters.explain import errors, line
from gristmill.parameters.sections import Classes
from gristmill.protocols import LIST, PROTOCOLS, Descent
from gristmill.train.keys import generator

CLASSES = 12
# What each name stands for: a checksum of its numbers, and of 500 images how many are top-1, top-5, top-1 in the best
# epoch. Where one of these no longer holds it is another protocol: leave the old one, add one with the next version.
PINNED = {
    "knn_logo_1": (1991411702, 334, 474),
    "knn_moco_1": (2657786760, 338, 479),
    "linear_moco_1": (3941387840, 377, 496, 386),
    "linear_supcon_1": (744777904, 382, 498, 385),
    "linear_simclr_1": (1284742983, 370, 495, 376),
    "linear_simsiam_1": (4250711635, 158, 354, 158),
    "linear_lbfgs_1": (534164628, 388, 497),
}


Images = tuple[torch.Tensor, torch.Tensor]


def overlapping(dtype: torch.dtype = torch.float64) -> tuple[Images, Images]:
    """600 images to train with and 500 to test, of classes that overlap."""
    rng = np.random.RandomState(0)  # gives the same numbers in every version of NumPy
    means = rng.standard_normal((CLASSES, 16))

    def some(count: int) -> Images:
        labels = np.arange(count) % CLASSES
        features = np.maximum(0.1 * means[labels] + 0.12 * rng.standard_normal((count, 16)), 0)
        return torch.from_numpy(features).to(dtype), torch.from_numpy(labels)

    return some(600), some(500)


def checksum(name: str) -> int:
    return crc32(repr({key: value for key, value in asdict(PROTOCOLS[name]).items() if key != "source"}).encode())


def test_every_protocol_has_a_pinned_result_and_a_name_of_its_own():
    assert set(PINNED) == set(PROTOCOLS) and len(PROTOCOLS) == len(LIST)


@pytest.mark.parametrize("name", PINNED)
def test_a_protocol_never_changes_in_place(name):
    found = measure(name, *overlapping(), CLASSES, generator(0, "probe"))
    assert (checksum(name), *(round(500 * value) for value in found.values())) == PINNED[name]
    assert list(found)[:2] == [f"{name}_top1", f"{name}_top5"]


@pytest.mark.parametrize("name", PINNED)
def test_float32_says_what_float64_says(name):
    found = measure(name, *overlapping(torch.float32), CLASSES, generator(0, "probe"))
    assert list(found.values()) == pytest.approx([count / 500 for count in PINNED[name][1:]], abs=0.01)


def test_a_protocol_cannot_be_changed_by_whoever_holds_it():
    with pytest.raises(FrozenInstanceError):
        PROTOCOLS["knn_logo_1"].k = 10  # type: ignore[attr-defined]


def test_learning_rates_are_the_released_ones():
    rates = {name: protocol.rate for name, protocol in PROTOCOLS.items() if isinstance(protocol, Descent)}
    assert [rates["linear_moco_1"](epoch) for epoch in (0, 59, 60, 80, 99)] == pytest.approx([30, 30, 3, 0.3, 0.3])
    assert [rates["linear_supcon_1"](epoch) for epoch in (0, 60, 75, 90)] == pytest.approx([5, 1, 0.2, 0.04])
    assert [rates["linear_simsiam_1"](epoch) for epoch in (0, 45)] == pytest.approx([1.6, 0.8])


@pytest.mark.parametrize("name", PINNED)
def test_the_same_generator_gives_the_same_figures_and_torchs_own_is_left_alone(name):
    train, test = overlapping()
    before = torch.get_rng_state()
    first, second = (measure(name, train, test, CLASSES, generator(3, "probe")) for _ in range(2))
    assert first == second and torch.get_rng_state().equal(before)


def test_the_best_epoch_on_the_test_images_is_called_so_and_is_never_below_the_last():
    for name, protocol in PROTOCOLS.items():
        if isinstance(protocol, Descent):
            found = measure(name, *overlapping(), CLASSES, generator(1, "probe"))
            assert found[f"{name}_top1_best_on_test"] >= found[f"{name}_top1"]


@pytest.mark.parametrize("name", PINNED)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_counts_as_the_same_numbers_in_float32(name, dtype):
    (train, labels), (test, own) = overlapping(dtype)
    half = measure(name, (train, labels), (test, own), CLASSES, generator(0, "probe"))
    single = measure(name, (train.float(), labels), (test.float(), own), CLASSES, generator(0, "probe"))
    assert half == single


@pytest.mark.parametrize("name", PINNED)
def test_one_class_one_feature_one_image(name):
    one = (torch.ones(1, 1), torch.zeros(1, dtype=torch.int64))
    found = measure(name, one, one, 1, generator(0, "probe"))
    assert set(found.values()) == {1.0}


@pytest.mark.parametrize("name", PINNED)
def test_a_class_without_training_images_is_missed_and_counts(name):
    features = torch.eye(3, dtype=torch.float64)
    train = (features[:2].repeat(4, 1), torch.tensor([0, 1]).repeat(4))
    found = measure(name, train, (features, torch.arange(3)), 9, generator(0, "probe"))
    assert found[f"{name}_top1"] <= 2 / 3


@pytest.mark.parametrize("name", PINNED)
@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_features_that_are_not_finite_are_refused_in_one_line(name, part, value):
    sets = overlapping()
    sets[part][0][7, 3] = value
    with pytest.raises(UserError, match=r"^(train|test) features: 1 of \d+ rows are not finite .*row 7") as refused:
        measure(name, *sets, CLASSES, generator(0, "probe"))
    assert "\n" not in str(refused.value)


def test_a_probe_that_diverges_says_so():
    (train, labels), test = overlapping(torch.float32)
    with pytest.raises(UserError, match=r"^linear_moco_1: the probe has diverged.*linear_lbfgs_1"):
        measure("linear_moco_1", (1e25 * train, labels), test, CLASSES, generator(0, "probe"))


def test_what_does_not_fit_is_named():
    (train, labels), (test, own) = overlapping()
    for one, other, told in [
        ((train, labels - 1), (test, own), "train labels: 0 to 11 are possible, found -1 to 10"),
        ((train, labels), (test, own + 1), "test labels: 0 to 11 are possible, found 1 to 12"),
        ((train, labels[:-1]), (test, own), "train labels: an integer for each of 600 images"),
        ((train[:0], labels[:0]), (test, own), "train features: a table N x d of at least one row"),
        ((train, labels), (test[:, :3], own), "test features: 3 values a row, but those of train have 16"),
    ]:
        with pytest.raises(ValueError, match=told):
            measure("knn_logo_1", one, other, CLASSES, generator(0, "probe"))


def test_settings_name_known_protocols():
    values = {"batch": 256, "threads": 1, "last": 3, "protocols": ["knn_logo_1", "linear_lbfgs_1"]}
    assert Classes.model_validate(values).protocols == ["knn_logo_1", "linear_lbfgs_1"]
    for protocols, told in [
        (["knn"], f"no such protocol 'knn'; there are {', '.join(PROTOCOLS)}"),
        (["knn_logo_1", "knn_logo_1"], "knn_logo_1 stands twice"),
    ]:
        (error,) = errors(Classes, values | {"protocols": protocols})
        assert line(Classes, error, ("evaluate", "protocols")) == f"params.yaml: evaluate.protocols: {told}"
