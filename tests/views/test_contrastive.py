"""The views of the contrastive methods: what each recipe does and in which order; every image is treated alone."""

from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from gristmill.errors import UserError
from gristmill.methods.method import Stream
from gristmill.parameters.sections import FirstAndSecond, Views
from gristmill.parameters.two_views import Crops, GlobalAndLocal
from gristmill.train.batches import Batches
from gristmill.views import contrastive
from gristmill.views.blur import GaussianBlur
from gristmill.views.blur_conv import ConvolutionBlur
from gristmill.views.central_crop import CentralCrop
from gristmill.views.color import Grayscale
from gristmill.views.crop import ResizedCrop
from gristmill.views.drawings import TurnedCrop
from gristmill.views.flip import hflip
from gristmill.views.float_jitter import FloatJitter
from gristmill.views.jitter import ColorJitter
from gristmill.views.points import Solarize
from gristmill.views.recipes import recipe
from gristmill.views.resize import Resize
from gristmill.views.stroke import Stroke
from tests.golden import cases
from tests.views import pil
from tests.views.pictures import pictures
from tests.views.test_many_sizes import canvas

AREA, LOCAL_AREA = [0.3, 0.9], [0.05, 0.4]
ALL = [(name, role) for name in contrastive.RECIPES for role in contrastive.ROLES]
every = pytest.mark.parametrize(("name", "role"), ALL)


def make(name: str, role: str, size: int = 48, local: int = 40, channels: int = 3):
    """At these sizes everything that blurs does."""
    mean, std = [0.5] * channels, [0.25] * channels
    small = SimpleNamespace(size=local, area=LOCAL_AREA)
    settings: Any = SimpleNamespace(recipe=name, size=size, area=AREA, local=small, mean=mean, std=std)
    return recipe(settings, role)


def drawn(view, images: torch.Tensor, seed: int = 0):
    return view.draw(np.random.default_rng(seed), len(images), *images.shape[2:])


COMMON = ColorJitter(0.4, 0.4, 0.4, 0.1, p=0.8)
BYOL = FloatJitter(0.4, 0.4, 0.2, 0.1, p=0.8, kind="byol")
JIGGLE = FloatJitter(0.4, 0.4, 0.4, 0.1, p=0.8, kind="jiggle")
PIL_LIKE = FloatJitter(0.4, 0.4, 0.4, 0.1, p=0.8, kind="pil_like")
CIFAR = {"jitter": COMMON, "gray": Grayscale(0.2)}
AFTER_THE_CROP: dict[str, dict[str, Any]] = {
    "moco1": {"gray": Grayscale(0.2), "jitter": ColorJitter(0.4, 0.4, 0.4, 0.4, p=1)},
    "moco2": {"jitter": COMMON, "gray": Grayscale(0.2), "blur": GaussianBlur(0.5, (0.1, 2.0))},
    "moco_cifar": CIFAR,
    "simsiam_cifar": CIFAR,
    "supcon_cifar": CIFAR,
    "logo": {"blur": GaussianBlur(0.5, (0.1, 2.0)), "jitter": COMMON, "gray": Grayscale(0.2)},
    "logo_jiggle": {"blur": GaussianBlur(0.5, (0.1, 2.0)), "jitter": JIGGLE, "gray": Grayscale(0.2)},
    "logo_pil_like": {"blur": GaussianBlur(0.5, (0.1, 2.0)), "jitter": PIL_LIKE, "gray": Grayscale(0.2)},
    "simclr": {
        "jitter": ColorJitter(0.8, 0.8, 0.8, 0.2, p=0.8),
        "gray": Grayscale(0.2),
        "blur": ConvolutionBlur(0.5, (0.1, 2.0)),
    },
    "simclr_cifar": CIFAR,
    "byol": {"jitter": BYOL, "gray": Grayscale(0.2), "blur": ConvolutionBlur(1.0, (0.1, 2.0))},
}
SECOND_OF_BYOL = {
    "jitter": BYOL,
    "gray": Grayscale(0.2),
    "blur": ConvolutionBlur(0.1, (0.1, 2.0)),
    "solarize": Solarize(0.2, 128),
}


@pytest.mark.parametrize("name", contrastive.RECIPES[1:])
@pytest.mark.parametrize("role", ["first", "second", "global", "local"])
def test_operations_their_order_and_their_parameters_are_those_of_the_released_code(name, role):
    view = make(name, role)
    size, area = (40, (0.05, 0.4)) if role == "local" else (48, (0.3, 0.9))
    kind = "bicubic" if name in ("simclr", "simclr_cifar", "byol") else "bilinear"
    rest = SECOND_OF_BYOL if (name, role) == ("byol", "second") else AFTER_THE_CROP[name]
    crop = ResizedCrop(size, area, (3 / 4, 4 / 3), flip=0.5, interpolation=kind)
    assert list(view.stages.items()) == list({"crop": crop, **rest}.items())
    assert view.size == size


@pytest.mark.parametrize("name", contrastive.RECIPES[1:])
def test_views_of_at_most_32_pixels_are_not_blurred_and_larger_ones_as_before(name):
    """The rule looks at each view's own size: a local one may be sharp beside a global one that is not."""
    for role, size, local in (("first", 32, 16), ("second", 32, 16), ("local", 48, 32)):
        large, small = make(name, role, 48, 40).stages, make(name, role, size, local).stages
        assert list(small) == [stage for stage in large if stage != "blur"]
        assert all(small[stage] == large[stage] for stage in small if stage != "crop")


def test_drawings_are_turned_and_their_strokes_change():
    for role in ("first", "second", "global", "weak"):
        assert make("strokes", role).stages == {"affine": TurnedCrop(48, shift=0.15), "stroke": Stroke(0.6)}
    local = make("strokes", "local").stages
    assert local == {"affine": TurnedCrop(40, shift=0, area=(0.05, 0.4)), "stroke": Stroke(0.6)}
    affine = TurnedCrop(48, shift=0.15)
    assert (affine.angle, affine.scale, affine.shear) == (0.26, 1.2, 0.2)
    assert make("drawings", "strong").stages == make("strokes", "first").stages
    bare: Any = SimpleNamespace(recipe="strokes", size=28, area=None, mean=[0.1], std=[0.3])  # area has no influence
    assert recipe(bare, "first").stages == make("strokes", "first", 28).stages


@pytest.mark.parametrize("name", contrastive.RECIPES[1:])
def test_the_weak_view_is_a_bilinear_crop_and_a_mirror_image(name):
    assert make(name, "weak").stages == {"crop": ResizedCrop(48, (0.3, 0.9), flip=0.5)}


def test_tests_see_small_images_whole_and_the_middle_of_large_ones():
    """Nothing but recipe, size, mean and std is known of an encoder that was trained elsewhere."""
    for name in contrastive.RECIPES:
        for size in (32, 64):
            settings: Any = SimpleNamespace(recipe=name, size=size, mean=[0.5], std=[0.25])
            kind = "bicubic" if name.startswith("logo") else "bilinear"
            whole = size == 32 or name == "strokes" or name.endswith("cifar")
            assert list(recipe(settings, "test").stages.values()) == [
                Resize(size) if whole else CentralCrop(size, kind)
            ]


@pytest.mark.parametrize(
    ("golden", "name", "late"),
    [
        ("moco_v1_view", "moco1", True),
        ("moco_v2_view_96", "moco2", True),
        ("moco_cifar_view", "moco_cifar", False),
        ("supcon_view", "supcon_cifar", False),
        ("supcon_view", "simsiam_cifar", True),
        ("logo_cifar_global", "logo", False),
        ("logo_cifar_local", "logo", False),
    ],
)
def test_recipes_make_the_golden_views_wherever_these_are_mirrored(golden, name, late):
    """The released codes mirror first or last (late); the recipes do it with the crop."""
    case = next(case for case in cases("views") if case.name == golden)
    case.load()
    a = {key: torch.from_numpy(each) for key, each in case.inputs.items()}
    names = {
        "box": "crop.box", "flip": "crop.flip", "gray_apply": "gray.apply", "jitter_order": "jitter.order",
        "jitter_factors": "jitter.factors", "jitter_apply": "jitter.apply", "blur_sigma": "blur.sigma",
        "blur_apply": "blur.apply",
    }  # fmt: skip
    parameters = {names[key]: each for key, each in a.items() if key in names}
    view = make(name, "first", case.params["out_size"][0])
    parameters = {key: each for key, each in parameters.items() if key.split(".")[0] in view.stages}
    expected = torch.from_numpy(case.outputs["out"])
    assert torch.equal(view.render(a["images"], parameters), expected)
    unflipped = view.render(a["images"], {**parameters, "crop.flip": torch.zeros_like(a["flip"])})
    assert torch.equal(hflip(unflipped, a["flip"]), expected)  # ... which is the same as the last thing done


@pytest.mark.parametrize("name", ["moco1", "moco2", "moco_cifar", "logo"])
@pytest.mark.parametrize("channels", [3, 1])
def test_views_are_those_of_pil(name, channels):
    images = pictures((40, 56), channels)
    for role in ("first", "local", "weak"):
        view = make(name, role, channels=channels)
        parameters = drawn(view, images)
        theirs = pil.view(view.stages, images, parameters, view.size)
        assert torch.equal(view.render(images, parameters), theirs)


@every
@pytest.mark.parametrize("channels", [3, 1])
def test_an_image_does_not_see_its_batch(name, role, channels):
    images = pictures((44, 36), channels)
    view = make(name, role, channels=channels)
    parameters = drawn(view, images)
    whole = view.apply(images, parameters)
    assert whole.shape == (14, channels, view.size, view.size)
    backwards = view.apply(images.flip(0), {key: each.flip(0) for key, each in parameters.items()})
    assert torch.equal(backwards.flip(0), whole)
    for sizes in ([7, 7], [1, 13], [5, 9]):
        own = {key: each.split(sizes) for key, each in parameters.items()}
        parts = [
            view.apply(part, {key: each[i] for key, each in own.items()}) for i, part in enumerate(images.split(sizes))
        ]
        assert torch.equal(torch.cat(parts), whole)


@every
def test_draws_repeat_and_batches_drawn_apart_can_be_made_together(name, role):
    images, view = pictures((40, 40)), make(name, role)
    first, again, second = (drawn(view, images, seed) for seed in (1, 1, 2))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert all(len(each) == len(images) and each.device.type == "cpu" for each in first.values())
    apart = [view.apply(images, each) for each in (first, second)]
    assert torch.equal(apart[0], apart[1]) == (role == "test")
    both = {key: torch.cat([first[key], second[key]]) for key in first}
    assert torch.equal(view.apply(torch.cat([images, images]), both), torch.cat(apart))


@every
def test_layout_does_not_matter_images_stay_and_nothing_waits_for_the_device(name, role):
    images, view = pictures((40, 40)), make(name, role)
    as_stored = images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
    parameters = drawn(view, images)
    before = images.clone(), {key: each.clone() for key, each in parameters.items()}
    result = view.apply(images, parameters)
    assert torch.equal(view.apply(as_stored, parameters), result)
    assert torch.equal(images, before[0])
    assert all(torch.equal(parameters[key], each) for key, each in before[1].items())
    on_meta = view.apply(images.to("meta"), parameters)  # where tensors have no values
    assert on_meta.shape == result.shape
    assert view.apply(images[:0], drawn(view, images[:0])).shape == (0, 3, view.size, view.size)


@every
def test_gray_images_give_what_three_equal_channels_give(name, role):
    """Hue, saturation and gray leave them alone; floats may round a value of exactly one half differently."""
    images = pictures((40, 40), channels=1)
    parameters = drawn(make(name, role), images)
    color = make(name, role).render(images.expand(-1, 3, -1, -1), parameters)
    gray = make(name, role, channels=1).render(images, parameters)
    apart = (color.int() - gray.int()).abs()
    assert apart.max() <= (1 if name == "logo_pil_like" else 0)
    assert (apart > 0).float().mean() < 1e-3


@pytest.mark.parametrize(("name", "role"), [each for each in ALL if each[0] != "strokes" or each[1] == "test"])
def test_images_of_many_sizes_are_seen_as_each_alone(name, role):
    images, whole, sizes = canvas()
    view = make(name, role)
    parameters = view.draw(np.random.default_rng(3), len(images), *sizes)
    together = view.render(whole, parameters)
    alone = [
        view.render(image[None], {key: each[i : i + 1] for key, each in parameters.items()})
        for i, image in enumerate(images)
    ]
    assert torch.equal(together, torch.cat(alone))


def test_drawings_of_many_sizes_are_refused():
    with pytest.raises(UserError, match=r"'affine' needs images of one size.*all recipes but drawings, strokes"):
        make("strokes", "first").draw(np.random.default_rng(0), 2, np.array([30, 40]), np.array([30, 40]))


@pytest.mark.parametrize("kind", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(28, 28), (96, 96), (24, 40), (57, 33), (64, 64), (9, 50)], ids=str)
def test_the_middle_is_that_of_pil(size, kind):
    """Resize (shorter side 256 of 224), then the central crop, as torchvision does both."""
    images, operation = pictures(size), CentralCrop(56, kind)
    ours = operation.apply(images, **operation.draw(np.random.default_rng(0), len(images), size))
    height, width = size
    resized = (64, int(64 * width / height)) if height <= width else (int(64 * height / width), 64)
    top, left = (round((side - 56) / 2) for side in resized)
    for mine, image in zip(ours, images, strict=True):
        whole = torch.tensor([[0, 0, *size]])
        theirs = pil.one_by_one(image[None], lambda i, box: pil.resized_crop(i, box, False, resized, kind), box=whole)
        assert torch.equal(mine, theirs[0][:, top : top + 56, left : left + 56])


def test_a_stream_may_have_views_of_different_sizes():
    """LoGo's four crops: in the same batches, each of its own size, each drawn for itself."""
    images = pictures((40, 40)).permute(0, 2, 3, 1).numpy()
    names = {"global1": "global", "global2": "global", "local1": "local", "local2": "local"}
    stream = Stream("train", 4, names)
    method: Any = SimpleNamespace(streams=lambda: {"train": stream}, draw=lambda rng, sizes: {})
    views = {role: make("logo", role, 32, 12) for role in ("global", "local")}
    rows, labels = {"train": torch.arange(14)}, {"train": torch.arange(14)}
    batches = Batches(method, images, rows, labels, views, 0, torch.device("cpu"))
    batch = batches(0)
    assert [getattr(batch.train, name).shape for name in names] == [(4, 3, 32, 32)] * 2 + [(4, 3, 12, 12)] * 2
    assert not torch.equal(batch.train.global1, batch.train.global2)
    assert not torch.equal(batch.train.local1, batch.train.local2)
    chosen = torch.from_numpy(images[batch.train.index.numpy()]).permute(0, 3, 1, 2)
    number = list(names).index("local2")
    own = batches.draw_view("train", "local2", number, range(1), [(40, 40)])
    assert torch.equal(views["local"].apply(chosen, own), batch.train.local2)
    batches.chunk = 1
    batches.forget()
    assert torch.equal(batches(0).train.local1, batch.train.local1)


def test_the_checked_names_are_those_that_there_are_and_others_are_explained():
    assert get_args(FirstAndSecond) == contrastive.RECIPES
    with pytest.raises(UserError, match=r"imagenet.*drawings, cifar.*strokes, moco_cifar.*byol have first, second"):
        make("imagenet", "first")
    with pytest.raises(UserError, match=r"'moco2' has no view 'strong'"):
        make("moco2", "strong")
    with pytest.raises(UserError, match=r"'cifar' has no view 'first'"):
        make("cifar", "first")


GOOD: dict[str, Any] = {
    "recipe": "logo", "size": 32, "mean": [0.5], "std": [0.5], "area": [0.4, 1],
    "local": {"size": 32, "area": [0.05, 0.4]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"area": [1.0, 0.4]}, "area .1.0, 0.4. does not rise"),
        ({"area": [0.4, 0.4]}, "does not rise"),
        ({"area": [0.0, 0.4]}, "greater than 0"),
        ({"area": [0.4, 1.1]}, "less than or equal to 1"),
        ({"area": [0.4]}, "at least 2 items"),
        ({"local": {"size": 33, "area": [0.05, 0.4]}}, "local.size 33 is larger than size 32"),
        ({"local": {"size": 16, "area": [0.4, 0.05]}}, "does not rise"),
        ({"recipe": "cifar"}, "recipe cifar has no two views to compare; strokes, moco_cifar"),
        ({"recipe": "moco3"}, "Input should be 'drawings'"),
    ],
)
def test_settings_that_cannot_be_are_refused(wrong, message):
    assert GlobalAndLocal.model_validate(GOOD).local.size == 32
    with pytest.raises(ValidationError, match=message) as caught:
        GlobalAndLocal.model_validate({**GOOD, **wrong})
    assert caught.value.error_count() == 1


def test_methods_with_a_key_and_a_query_view_refuse_recipes_without_a_strong_one():
    values = {"recipe": "cifar", "size": 32, "mean": [0.5], "std": [0.5], "key": "weak", "query": "strong"}
    assert Views.model_validate(values).unused() == set()
    with pytest.raises(ValidationError, match="recipe moco2 has no views weak and strong; drawings, cifar"):
        Views.model_validate({**values, "recipe": "moco2"})


def test_the_area_of_crops_has_no_influence_on_drawings_that_are_not_cropped():
    values = {key: GOOD[key] for key in ("size", "mean", "std", "area")}
    assert Crops.model_validate({**values, "recipe": "strokes"}).unused() == {"area"}
    assert Crops.model_validate({**values, "recipe": "moco2"}).unused() == set()
