"""Images of many sizes in one batch: each view is the one that its image alone would have."""

import numpy as np
import pytest
import torch

from gristmill.errors import UserError
from gristmill.views.crop import boxes_from_uniforms
from gristmill.views.resize import Resize
from tests.views import pil
from tests.views.pictures import pictures
from tests.views.test_recipes import RECIPES, ROLES, make

SIZES = [(24, 40), (40, 24), (32, 32), (57, 33), (9, 50), (100, 70)]


def canvas() -> tuple[list[torch.Tensor], torch.Tensor, np.ndarray]:
    """Images, the canvas that holds them with noise beyond their edges, heights and widths (2 x N)."""
    images = [image for k, size in enumerate(SIZES) for image in pictures(size, seed=k)[:5]]
    sizes = np.array([image.shape[1:] for image in images]).T
    noise = np.random.default_rng(0).integers(0, 256, (len(images), 3, *sizes.max(1)), np.uint8)
    whole = torch.from_numpy(noise)
    for place, image in zip(whole, images, strict=True):
        place[:, : image.shape[1], : image.shape[2]] = image
    return images, whole, sizes


@pytest.mark.parametrize("size", [32, 56])
@pytest.mark.parametrize(("name", "role"), [(n, r) for n in RECIPES[1:] for r in ROLES] + [("fixmatch", "untouched")])
def test_views_are_those_of_pil_on_each_image_alone(name, role, size):
    images, whole, sizes = canvas()
    view = make(name, role, size)
    drawn = view.draw(np.random.default_rng(3), len(images), *sizes)
    ours = view.render(whole, drawn)
    for i, image in enumerate(images):
        own = {key: each[i : i + 1] for key, each in drawn.items() if key != "resize.box"}
        assert torch.equal(ours[i : i + 1], pil.view(view.stages, image[None], own, size)), f"image {i}"


@pytest.mark.parametrize("role", ["weak", "strong"])
def test_equal_sizes_draw_the_same_numbers_given_once_or_for_each(role):
    view = make("sop", role)
    once = view.draw(np.random.default_rng(5), 50, 40, 24)
    each = view.draw(np.random.default_rng(5), 50, np.full(50, 40), np.full(50, 24))
    assert once.keys() == each.keys() and all(torch.equal(once[key], each[key]) for key in once)


def test_crops_lie_inside_each_image_also_where_no_attempt_fits():
    sizes = np.array([(10, 100), (100, 10), (1, 1), (3, 200), (64, 64)])
    uniforms = torch.from_numpy(np.random.default_rng(0).random((5, 10, 4)))
    uniforms[:2] = 0.9
    boxes = boxes_from_uniforms(uniforms, (sizes[:, 0], sizes[:, 1]), (1, 1), (3 / 4, 4 / 3))
    assert boxes[:2].tolist() == [[0, 43, 10, 13], [43, 0, 13, 10]]
    top, left, height, width = boxes.numpy().T
    assert (np.stack([top, left, height - 1, width - 1]) >= 0).all()
    assert (top + height <= sizes[:, 0]).all() and (left + width <= sizes[:, 1]).all()


def test_whole_images_are_resized_each_by_itself():
    images, whole, sizes = canvas()
    found = Resize(28).apply(whole, **Resize(28).draw(np.random.default_rng(0), len(images), tuple(sizes)))
    for ours, image in zip(found, images, strict=True):
        assert torch.equal(ours[None], pil.view(["resize"], image[None], {}, 28))


def test_a_recipe_that_needs_one_size_says_so():
    with pytest.raises(UserError, match=r"'padded_crop' needs images of one size.*crop to one size"):
        make("fixmatch", "weak").draw(np.random.default_rng(0), 2, np.array([30, 40]), np.array([30, 40]))
    with pytest.raises(UserError, match="'affine' needs images of one size"):
        make("drawings", "weak").draw(np.random.default_rng(0), 2, np.array([3, 4]), np.array([3, 4]))
