"""Row 20: views of 256 images against PIL image by image: MaskCon's, FixMatch's, and pairs of views to compare.

CPU time of one thread. Both draw their own parameters and end with normalized float32.
"""

import random
from collections.abc import Callable
from functools import partial
from math import exp, log, sqrt
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from benchmarks.measure import alternate, faster, threads, torch
from gristmill.views.policies import CIFAR, MAGNITUDES, UNSIGNED
from gristmill.views.randaugment import SIGNED, STRENGTHS
from gristmill.views.recipes import recipe

BATCH, SIDE = 256, 32
BLURRED = 64  # views of at most 32 pixels are not blurred
MEAN, STD = [0.507, 0.487, 0.441], [0.267, 0.256, 0.276]
POLICY = np.array(CIFAR.split()).reshape(-1, 2, 3).tolist()
NEAREST, BILINEAR, BICUBIC = (Image.Resampling[name] for name in ("NEAREST", "BILINEAR", "BICUBIC"))
ENHANCE = {
    "color": ImageEnhance.Color,
    "contrast": ImageEnhance.Contrast,
    "sharpness": ImageEnhance.Sharpness,
    "brightness": ImageEnhance.Brightness,
}


def pil_weak(image: Image.Image) -> Image.Image:
    """Random resized crop and flip, as the usual transforms do it."""
    return pil_crop(image, (0.2, 1.0), SIDE, BILINEAR)


def pil_crop(
    image: Image.Image, shares: tuple[float, float], size: int, resample: Image.Resampling
) -> Image.Image:
    left, top, width, height = 0, 0, *image.size
    for _ in range(10):
        area = image.width * image.height * random.uniform(*shares)
        ratio = exp(random.uniform(log(3 / 4), log(4 / 3)))
        w, h = round(sqrt(area * ratio)), round(sqrt(area / ratio))
        if 0 < w <= image.width and 0 < h <= image.height:
            left, top = random.randint(0, image.width - w), random.randint(0, image.height - h)
            width, height = w, h
            break
    image = image.crop((left, top, left + width, top + height)).resize((size, size), resample)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if random.random() < 0.5 else image


def pil_strong(image: Image.Image) -> Image.Image:
    """The same, then a pair of the policy."""
    image = pil_weak(image)
    for probability, name, level in random.choice(POLICY):
        if random.random() < float(probability):
            sign = 1 if name in UNSIGNED else random.choice((-1, 1))
            image = pil_operation(image, name, sign * float(MAGNITUDES[name][int(level)]))
    return image


def pil_operation(image: Image.Image, name: str, v: float) -> Image.Image:
    gray = (128, 128, 128)

    def affine(matrix: tuple[float, ...], resample: Image.Resampling) -> Image.Image:
        return image.transform(image.size, Image.Transform.AFFINE, matrix, resample, fillcolor=gray)

    match name:
        case "sheary":
            return affine((1, 0, 0, v, 1, 0), BICUBIC)
        case "translatex":
            return affine((1, 0, v * image.width, 0, 1, 0), NEAREST)
        case "translatey":
            return affine((1, 0, 0, 0, 1, v * image.height), NEAREST)
        case "rotate":
            turned = image.convert("RGBA").rotate(v)
            return Image.composite(turned, Image.new("RGBA", turned.size, (*gray, 128)), turned).convert("RGB")
        case "posterize":
            return ImageOps.posterize(image, int(v))
        case "solarize":
            return ImageOps.solarize(image, int(np.ceil(v)))
        case "autocontrast" | "equalize" | "invert":
            return getattr(ImageOps, name)(image)
    return ENHANCE[name](image).enhance(1 + v)


def pil_fixmatch_weak(image: Image.Image) -> Image.Image:
    """Flip and padded crop, as the usual transforms do it."""
    if random.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    wide = Image.fromarray(np.pad(np.array(image), ((4, 4), (4, 4), (0, 0)), "reflect"))
    left, top = random.randint(0, 8), random.randint(0, 8)
    return wide.crop((left, top, left + SIDE, top + SIDE))


def pil_fixmatch_strong(image: Image.Image) -> Image.Image:
    """The same, then RandAugment and cutout."""
    image = pil_fixmatch_weak(image)
    for name in random.choices(list(STRENGTHS), k=2):
        if random.random() < 0.5:
            sign = random.choice((-1, 1)) if name in SIGNED else 1
            image = pil_randaugment(image, name, sign * float(STRENGTHS[name][random.randint(1, 9)]))
    left, top = (int(max(0, random.uniform(0, SIDE) - 8)) for _ in range(2))
    image = image.copy()
    ImageDraw.Draw(image).rectangle((left, top, min(SIDE, left + 16), min(SIDE, top + 16)), (127, 127, 127))
    return image


def pil_randaugment(image: Image.Image, name: str, v: float) -> Image.Image:
    def affine(*matrix: float) -> Image.Image:
        return image.transform(image.size, Image.Transform.AFFINE, matrix)

    match name:
        case "identity":
            return image
        case "rotate":
            return image.rotate(v)
        case "shearx":
            return affine(1, v, 0, 0, 1, 0)
        case "sheary":
            return affine(1, 0, 0, v, 1, 0)
        case "translatex":
            return affine(1, 0, int(v * image.width), 0, 1, 0)
        case "translatey":
            return affine(1, 0, 0, 0, 1, int(v * image.height))
        case "autocontrast" | "equalize":
            return getattr(ImageOps, name)(image)
        case "posterize" | "solarize":
            return getattr(ImageOps, name)(image, int(v))
    return ENHANCE[name](image).enhance(v)


def pil_two_views(
    image: Image.Image,
    blur: float = 0.0,
    resample: Image.Resampling = BILINEAR,
    area: tuple[float, float] = (0.2, 1.0),
) -> Image.Image:
    """Crop and flip, colors with probability 0.8, gray with 0.2, and a blur with its own."""
    image = pil_crop(image, area, image.width, resample)
    if random.random() < 0.8:
        steps: list[Callable[[Image.Image], Image.Image]] = [
            partial(pil_enhance, name=name, factor=random.uniform(0.6, 1.4))
            for name in ("brightness", "contrast", "color")
        ]
        steps.append(partial(pil_hue, shift=random.uniform(-0.1, 0.1)))
        for step in random.sample(steps, 4):
            image = step(image)
    if random.random() < 0.2:
        image = image.convert("L").convert("RGB")
    return image.filter(ImageFilter.GaussianBlur(random.uniform(0.1, 2))) if random.random() < blur else image


def pil_enhance(image: Image.Image, name: str, factor: float) -> Image.Image:
    return ENHANCE[name](image).enhance(factor)


def pil_hue(image: Image.Image, shift: float) -> Image.Image:
    hue, saturation, value = image.convert("HSV").split()
    turned = np.array(hue) + np.uint8(int(shift * 255) % 256)
    return Image.merge("HSV", (Image.fromarray(turned), saturation, value)).convert("RGB")


VIEWS = {  # name, recipe, role -> the same of one PIL image, times that ours should be faster
    ("MaskCon's", "cifar", "weak"): (pil_weak, 4.0),
    ("MaskCon's", "cifar", "strong"): (pil_strong, 3.5),
    ("FixMatch's", "fixmatch", "weak"): (pil_fixmatch_weak, 20.0),
    ("FixMatch's", "fixmatch", "strong"): (pil_fixmatch_strong, 7.0),
    ("MoCo's", "moco_cifar", "first"): (pil_two_views, 4.0),
    ("MoCo v2's", "moco2", "first"): (partial(pil_two_views, blur=0.5), 4.0),
    ("SimCLR's", "simclr_cifar", "first"): (partial(pil_two_views, resample=BICUBIC), 4.0),
    ("LoGo's", "logo", "local"): (partial(pil_two_views, blur=0.5, area=(0.05, 0.2)), 4.0),
}


def pil_batch(images: np.ndarray, view: Callable[[Image.Image], Image.Image]) -> torch.Tensor:
    """N x H x W x C uint8 to N x C x H x W float32, image by image as a loader does it."""
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    views = []
    for image in images:
        pixels = torch.from_numpy(np.array(view(Image.fromarray(image)))).permute(2, 0, 1)
        views.append(pixels.float().div_(255).sub_(mean).div_(std))
    return torch.stack(views)


def compare(whose: str, name: str, role: str) -> dict[str, Any]:
    """One view, PIL and ours in turn."""
    side = BLURRED if name in ("moco2", "logo") else SIDE
    local = SimpleNamespace(size=side, area=[0.05, 0.2])
    settings: Any = SimpleNamespace(recipe=name, size=side, area=[0.2, 1.0], local=local, mean=MEAN, std=STD)
    ours, (usual, gate) = recipe(settings, role), VIEWS[whose, name, role]
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.integers(0, 256, (BATCH, 3, 6, 6)).astype(np.float32))
    smooth = torch.nn.functional.interpolate(coarse, (side, side), mode="bicubic")
    images = smooth.clamp_(0, 255).to(torch.uint8)
    pixels = images.permute(0, 2, 3, 1).contiguous().numpy()
    variants = {
        "usual": lambda: pil_batch(pixels, usual),
        "own": lambda: ours.apply(images, ours.draw(rng, BATCH, side, side)),
    }
    seconds = alternate(variants, rounds=9, calls=4)
    return faster("20", f"{whose} {role} view, {side} pixels, batch {BATCH}", "PIL image by image", seconds, gate)


def run() -> list[dict[str, Any]]:
    """All views; times are of one thread and one batch."""
    random.seed(0)
    with threads(1):
        return [compare(*view) for view in VIEWS]


if __name__ == "__main__":
    for row in run():
        print(row)
