"""Row 20: views of MaskCon and FixMatch of 256 images of 32 x 32 pixels, against PIL image by image.

CPU time of one thread. Both draw their own parameters and end with normalized float32.
"""

import random
from collections.abc import Callable
from math import exp, log, sqrt
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from benchmarks.measure import alternate, faster, threads, torch
from gristmill.views.policies import CIFAR, MAGNITUDES, UNSIGNED
from gristmill.views.randaugment import SIGNED, STRENGTHS
from gristmill.views.recipes import recipe

BATCH, SIDE = 256, 32
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
    left, top, width, height = 0, 0, *image.size
    for _ in range(10):
        area = image.width * image.height * random.uniform(0.2, 1)
        ratio = exp(random.uniform(log(3 / 4), log(4 / 3)))
        w, h = round(sqrt(area * ratio)), round(sqrt(area / ratio))
        if 0 < w <= image.width and 0 < h <= image.height:
            left, top = random.randint(0, image.width - w), random.randint(0, image.height - h)
            width, height = w, h
            break
    image = image.crop((left, top, left + width, top + height)).resize((SIDE, SIDE), BILINEAR)
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


VIEWS = {  # name, recipe, role -> the same of one PIL image, times that ours should be faster
    ("MaskCon's", "cifar", "weak"): (pil_weak, 4.0),
    ("MaskCon's", "cifar", "strong"): (pil_strong, 3.5),
    ("FixMatch's", "fixmatch", "weak"): (pil_fixmatch_weak, 20.0),
    ("FixMatch's", "fixmatch", "strong"): (pil_fixmatch_strong, 7.0),
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
    settings: Any = SimpleNamespace(recipe=name, size=SIDE, mean=MEAN, std=STD)
    ours, (usual, gate) = recipe(settings, role), VIEWS[whose, name, role]
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.integers(0, 256, (BATCH, 3, 6, 6)).astype(np.float32))
    smooth = torch.nn.functional.interpolate(coarse, (SIDE, SIDE), mode="bicubic")
    images = smooth.clamp_(0, 255).to(torch.uint8)
    pixels = images.permute(0, 2, 3, 1).contiguous().numpy()
    variants = {
        "usual": lambda: pil_batch(pixels, usual),
        "own": lambda: ours.apply(images, ours.draw(rng, BATCH, SIDE, SIDE)),
    }
    seconds = alternate(variants, rounds=9, calls=4)
    return faster("20", f"{whose} {role} view, batch {BATCH}", "PIL image by image", seconds, gate)


def run() -> list[dict[str, Any]]:
    """All views; times are of one thread and one batch."""
    random.seed(0)
    with threads(1):
        return [compare(*view) for view in VIEWS]


if __name__ == "__main__":
    for row in run():
        print(row)
