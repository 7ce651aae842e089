"""Images of one data set, shown to an encoder of another."""

import numpy as np
import pytest
import torch
from PIL import Image

from gristmill.attributes import attributes
from gristmill.data.packed import Packed, tail
from gristmill.evaluate.adapted import adapted, with_channels
from gristmill.evaluate.features import see
from gristmill.views.recipes import recipe
from tests.views.pictures import pictures

COLOR = {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4], "area": [0.2, 1.0]}
GRAY = {"mean": [0.1], "std": [0.3], "area": [0.2, 1.0]}


def view(name: str, role: str, size: int, numbers: dict):
    return recipe(attributes({"recipe": name, "size": size, **numbers}), role)


def packed(images: list[np.ndarray]) -> Packed:
    end = tail([(image.shape[0], image.shape[1]) for image in images], images[0].shape[2])
    return Packed(np.frombuffer(b"".join([*(image.tobytes() for image in images), end]), np.uint8))


def test_color_becomes_the_luma_of_pil():
    color = pictures((24, 40))
    gray = [np.asarray(Image.fromarray(image.permute(1, 2, 0).numpy()).convert("L")) for image in color]
    assert np.array_equal(with_channels(color, 1)[:, 0].numpy(), np.stack(gray))


def test_gray_that_becomes_color_comes_back_as_it_was():
    gray = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    color = with_channels(gray, 3)
    assert color.shape == (1, 3, 16, 16) and color.dtype == torch.uint8
    assert torch.equal(color[:, 1:2], gray) and torch.equal(with_channels(color, 1), gray)


@pytest.mark.parametrize("channels", [1, 3])
def test_as_many_channels_stay_as_they_are(channels):
    images = pictures((8, 8))[:2, :channels]
    assert with_channels(images, channels) is images


@pytest.mark.parametrize(("have", "want"), [(4, 3), (2, 1), (1, 4)])
def test_other_numbers_of_channels_are_refused(have, want):
    with pytest.raises(ValueError, match="1 or 3 channels"):
        with_channels(torch.zeros(1, have, 4, 4, dtype=torch.uint8), want)


@pytest.mark.parametrize("role", ["test", "weak"])
@pytest.mark.parametrize("name", ["drawings", "strokes", "fixmatch", "cifar", "moco_cifar", "moco2", "sop"])
@pytest.mark.parametrize(("size", "have"), [(28, 3), (64, 1), (28, 1)])
def test_every_recipe_takes_images_of_other_size_and_channels(name, role, size, have):
    own = adapted(view(name, role, size, COLOR), 3, many_sizes=False)
    images = pictures((40, 32))[:3, :have]
    seen = own.apply(images, own.draw(np.random.default_rng(0), 3, 40, 32))
    assert seen.shape == (3, 3, size, size) and seen.isfinite().all()


@pytest.mark.parametrize("name", ["drawings", "cifar", "moco2"])
def test_images_like_those_of_the_training_are_seen_as_ever(name):
    own, images = view(name, "weak", 32, COLOR), pictures((32, 32))[:4]
    drawn, again = (each.draw(np.random.default_rng(1), 4, 32, 32) for each in (own, adapted(own, 3, False)))
    assert torch.equal(own.apply(images, drawn), adapted(own, 3, False).apply(images, again))


@pytest.mark.parametrize("role", ["test", "weak"])
@pytest.mark.parametrize("name", ["drawings", "strokes", "fixmatch", "cifar", "moco2"])
def test_color_images_of_many_sizes_are_seen_as_each_alone_by_an_encoder_of_gray(name, role):
    own = adapted(view(name, role, 28, GRAY), 1, many_sizes=True)
    images = [pictures(size)[0].permute(1, 2, 0).numpy() for size in ((24, 40), (57, 33), (28, 28))]
    drawn = own.draw(np.random.default_rng(2), 3, *np.array([image.shape[:2] for image in images]).T)
    canvas = torch.zeros(3, 3, 57, 40, dtype=torch.uint8)
    for place, image in zip(canvas, images, strict=True):
        place[:, : image.shape[0], : image.shape[1]] = torch.from_numpy(image).permute(2, 0, 1)
    together = own.apply(canvas, drawn)
    for i, image in enumerate(images):
        alone = {key: each[i : i + 1] for key, each in drawn.items()}
        one = own.apply(torch.from_numpy(image).permute(2, 0, 1)[None], alone)
        assert torch.equal(one, together[i : i + 1])


def test_many_sizes_are_stretched_as_images_of_one_size_are():
    one = adapted(view("drawings", "test", 28, GRAY), 1, many_sizes=False)
    many = adapted(view("drawings", "test", 28, GRAY), 1, many_sizes=True)
    image = pictures((24, 40))[0].permute(1, 2, 0).numpy()
    seen = see(np.stack([image]), np.array([0]), one, torch.device("cpu"))
    assert torch.equal(seen, see(packed([image, image[:9]]), np.array([0]), many, torch.device("cpu")))
