"""Row 20: MaskCon's views of 256 images of 32 x 32 pixels, against PIL image by image; CPU time of one thread.

Both draw their own parameters and end with normalized float32. `python -m benchmarks.views` prints the ratios.
Temporaries make the allocator matter: measure with the settings of docs/performance.md.
"""

import random
from collections.abc import Callable
from math import exp, log, sqrt
from statistics import median
from time import process_time
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps

from gristmill.views.policies import CIFAR, MAGNITUDES, UNSIGNED
from gristmill.views.recipes import recipe

BATCH, SIDE, ROUNDS = 256, 32, 9
GATES = {"weak": 4.0, "strong": 3.5}
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


def pil_batch(images: np.ndarray, view: Callable[[Image.Image], Image.Image]) -> torch.Tensor:
    """N x H x W x C uint8 to N x C x H x W float32, image by image as a loader does it."""
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    views = []
    for image in images:
        pixels = torch.from_numpy(np.array(view(Image.fromarray(image)))).permute(2, 0, 1)
        views.append(pixels.float().div_(255).sub_(mean).div_(std))
    return torch.stack(views)


def compare(role: str) -> dict[str, float]:
    """Microseconds an image, PIL's and ours in turn in one process, and how many times faster ours is."""
    settings: Any = SimpleNamespace(recipe="cifar", size=SIDE, mean=MEAN, std=STD)
    ours, usual = recipe(settings, role), {"weak": pil_weak, "strong": pil_strong}[role]
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.integers(0, 256, (BATCH, 3, 6, 6)).astype(np.float32))
    smooth = torch.nn.functional.interpolate(coarse, (SIDE, SIDE), mode="bicubic")
    images = smooth.clamp_(0, 255).to(torch.uint8)
    pixels = images.permute(0, 2, 3, 1).contiguous().numpy()

    def microseconds(call: Callable[[], Any], times: int) -> float:
        start = process_time()
        for _ in range(times):
            call()
        return (process_time() - start) / times / BATCH * 1e6

    rounds = [
        (
            microseconds(lambda: pil_batch(pixels, usual), 2),
            microseconds(lambda: ours.apply(images, ours.draw(rng, BATCH, SIDE, SIDE)), 8),
        )
        for _ in range(1 + ROUNDS)  # the first warms up
    ]
    baseline, own = (median(column) for column in zip(*rounds[1:], strict=True))
    return {"baseline_us": baseline, "own_us": own, "ratio": baseline / own, "gate": GATES[role]}


def run() -> dict[str, Any]:
    """Row 20; ratio and gate are those of the view with less to spare, `views` has both."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    random.seed(0)
    try:
        views = {role: compare(role) for role in GATES}
    finally:
        torch.set_num_threads(threads)
    tight = min(views, key=lambda role: views[role]["ratio"] / GATES[role])
    what = f"MaskCon views of {BATCH} images, PIL one by one against the batch"
    return {"row": 20, "what": what, "ratio": views[tight]["ratio"], "gate": GATES[tight], "views": views}


if __name__ == "__main__":
    for role, result in run()["views"].items():
        print(
            f"row 20  MaskCon {role} view, batch {BATCH}: x{result['ratio']:.1f} (gate x{result['gate']}), "
            f"{result['baseline_us']:.0f} -> {result['own_us']:.1f} us an image"
        )
