"""The golden kinds of the image views, through the public functions."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from gristmill.views.affine import affine
from gristmill.views.blur import GaussianBlur
from gristmill.views.blur_conv import gaussian_blur_conv
from gristmill.views.color import (
    adjust_brightness,
    adjust_contrast,
    adjust_saturation,
    adjust_sharpness,
    grayscale,
)
from gristmill.views.crop import boxes_from_uniforms
from gristmill.views.cutout import cutout
from gristmill.views.flip import hflip
from gristmill.views.float_jitter import float_jitter
from gristmill.views.hue import adjust_hue, hsv_to_rgb, rgb_to_hsv
from gristmill.views.jitter import color_jitter
from gristmill.views.operation import change_rows
from gristmill.views.padded_crop import reflect_pad_crop
from gristmill.views.perspective import Perspective, coefficients_from_corners, perspective
from gristmill.views.points import autocontrast, equalize, invert, posterize, solarize
from gristmill.views.policies import autoaugment
from gristmill.views.randaugment import randaugment
from gristmill.views.resize import resize, resized_crop
from gristmill.views.view import normalize
from tests.golden import Case

LATER: set[str] = set()


def tensors(case: Case) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in case.inputs.items()}


def of_images(function: Callable[..., Tensor], *names: str) -> Callable[[Case], dict[str, np.ndarray]]:
    """A kind that is function(images, inputs of these names) and has no parameters."""

    def run(case: Case) -> dict[str, np.ndarray]:
        a = tensors(case)
        return {"out": function(a["images"], *(a[name] for name in names)).numpy()}

    return run


def of_params(function: Callable[[dict, dict], Tensor], output: str = "out") -> Callable[[Case], dict[str, np.ndarray]]:
    """A kind that is function(params, inputs)."""
    return lambda case: {output: function(case.params, tensors(case)).numpy()}


def crop(p: dict, a: dict) -> Tensor:
    out = (p["out_size"][0], p["out_size"][1])
    return resized_crop(a["images"], a["box"], out, a["flip"], p.get("interpolation", "bilinear"))


def crop_and_policy(p: dict, a: dict) -> Tensor:
    return autoaugment(crop(p, a), a["policy"], a["apply"], a["sign"], p["fill"])


def daso_op(p: dict, a: dict) -> Tensor:
    """One operation, as the only one of each image."""
    level, sign = a["level"][:, None], a["sign"][:, None]
    return randaugment(a["images"], torch.full_like(level, p["op"]), torch.ones_like(level).bool(), level, sign)


def daso_weak(p: dict, a: dict) -> Tensor:
    return reflect_pad_crop(a["images"], a["offset"], p["pad"], a["flip"])


def daso_strong(p: dict, a: dict) -> Tensor:
    size = (p["resolution"], p["resolution"])
    images = daso_weak(p, a)
    if not p["ra_first"]:
        images = resize(images, size)
    images = cutout(randaugment(images, *(a[name] for name in ("op", "apply", "level", "sign"))), a["cutout_xy"])
    return resize(images, size)


def chain(p: dict, a: dict) -> Tensor:
    threshold = torch.full((len(a["images"]),), float(p["solarize_threshold"]))
    stages: dict[str, Callable[[Tensor], Tensor]] = {
        "resized_crop": lambda x: crop(p, {**a, "images": x, "flip": None}),
        "hflip": lambda x: hflip(x, a["flip"]),
        "color_jitter": lambda x: color_jitter(x, a["jitter_order"], a["jitter_factors"], a["jitter_apply"]),
        "grayscale": lambda x: grayscale(x, a["gray_apply"]),
        "gaussian_blur_pil": lambda x: GaussianBlur(1).apply(x, a["blur_sigma"], a["blur_apply"]),
        "solarize": lambda x: change_rows(x.clone(), a["solarize_apply"], solarize, threshold),
        "perspective": lambda x: Perspective().apply(x, a["persp_coeffs"], a["persp_apply"]),
    }
    images = a["images"]
    for stage in p["stages"]:
        images = stages[stage](images)
    return images


def kornia_jitter(p: dict, a: dict) -> Tensor:
    order = torch.tensor(p["order"]).expand(len(a["images"]), 4)
    return float_jitter(a["images"].float() / 255, order, a["factors"], p["variant"])


KINDS: dict[str, Callable[[Case], dict[str, np.ndarray]]] = {
    "hflip": of_images(hflip, "flip"),
    "rrc_box_from_uniforms": of_params(
        lambda p, a: boxes_from_uniforms(a["u"], (p["height"], p["width"]), p["scale"], p["ratio"]), "box"
    ),
    "resized_crop": of_params(crop),
    "resize": of_params(lambda p, a: resize(a["images"], tuple(p["out_size"]), p["interpolation"])),
    "adjust_brightness": of_images(adjust_brightness, "factor"),
    "adjust_contrast": of_images(adjust_contrast, "factor"),
    "adjust_saturation": of_images(adjust_saturation, "factor"),
    "adjust_sharpness": of_images(adjust_sharpness, "factor"),
    "adjust_hue": of_images(adjust_hue, "factor"),
    "rgb_to_hsv": of_images(rgb_to_hsv),
    "hsv_to_rgb": of_images(hsv_to_rgb),
    "color_jitter": of_images(color_jitter, "order", "factors", "apply"),
    "grayscale": of_images(grayscale, "apply"),
    "invert": of_images(invert),
    "solarize": of_images(solarize, "threshold"),
    "posterize": of_images(posterize, "bits"),
    "autocontrast": of_images(autocontrast),
    "equalize": of_images(equalize),
    "gaussian_blur_pil": of_images(GaussianBlur(1).apply, "sigma", "apply"),
    "gaussian_blur_conv": of_params(
        lambda p, a: gaussian_blur_conv(a["images"].double() / 255, a["sigma"], p["kernel_size"], p["border"])
    ),
    "kornia_color_jitter": of_params(kornia_jitter),
    "affine": of_params(lambda p, a: affine(a["images"], a["matrix"], p["resample"], p["fill"])),
    "perspective": of_params(lambda p, a: perspective(a["images"], a["coeffs"], p["fill"], p["resample"])),
    "perspective_coeffs": of_params(
        lambda p, a: coefficients_from_corners(a["endpoints"], (p["height"], p["width"])), "coeffs"
    ),
    "autoaugment_cifar": of_params(
        lambda p, a: autoaugment(a["images"], a["policy"], a["apply"], a["sign"], p["fill"])
    ),
    "maskcon_weak": of_params(crop),
    "maskcon_strong": of_params(crop_and_policy),
    "reflect_pad_crop": of_params(lambda p, a: reflect_pad_crop(a["images"], a["offset"], p["pad"])),
    "daso_op": of_params(daso_op),
    "daso_weak": of_params(daso_weak),
    "daso_strong": of_params(daso_strong),
    "cutout_daso": of_params(lambda p, a: cutout(a["images"], a["xy"], p["level"], p["color"][0])),
    "chain_view": of_params(chain),
    "normalize": of_params(lambda p, a: normalize(a["images"], p["mean"], p["std"])),
}
