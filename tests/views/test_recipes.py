"""Whole views: against PIL, and that an image's view depends on nothing but its pixels and its parameters."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gristmill.errors import UserError
from gristmill.train.keys import generator
from gristmill.views import view as view_module
from gristmill.views.recipes import recipe
from tests.views import pil
from tests.views.pictures import SIZES, pictures

RECIPES = ["drawings", "cifar", "cars", "sop"]
ROLES = ["weak", "strong", "test"]
FIXMATCH = [("fixmatch", role) for role in (*ROLES, "untouched")]


def make(name: str, role: str, size: int = 32, channels: int = 3):
    settings = SimpleNamespace(recipe=name, size=size, mean=[0.5] * channels, std=[0.25] * channels)
    return recipe(settings, role)


def drawn(view, images: torch.Tensor, seed: int = 0):
    return view.draw(np.random.default_rng(seed), len(images), *images.shape[2:])


every = pytest.mark.parametrize(("name", "role"), [(n, r) for n in RECIPES for r in ROLES] + FIXMATCH)


@pytest.mark.parametrize("images_size", SIZES, ids=str)
@pytest.mark.parametrize("size", [32, 56])
@pytest.mark.parametrize("channels", [3, 1])
@pytest.mark.parametrize(("name", "role"), [(n, r) for n in RECIPES[1:] for r in ROLES] + FIXMATCH)
def test_views_are_those_of_pil(images_size, size, channels, name, role):
    images = pictures(images_size, channels).repeat(3, 1, 1, 1)
    view = make(name, role, size, channels)
    parameters = drawn(view, images)
    ours = view.render(images, parameters)
    theirs = pil.view(view.stages, images, parameters, size)
    assert (ours.int() - theirs.int()).abs().max() == 0
    normalized = (theirs.double() / 255 - 0.5) / 0.25
    torch.testing.assert_close(view.apply(images, parameters).double(), normalized, rtol=1e-6, atol=1e-6)


@every
@pytest.mark.parametrize("channels", [3, 1])
def test_an_image_does_not_see_its_batch(name, role, channels, monkeypatch):
    images = pictures((28, 28), channels).repeat(2, 1, 1, 1)
    view = make(name, role, channels=channels)
    parameters = drawn(view, images)
    whole = view.apply(images, parameters)
    backwards = view.apply(images.flip(0), {key: each.flip(0) for key, each in parameters.items()})
    assert torch.equal(backwards.flip(0), whole)
    single = [view.apply(images[i : i + 1], {k: p[i : i + 1] for k, p in parameters.items()}) for i in range(28)]
    assert torch.equal(torch.cat(single), whole)
    monkeypatch.setattr(view_module, "PIXELS", 5 * 32 * 32)
    assert torch.equal(view.apply(images, parameters), whole)


@every
def test_batches_that_were_drawn_apart_can_be_made_together(name, role):
    images = pictures((40, 24))
    view = make(name, role)
    first, second = drawn(view, images, 1), drawn(view, images, 2)
    both = {key: torch.cat([first[key], second[key]]) for key in first}
    apart = torch.cat([view.apply(images, first), view.apply(images, second)])
    assert torch.equal(view.apply(torch.cat([images, images]), both), apart)


@every
def test_the_same_generator_gives_the_same_view_and_another_one_another(name, role):
    images = pictures((32, 32))
    view = make(name, role, 28)
    views = [view.apply(images, drawn(view, images, seed)) for seed in (3, 3, 4)]
    assert torch.equal(views[0], views[1])
    assert torch.equal(views[0], views[2]) == (role in ("test", "untouched"))


@every
def test_memory_layout_does_not_matter_and_the_images_stay(name, role):
    images = pictures((32, 32))
    as_stored = images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
    view = make(name, role)
    parameters = drawn(view, images)
    before = images.clone(), {key: each.clone() for key, each in parameters.items()}
    result = view.apply(images, parameters)
    assert torch.equal(view.apply(as_stored, parameters), result)
    assert torch.equal(images, before[0])
    assert all(torch.equal(parameters[key], each) for key, each in before[1].items())
    assert result.is_contiguous()
    assert result.dtype == torch.float32


@every
def test_no_images_and_one_image(name, role):
    view = make(name, role)
    for n in (0, 1):
        images = pictures((28, 36))[:n]
        parameters = drawn(view, images)
        assert all(len(each) == n for each in parameters.values())
        assert view.apply(images, parameters).shape == (n, 3, 32, 32)


@every
def test_gray_images_give_what_three_equal_channels_give(name, role):
    images = pictures((32, 32), channels=1)
    parameters = drawn(make(name, role), images)
    color = make(name, role).render(images.expand(-1, 3, -1, -1), parameters)
    gray = make(name, role, channels=1).render(images, parameters)
    assert torch.equal(color, gray.expand(-1, 3, -1, -1))


def test_fixmatch_changes_images_at_their_own_size_and_resizes_them_at_the_end():
    """STL-10: stored at 96 pixels, trained at 32."""
    images = pictures((96, 96))
    large, small = make("fixmatch", "strong", 96), make("fixmatch", "strong", 32)
    parameters = drawn(large, images)
    whole = large.render(images, parameters)
    assert torch.equal(small.render(images, parameters), make("fixmatch", "test", 32).render(whole, {}))
    assert torch.equal(make("fixmatch", "untouched", 96).render(images, {}), images)


def test_views_of_one_image_from_different_keys_differ_in_flip_crop_and_the_rest():
    images = pictures((32, 32))[:1].expand(100, -1, -1, -1)
    weak, strong = make("fixmatch", "weak"), make("fixmatch", "strong")
    of_weak, of_strong = (view.draw(generator(0, f"view/{k}", 0), 100, 32, 32) for k, view in enumerate((weak, strong)))
    for key in of_weak:
        assert not torch.equal(of_weak[key], of_strong[key])
    again = strong.draw(generator(0, "view/1", 0), 100, 32, 32)
    assert all(torch.equal(again[key], of_strong[key]) for key in again)
    different = weak.render(images, of_weak) != strong.render(images, of_strong)
    assert different.flatten(1).any(1).all()
    assert len(weak.render(images, of_weak).flatten(1).unique(dim=0)) > 50  # of 162
    assert len(strong.render(images, of_strong).flatten(1).unique(dim=0)) == 100


def test_unknown_names_and_wrong_numbers_of_channels_are_explained():
    with pytest.raises(UserError, match=r"imagenet.*drawings, cifar, cars, sop and fixmatch"):
        make("imagenet", "weak")
    with pytest.raises(UserError, match="strongest"):
        make("cifar", "strongest")
    with pytest.raises(UserError, match=r"'cifar' has no view 'untouched'.*fixmatch: untouched too"):
        make("cifar", "untouched")
    with pytest.raises(UserError, match=r"views\.mean has 1 values.*3 channels"):
        make("cifar", "test", channels=1).apply(pictures((32, 32)), {})


@every
def test_nothing_waits_for_the_device(name, role):
    """On the meta device, where tensors have no values, whatever looked at a value would fail."""
    view, images = make(name, role), pictures((40, 40))
    result = view.apply(images.to("meta"), drawn(view, images))
    assert result.shape == (len(images), 3, 32, 32)


def test_drawings_have_an_untouched_view_for_methods_that_compare_three():
    assert make("drawings", "untouched").stages == make("drawings", "test").stages
    assert make("drawings", "weak").stages.keys() == {"affine"}
    assert make("drawings", "strong").stages.keys() == {"affine", "stroke"}
