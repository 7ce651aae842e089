"""Fine-tuning: what it learns, what it leaves alone, and that it can be repeated."""

from dataclasses import FrozenInstanceError, asdict, replace
from zlib import crc32

import numpy as np
import pytest
import torch

from gristmill.attributes import attributes
from gristmill.data.packed import Packed, tail
from gristmill.errors import UserError
from gristmill.evaluate.features import extract
from gristmill.evaluate.finetune import FINETUNE, finetune, started
from gristmill.evaluate.linear import Linear, first_weights
from gristmill.networks.build import build
from gristmill.networks.initialize import initialize
from gristmill.protocols import PROTOCOLS
from gristmill.train.keys import generator
from gristmill.views.recipes import recipe

NUMBERS = 518730107  # a checksum of the protocol's numbers; others are another protocol, with the next version
SHORT = replace(FINETUNE, steps=12, batch=16)
VIEWS = {"recipe": "drawings", "size": 8, "mean": [0.3], "std": [0.4]}
WEAK, TEST = (recipe(attributes(VIEWS), role) for role in ("weak", "test"))
SMALL = {"name": "small", "widths": [8, 8], "blocks": 1}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    """Bars of three directions, and which each is."""
    rng, labels = np.random.default_rng(0), np.arange(90) % 3
    images = rng.integers(0, 60, (90, 8, 8, 1), np.uint8)
    bars = [(4, slice(None)), (slice(None), 4), (np.arange(8), np.arange(8))]
    for image, label in zip(images, labels, strict=True):
        image[bars[label]] = 255
    return images, labels


def layer(classes: int = 3, width: int = 8) -> Linear:
    """Where a layer starts."""
    return first_weights(classes, width, "normal", generator(0, "layer"))


def make_network(**more):
    network = build(attributes({**SMALL, **more}), 1, 8, 3)
    initialize(network, generator(0, "init"))
    return network


def test_the_name_stands_for_these_numbers():
    numbers = {key: value for key, value in asdict(FINETUNE).items() if key != "source"}
    assert crc32(repr(numbers).encode()) == NUMBERS
    assert FINETUNE.name == "finetune_1" and FINETUNE.name not in PROTOCOLS
    with pytest.raises(FrozenInstanceError):
        FINETUNE.lr = 1.0  # type: ignore[misc]


def test_the_rate_falls_from_its_start_to_nothing():
    assert FINETUNE.rate(0) == FINETUNE.lr and FINETUNE.rate(FINETUNE.steps // 2) == pytest.approx(FINETUNE.lr / 2)
    assert FINETUNE.rate(FINETUNE.steps) == pytest.approx(0)


def test_it_learns_and_leaves_the_encoder_as_it_was(data):
    images, labels = data
    network, rows = make_network(), np.arange(60)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    tuned = finetune(network, images, rows, labels[:60], layer(3), WEAK, generator(1, "x"), replace(SHORT, steps=40))
    scores = extract(tuned, images, np.arange(60, 90), TEST, reads="forward")
    assert (scores.argmax(1) == labels[60:]).mean() > 0.8
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert not tuned.training and network.training
    changed = tuned.backbone.state_dict()
    assert not torch.equal(changed["conv1.weight"], before["backbone.conv1.weight"])
    assert not torch.equal(changed["bn1.running_mean"], before["backbone.bn1.running_mean"])


def test_the_same_generator_gives_the_same_bits_and_torchs_own_is_left_alone(data):
    images, labels = data
    network, rows, before = make_network(), np.arange(30), torch.get_rng_state()
    first, second, other = (
        finetune(network, images, rows, labels[:30], layer(3), WEAK, generator(seed, "x"), SHORT).state_dict()
        for seed in (1, 1, 2)
    )
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert not torch.equal(first["head.weight"], other["head.weight"])
    assert torch.get_rng_state().equal(before)


@pytest.mark.parametrize("more", [{"dim": 8, "hidden": 8}, {"factor": 2, "depth": 10}, {"name": "pixels"}, {}])
def test_networks_of_all_families_can_be_tuned(data, more):
    images, labels = data
    network = make_network(**more)
    first = layer(5, network.backbone.width)
    tuned = finetune(network, images, np.arange(9), labels[:9], first, WEAK, generator(0, "x"), SHORT)
    assert extract(tuned, images, np.arange(4), TEST, reads="forward").shape == (4, 5)


def test_one_image_one_class_is_enough(data):
    images, _ = data
    tuned = finetune(make_network(), images, np.array([5]), np.array([0]), layer(1), WEAK, generator(0, "x"), SHORT)
    assert extract(tuned, images, np.arange(2), TEST, reads="forward").shape == (2, 1)


def test_a_class_without_images_stays_possible(data):
    images, labels = data
    tuned = finetune(make_network(), images, np.arange(9), labels[:9], layer(4), WEAK, generator(0, "x"), SHORT)
    assert np.isfinite(extract(tuned, images, np.arange(9), TEST, reads="forward")[:, 3]).all()


def test_images_of_many_sizes_are_tuned_on(data):
    images, labels = data
    some = [np.ascontiguousarray(image[: 4 + i % 4, : 4 + i % 3]) for i, image in enumerate(images[:12])]
    end = tail([(image.shape[0], image.shape[1]) for image in some], 1)
    packed = Packed(np.frombuffer(b"".join([*(image.tobytes() for image in some), end]), np.uint8))
    view = recipe(attributes({**VIEWS, "recipe": "cifar"}), "weak")
    tuned = finetune(make_network(), packed, np.arange(12), labels[:12], layer(3), view, generator(0, "x"), SHORT)
    assert extract(tuned, packed, np.arange(12), TEST, reads="forward").shape == (12, 3)


def test_the_layer_starts_as_it_is_told_and_what_told_it_stays(data):
    images, labels = data
    first = layer()
    before = first.weight.clone()
    tuned = started(make_network(), first)
    assert torch.equal(tuned.head.weight, first.weight.float()) and torch.equal(tuned.head.bias, first.bias.float())
    finetune(make_network(), images, np.arange(9), labels[:9], first, WEAK, generator(0, "x"), SHORT)
    assert torch.equal(first.weight, before)


def test_an_encoder_that_diverges_says_so_in_one_line(data):
    images, labels = data
    with pytest.raises(UserError, match=r"^finetune_1: the encoder has diverged.*linear_lbfgs_1") as refused:
        steep = replace(SHORT, lr=1e30)
        finetune(make_network(), images, np.arange(9), labels[:9], layer(3), WEAK, generator(0, "x"), steep)
    assert "\n" not in str(refused.value)


def test_weights_that_are_not_finite_end_the_same_way(data):
    images, labels = data
    network = make_network()
    with torch.no_grad():
        network.backbone.conv1.weight.fill_(torch.nan)
    with pytest.raises(UserError, match="diverged"):
        finetune(network, images, np.arange(9), labels[:9], layer(3), WEAK, generator(0, "x"), SHORT)


def test_what_does_not_fit_is_named(data):
    images, labels = data
    for rows, own, told in [
        (np.arange(0), labels[:0], "at least one are needed"),
        (np.arange(3), labels[:2], "as many as labels"),
        (np.arange(3), labels[:3] + 1, "0 to 2 are possible, found 1 to 3"),
        (np.arange(3), labels[:3] - 1, "0 to 2 are possible, found -1 to 1"),
    ]:
        with pytest.raises(ValueError, match=told):
            finetune(make_network(), images, rows, own, layer(3), WEAK, generator(0, "x"), SHORT)
