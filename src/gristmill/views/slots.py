"""One operation for each image of a batch, every image its own: a slot of a policy.

Images are sorted by operation, and operations that have work in common do it together, since a batch has few images
for each.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from gristmill.views.affine import (
    affine,
    affine_fixed_point,
    rotate,
    shear_x,
    shear_y,
    translate_x,
    translate_y,
)
from gristmill.views.color import black, blend, luminance, mean_luminance, smooth
from gristmill.views.operation import Size, as_bytes
from gristmill.views.points import autocontrast, equalize, invert, posterize, solarize
from gristmill.views.sampling import Fill

Spans = dict[str, slice]  # operation -> its images, which stand one after the other

DEGENERATE = {"brightness": black, "contrast": mean_luminance, "color": luminance, "sharpness": smooth}


def _enhance(images: Tensor, spans: Spans, factor: Tensor, fill: Fill) -> Tensor:
    """PIL's enhancers."""
    x = images.float()
    degenerate = torch.empty_like(x)
    for name, span in spans.items():
        degenerate[span] = DEGENERATE[name](x[span])
    return as_bytes(blend(degenerate, x, factor))


MATRICES: dict[str, Callable[[Tensor, Size], Tensor]] = {
    "translatex": lambda pixels, size: translate_x(pixels),
    "translatey": lambda pixels, size: translate_y(pixels),
    "rotate": rotate,
    "shearx": lambda slope, size: shear_x(slope),
    "sheary": lambda slope, size: shear_y(slope),
}


def _move(images: Tensor, spans: Spans, v: Tensor, fill: Fill) -> Tensor:
    """Nearest pixels. For translations PIL's float64 steps and fixed-point numbers lead to the same pixels."""
    height, width = images.shape[2:]
    matrix = torch.cat([MATRICES[name](v[span], (height, width)) for name, span in spans.items()])
    return affine_fixed_point(images, matrix, fill)


# Operations that are done together -> function of their images, spans within these, magnitudes, fill color.
Families = dict[tuple[str, ...], Callable[[Tensor, Spans, Tensor, Fill], Tensor]]
_ENHANCERS: Families = {("brightness", "contrast", "color", "sharpness"): _enhance}
_POINTS: Families = {
    ("posterize",): lambda images, _, v, fill: posterize(images, v.long()),
    ("solarize",): lambda images, _, v, fill: solarize(images, v),
    ("autocontrast",): lambda images, _, v, fill: autocontrast(images),
    ("equalize",): lambda images, _, v, fill: equalize(images),
    ("invert",): lambda images, _, v, fill: invert(images),
}
NEAREST: Families = {**_ENHANCERS, ("translatex", "translatey", "rotate", "shearx", "sheary"): _move, **_POINTS}
BICUBIC_SHEARS: Families = {
    **_ENHANCERS,
    ("translatex", "translatey", "rotate"): _move,
    ("shearx",): lambda images, _, v, fill: affine(images, shear_x(v), "bicubic", fill),
    ("sheary",): lambda images, _, v, fill: affine(images, shear_y(v), "bicubic", fill),
    **_POINTS,
}
OPERATIONS = tuple(name for family in NEAREST for name in family)  # the same in both
NONE = len(OPERATIONS)


def one_each(images: Tensor, operation: np.ndarray, magnitude: np.ndarray, fill: Fill, families: Families) -> Tensor:
    """Apply to each image its operation.

    Args:
        images: N x C x H x W uint8.
        operation: N, index in OPERATIONS, or NONE: the image stays.
        magnitude: N float64: factor (enhancers), pixels (translations), degrees counter-clockwise (rotate), slope
            (shears), bits (posterize), threshold (solarize).
        fill: color of points outside the image.
        families: NEAREST, or BICUBIC_SHEARS.
    """
    order = np.argsort(operation, kind="stable")
    bounds = np.searchsorted(operation[order], np.arange(NONE + 1)).tolist()
    order = order[: bounds[NONE]]
    there = torch.from_numpy(order).to(images.device, non_blocking=True)
    changed, v = images.index_select(0, there), torch.from_numpy(magnitude[order])
    for family, function in families.items():
        first = OPERATIONS.index(family[0])
        edges = bounds[first : first + len(family) + 1]
        start, end = edges[0], edges[-1]
        if start < end:
            pieces = zip(family, edges, edges[1:], strict=False)
            spans = {name: slice(a - start, b - start) for name, a, b in pieces if a < b}
            changed[start:end] = function(changed[start:end], spans, v[start:end], fill)
    source = np.arange(len(images))
    source[order] = len(images) + np.arange(len(order))  # picking whole images is far faster than index_copy
    return torch.cat([images, changed]).index_select(0, torch.from_numpy(source).to(images.device, non_blocking=True))
