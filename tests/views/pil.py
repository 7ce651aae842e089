"""Every operation and every recipe once more, image by image with PIL, from the same parameters."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

Image = pytest.importorskip("PIL.Image")
ImageDraw = pytest.importorskip("PIL.ImageDraw")
ImageEnhance = pytest.importorskip("PIL.ImageEnhance")
ImageFilter = pytest.importorskip("PIL.ImageFilter")
ImageOps = pytest.importorskip("PIL.ImageOps")

from gristmill.views.policies import CIFAR, MAGNITUDES, UNSIGNED  # noqa: E402
from gristmill.views.randaugment import STRENGTHS  # noqa: E402

RESAMPLING = {name: Image.Resampling[name.upper()] for name in ("nearest", "bilinear", "bicubic")}
POLICY = np.array(CIFAR.split()).reshape(-1, 2, 3).tolist()


def one_by_one(images: Tensor, function: Any, **parameters: Tensor) -> Tensor:
    """function(PIL image, **row of the parameters) of each image, stacked to N x C x H x W uint8."""
    results = []
    for i, pixels in enumerate(images.permute(0, 2, 3, 1).numpy()):
        image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
        result = np.array(function(image, **{name: each[i].numpy() for name, each in parameters.items()}))
        results.append(torch.from_numpy(result.reshape(*result.shape[:2], -1)).permute(2, 0, 1))
    return torch.stack(results)


def gray(image: Any) -> tuple[int, ...] | int:
    return 128 if image.mode == "L" else (128, 128, 128)


def resized_crop(image, box, flip=False, size=(32, 32), interpolation="bilinear"):
    top, left, height, width = box.tolist()
    image = image.crop((left, top, left + width, top + height))
    for step in ((size[1], height), (size[1], size[0])):  # PIL 13 would sometimes begin with the vertical pass
        image = image.resize(step, RESAMPLING[interpolation])
    return hflip(image, flip)


def hflip(image, flip):
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else image


def affine(image, matrix, resample="nearest", fill=0):
    fill = fill if image.mode == "L" else (fill,) * 3
    return image.transform(image.size, Image.Transform.AFFINE, matrix.tolist(), RESAMPLING[resample], fillcolor=fill)


def perspective(image, coefficients, apply=True):
    if not apply:
        return image
    return image.transform(
        image.size, Image.Transform.PERSPECTIVE, coefficients.tolist(), RESAMPLING["bilinear"], fillcolor=0
    )


def enhance(kind):
    return lambda image, factor: getattr(ImageEnhance, kind)(image).enhance(float(factor))


def hue(image, factor):
    if image.mode == "L":
        return image
    h, s, v = (np.array(band) for band in image.convert("HSV").split())
    h = ((h.astype(np.int64) + int(255 * float(factor))) % 256).astype(np.uint8)
    return Image.merge("HSV", [Image.fromarray(band) for band in (h, s, v)]).convert("RGB")


ADJUST = (enhance("Brightness"), enhance("Contrast"), enhance("Color"), hue)


def color_jitter(image, order, factors, apply):
    for operation in order.tolist() if apply else ():
        image = ADJUST[operation](image, factors[operation])
    return image


def grayscale(image, apply):
    return image.convert("L").convert(image.mode) if apply else image


def gaussian_blur(image, sigma, apply=True):
    return image.filter(ImageFilter.GaussianBlur(float(sigma))) if apply else image


def policy_op(image, name, level, sign):
    v = MAGNITUDES[name][level] * (1 if name in UNSIGNED else sign)
    match name:
        case "shearx" | "sheary":
            matrix = [1, v, 0, 0, 1, 0] if name == "shearx" else [1, 0, 0, v, 1, 0]
            return affine(image, np.array(matrix), "bicubic", 128)
        case "translatex":
            return affine(image, np.array([1, 0, v * image.width, 0, 1, 0]), "nearest", 128)
        case "translatey":
            return affine(image, np.array([1, 0, 0, 0, 1, v * image.height]), "nearest", 128)
        case "rotate":
            return image.rotate(v, fillcolor=gray(image))
        case "posterize":
            return ImageOps.posterize(image, int(v))
        case "solarize":
            return ImageOps.solarize(image, float(v))
        case "autocontrast" | "equalize" | "invert":
            return getattr(ImageOps, name)(image)
    return enhance(name.capitalize())(image, 1 + v)


def autoaugment(image, policy, apply, sign):
    for half, (_, name, level) in enumerate(POLICY[policy]):
        if apply[half]:
            image = policy_op(image, name, int(level), sign[half])
    return image


def padded_crop(image, offset, flip=False, pad=None):
    """Flip, then widened by the reflected border as torchvision does it, then the old size out of it."""
    if pad is None:
        pad = min(4, min(image.size) // 8)
    pixels = np.array(hflip(image, flip))
    wide = np.pad(pixels, ((pad, pad), (pad, pad), (0, 0))[: pixels.ndim], "reflect")
    top, left = offset.tolist()
    return Image.fromarray(wide).crop((left, top, left + image.width, top + image.height))


def randaugment_op(image, name, level, sign):
    """The released code's function of that name, with the sign given."""
    share, level, sign = float(level) / 10, int(level), int(sign)
    match name:
        case "identity":
            return image
        case "autocontrast" | "equalize":
            return getattr(ImageOps, name)(image)
        case "posterize":
            return ImageOps.posterize(image, int(level / 10 * 4) + 4)
        case "solarize":
            return ImageOps.solarize(image, 256 - int(level / 10 * 256))
        case "rotate":
            return image.rotate(sign * int(level / 10 * 30))
        case "shearx":
            return image.transform(image.size, Image.Transform.AFFINE, (1, sign * (share * 0.3), 0, 0, 1, 0))
        case "sheary":
            return image.transform(image.size, Image.Transform.AFFINE, (1, 0, 0, sign * (share * 0.3), 1, 0))
        case "translatex":
            pixels = int(sign * (share * 0.3) * image.width)
            return image.transform(image.size, Image.Transform.AFFINE, (1, 0, pixels, 0, 1, 0))
        case "translatey":
            pixels = int(sign * (share * 0.3) * image.height)
            return image.transform(image.size, Image.Transform.AFFINE, (1, 0, 0, 0, 1, pixels))
    return enhance(name.capitalize())(image, share * 0.9 + 0.05)


def randaugment(image, op, apply, level, sign):
    for slot in np.flatnonzero(apply):
        image = randaugment_op(image, list(STRENGTHS)[op[slot]], level[slot], sign[slot])
    return image


def cutout(image, xy):
    left, top = (int(max(0, middle - 8)) for middle in xy.tolist())
    image = image.copy()
    box = (left, top, min(image.width, left + 16), min(image.height, top + 16))
    ImageDraw.Draw(image).rectangle(box, 127 if image.mode == "L" else (127, 127, 127))
    return image


def view(stages, images, parameters, size):
    """What `View.render` must return for stages of these names."""
    functions = {
        "resize": lambda image: resized_crop(image, np.array([0, 0, image.height, image.width]), size=(size, size)),
        "crop": lambda image, box, flip: resized_crop(image, box, flip, (size, size)),
        "autoaugment": autoaugment,
        "padded_crop": padded_crop,
        "randaugment": randaugment,
        "cutout": cutout,
        "perspective": perspective,
        "flip": hflip,
        "jitter": color_jitter,
        "gray": grayscale,
        "blur": gaussian_blur,
    }
    for stage in stages:
        own = {key.split(".")[1]: each for key, each in parameters.items() if key.startswith(stage + ".")}
        images = one_by_one(images, functions[stage], **own)
    return images
