"""Operations against PIL, image by image with random parameters: not one byte may differ."""

import numpy as np
import pytest
import torch

from gristmill.views.affine import affine, affine_fixed_point, translate_x
from gristmill.views.blur import gaussian_blur
from gristmill.views.color import (
    adjust_brightness,
    adjust_contrast,
    adjust_saturation,
    adjust_sharpness,
    grayscale,
)
from gristmill.views.crop import boxes_from_uniforms
from gristmill.views.cutout import Cutout, cutout
from gristmill.views.flip import hflip
from gristmill.views.hue import adjust_hue, hsv_to_rgb, rgb_to_hsv
from gristmill.views.jitter import ColorJitter
from gristmill.views.padded_crop import PaddedCrop, reflect_pad_crop
from gristmill.views.perspective import Perspective
from gristmill.views.points import Solarize, autocontrast, equalize, invert, posterize, solarize
from gristmill.views.policies import LEVELS, MAGNITUDES, policy_op
from gristmill.views.randaugment import STRENGTHS, randaugment
from gristmill.views.resize import resize, resized_crop
from gristmill.views.slots import OPERATIONS
from tests.views import pil
from tests.views.pictures import SIZES, pictures

CHANNELS = [3, 1]
sizes = pytest.mark.parametrize("size", SIZES, ids=str)
channels = pytest.mark.parametrize("channels", CHANNELS, ids=["color", "gray"])


def same(ours: torch.Tensor, theirs: torch.Tensor) -> None:
    assert ours.dtype == torch.uint8
    assert ours.shape == theirs.shape
    difference = (ours.int() - theirs.int()).abs()
    assert not difference.any(), f"{int((difference > 0).sum())} bytes differ, by at most {int(difference.max())}"


def uniform(low: float, high: float, *shape: int, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).uniform(low, high, shape))


@sizes
@channels
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
@pytest.mark.parametrize("out", [(32, 32), (28, 28), (64, 64), (17, 50), (5, 3)], ids=str)
def test_resized_crop(size, channels, interpolation, out):
    images = pictures(size, channels)
    boxes = boxes_from_uniforms(uniform(0, 1, len(images), 10, 4), size, (0.05, 1.0), (0.5, 2.0))
    boxes[0], boxes[1] = torch.tensor([0, 0, *size]), torch.tensor([size[0] - 1, 2, 1, 1])
    flip = torch.arange(len(images)) % 2 == 0

    def reference(image, box, flip):
        return pil.resized_crop(image, box, flip, out, interpolation)

    same(
        resized_crop(images, boxes, out, flip, interpolation),
        pil.one_by_one(images, reference, box=boxes, flip=flip),
    )


@sizes
@pytest.mark.parametrize("side", [32, 28, 100])
def test_resize(size, side):
    images = pictures(size)
    same(resize(images, (side, side)), pil.view(["resize"], images, {}, side))


@sizes
@channels
def test_flip(size, channels):
    images = pictures(size, channels)
    flip = torch.arange(len(images)) % 3 == 0
    same(hflip(images, flip), pil.one_by_one(images, pil.hflip, flip=flip))


@sizes
@channels
@pytest.mark.parametrize("resample", ["nearest", "bilinear", "bicubic"])
def test_affine(size, channels, resample):
    images = pictures(size, channels)
    matrix = torch.tensor([1.0, 0, 0, 0, 1, 0]).double() + uniform(-0.4, 0.4, len(images), 6)
    matrix[:, [2, 5]] *= 20
    matrix[:4, [1, 3]] = 0  # pure scaling
    matrix[:2, [0, 4]] = 1  # pure translation
    matrix[4, :] = torch.tensor([1, 0.3, 0, 0, 1, 2])
    theirs = pil.one_by_one(images, lambda image, matrix: pil.affine(image, matrix, resample, 77), matrix=matrix)
    same(affine(images, matrix, resample, 77), theirs)


def test_fixed_point_translations_are_those_of_float_steps():
    """The policy moves all images in fixed-point numbers, where PIL takes float64 steps for translations."""
    shares = torch.from_numpy(np.concatenate([s * MAGNITUDES["translatex"] for s in (1, -1)]))
    for width in [*range(1, 70), 96, 100, 127, 128, 150, 160, 192, 200, 224, 250]:
        images = torch.arange(width, dtype=torch.uint8).expand(len(shares), 1, 1, width)
        matrix = translate_x(shares * width)
        same(affine_fixed_point(images, matrix, 255), affine(images, matrix, "nearest", 255))


def test_points_too_far_away_for_fixed_point_numbers_of_32_bits_are_outside():
    images = pictures((28, 28))
    matrix = torch.tensor([[1.0, 0.5, 65536.0, 0, 1, 0], [1, 0.5, 0, 0, 1, -98304], [40000, 1, 0, 0, 1, 0]])
    moved = affine_fixed_point(images[:3], matrix.double(), 77)
    assert (moved[:2] == 77).all()
    assert (moved[2, :, :, 1:] == 77).all()


@sizes
@channels
def test_perspective(size, channels):
    images = pictures(size, channels)
    parameters = Perspective().draw(np.random.default_rng(1), len(images), size)
    same(Perspective().apply(images, **parameters), pil.one_by_one(images, pil.perspective, **parameters))


@sizes
@channels
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (adjust_brightness, "Brightness"),
        (adjust_contrast, "Contrast"),
        (adjust_saturation, "Color"),
        (adjust_sharpness, "Sharpness"),
    ],
)
def test_enhancers(size, channels, ours, theirs):
    images = pictures(size, channels)
    factor = uniform(0, 2.5, len(images))
    factor[:3] = torch.tensor([0, 1, 2])
    same(ours(images, factor), pil.one_by_one(images, pil.enhance(theirs), factor=factor))


@sizes
@channels
def test_hue(size, channels):
    images = pictures(size, channels)
    factor = uniform(-0.5, 0.5, len(images))
    same(adjust_hue(images, factor), pil.one_by_one(images, pil.hue, factor=factor))


def test_conversion_to_hsv_and_back_of_many_colors():
    """All blues for each of 16 x 16 reds and greens; the back conversion for as many hues and saturations."""
    coarse = torch.cat([torch.arange(0, 255, 17), torch.tensor([255])])
    grid = torch.cartesian_prod(coarse, coarse, torch.arange(256)).to(torch.uint8)
    images = grid.T.reshape(1, 3, 16 * 16, 256).contiguous()
    same(rgb_to_hsv(images), pil.one_by_one(images, lambda image: image.convert("HSV")))

    def back(image):
        return pil.Image.merge("HSV", image.split()).convert("RGB")

    same(hsv_to_rgb(images), pil.one_by_one(images, back))
    images = images.flip(1).contiguous()
    same(hsv_to_rgb(images), pil.one_by_one(images, back))


@sizes
@channels
def test_color_jitter(size, channels):
    images = pictures(size, channels)
    jitter = ColorJitter(0.8, 0.8, 0.8, 0.2, p=0.8)
    parameters = jitter.draw(np.random.default_rng(2), len(images), size)
    same(jitter.apply(images, **parameters), pil.one_by_one(images, pil.color_jitter, **parameters))


@sizes
@channels
def test_grayscale(size, channels):
    images = pictures(size, channels)
    apply = torch.arange(len(images)) % 2 == 0
    same(grayscale(images, apply), pil.one_by_one(images, pil.grayscale, apply=apply))


@sizes
@channels
def test_point_operations(size, channels):
    images = pictures(size, channels)
    n = len(images)
    threshold, bits = uniform(0, 256, n), torch.arange(n) % 8 + 1
    same(invert(images), pil.one_by_one(images, pil.ImageOps.invert))
    same(autocontrast(images), pil.one_by_one(images, pil.ImageOps.autocontrast))
    same(equalize(images), pil.one_by_one(images, pil.ImageOps.equalize))
    theirs = pil.one_by_one(images, lambda i, t: pil.ImageOps.solarize(i, float(t)), t=threshold)
    same(solarize(images, threshold), theirs)
    theirs = pil.one_by_one(images, lambda i, apply: pil.ImageOps.solarize(i, 128) if apply else i, apply=bits > 3)
    same(Solarize(0.2).apply(images, bits > 3), theirs)
    theirs = pil.one_by_one(images, lambda i, bits: pil.ImageOps.posterize(i, int(bits)), bits=bits)
    same(posterize(images, bits), theirs)


@sizes
@channels
@pytest.mark.parametrize("largest", [2.0, 9.0])
def test_gaussian_blur(size, channels, largest):
    images = pictures(size, channels)
    sigma = uniform(0, largest, len(images))
    sigma[:2] = torch.tensor([0, 0.1])
    same(gaussian_blur(images, sigma), pil.one_by_one(images, pil.gaussian_blur, sigma=sigma))


@sizes
@channels
@pytest.mark.parametrize("operation", OPERATIONS)
def test_policy_operations(size, channels, operation):
    images = pictures(size, channels).repeat(2, 1, 1, 1)
    level = torch.arange(len(images)) % LEVELS
    sign = 1 - 2 * (torch.arange(len(images)) // LEVELS % 2)

    def reference(image, level, sign):
        return pil.policy_op(image, operation, level, sign)

    same(policy_op(images, operation, level, sign), pil.one_by_one(images, reference, level=level, sign=sign))


@sizes
@channels
@pytest.mark.parametrize("pad", [0, 3, 4, 23])
def test_padded_crop(size, channels, pad):
    images = pictures(size, channels)
    n = len(images)
    offset = torch.from_numpy(np.random.default_rng(3).integers(0, 2 * pad + 1, (n, 2)))
    offset[0], offset[1] = 0, 2 * pad
    flip = torch.arange(n) % 2 == 0

    def reference(image, offset, flip=False):
        return pil.padded_crop(image, offset, flip, pad)

    same(reflect_pad_crop(images, offset, pad), pil.one_by_one(images, reference, offset=offset))
    same(reflect_pad_crop(images, offset, pad, flip), pil.one_by_one(images, reference, offset=offset, flip=flip))


@pytest.mark.parametrize(("size", "pad"), [((32, 32), 4), ((96, 96), 4), ((28, 28), 3), ((40, 24), 3), ((4, 4), 0)])
def test_images_are_padded_by_an_eighth_of_their_shorter_side_and_at_most_by_4(size, pad):
    images = pictures(size)
    offset = PaddedCrop().draw(np.random.default_rng(0), 1000, size)["offset"]
    assert (int(offset.min()), int(offset.max())) == (0, 2 * pad)
    middle, unflipped = torch.full((len(images), 2), pad), torch.zeros(len(images), dtype=torch.bool)
    same(PaddedCrop().apply(images, unflipped, middle), images)


@sizes
@channels
@pytest.mark.parametrize("operation", STRENGTHS)
def test_randaugment_operations(size, channels, operation):
    """All levels with both signs, three images each."""
    images = pictures(size, channels).repeat(4, 1, 1, 1)[:54]
    level, sign = torch.arange(54) % 9 + 1, 1 - 2 * (torch.arange(54) // 9 % 2)
    op = torch.full((54, 1), list(STRENGTHS).index(operation))
    ours = randaugment(images, op, op >= 0, level[:, None], sign[:, None])

    def reference(image, level, sign):
        return pil.randaugment_op(image, operation, level, sign)

    same(ours, pil.one_by_one(images, reference, level=level, sign=sign))
    same(randaugment(images, op, op < 0, level[:, None], sign[:, None]), images)


def test_color_operation_leaves_gray_images_alone():
    images = pictures((32, 32), channels=1)
    op = torch.full((len(images), 1), list(STRENGTHS).index("color"))
    same(randaugment(images, op, op >= 0, torch.ones_like(op), torch.ones_like(op)), images)


@sizes
@channels
def test_cutout(size, channels):
    images = pictures(size, channels).repeat(4, 1, 1, 1)
    xy = Cutout().draw(np.random.default_rng(4), len(images), size)["xy"]
    corner = torch.tensor(size).flip(0) - 1e-9  # as far down and to the right as can be drawn
    xy[0], xy[1], xy[2], xy[3] = 0, corner, 8, 8.999
    ours = cutout(images, xy)
    same(ours, pil.one_by_one(images, pil.cutout, xy=xy))
    assert (ours[0, :, :17, :17] == 127).all()  # 17 pixels, also at the border
    assert torch.equal(ours[0, :, 17:], images[0, :, 17:])


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 5), (16, 16)], ids=str)
def test_tiny_images(size):
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (6, 3, *size))).to(torch.uint8)
    n = len(images)
    level, sign = torch.full((n,), 7), torch.ones(n, dtype=torch.long)
    for operation in OPERATIONS:
        theirs = pil.one_by_one(images, lambda image, o=operation: pil.policy_op(image, o, 7, 1))
        same(policy_op(images, operation, level, sign), theirs)
    for number, operation in enumerate(STRENGTHS):
        op = torch.full((n, 1), number)
        theirs = pil.one_by_one(images, lambda image, o=operation: pil.randaugment_op(image, o, 7, 1))
        same(randaugment(images, op, op >= 0, level[:, None], sign[:, None]), theirs)
    xy = Cutout().draw(np.random.default_rng(0), n, size)["xy"]
    same(cutout(images, xy), pil.one_by_one(images, pil.cutout, xy=xy))
    crop = PaddedCrop().draw(np.random.default_rng(0), n, size)
    same(PaddedCrop().apply(images, **crop), pil.one_by_one(images, pil.padded_crop, **crop))
    sigma = uniform(0.1, 3, n)
    same(gaussian_blur(images, sigma), pil.one_by_one(images, pil.gaussian_blur, sigma=sigma))
    box = torch.tensor([[0, 0, *size]]).repeat(n, 1)
    same(resized_crop(images, box, (32, 32)), pil.one_by_one(images, pil.resized_crop, box=box))
