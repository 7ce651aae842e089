"""The random views of the self-supervised and supervised contrastive methods: which operations, in which order.

`first` and `second` are two views of an image to compare, drawn alike but in `byol`; `global` is another name of
`first`, `local` is the same at the size and with the area of local crops; `weak` is the one view of cross-entropy and
of linear classifiers. The mirror image, which the released codes make first or last, is part of the crop: it commutes
with all that treats colors and with the blurs.

strokes: Gristmill's own, for drawings; a method with few or coarse labels has these views as the strong ones of
`drawings`. moco1, moco2 (also SimSiam on ImageNet), moco_cifar, simsiam_cifar, supcon_cifar
(also SimCLR there), logo, simclr, simclr_cifar, byol: as the released codes, with these differences. Views of at most
32 pixels are not blurred. Every stage rounds to 8 bits. The crops of SimCLR and BYOL and the jitter of SimCLR are PIL's
instead of TensorFlow's. The jitter of `logo` is PIL's, too, where the release has one that works on an accelerator, of
a library whose version it does not name: `logo_jiggle` and `logo_pil_like` have its older and its newer arithmetic.
"""

from typing import Any

from gristmill.views.blur import GaussianBlur
from gristmill.views.blur_conv import ConvolutionBlur
from gristmill.views.central_crop import CentralCrop
from gristmill.views.color import Grayscale
from gristmill.views.crop import ResizedCrop
from gristmill.views.drawings import TurnedCrop
from gristmill.views.float_jitter import FloatJitter
from gristmill.views.jitter import ColorJitter
from gristmill.views.operation import Operation
from gristmill.views.points import Solarize
from gristmill.views.resize import Resize
from gristmill.views.stroke import Stroke

SMALL = ("strokes", "moco_cifar", "simsiam_cifar", "supcon_cifar", "simclr_cifar")
LARGE = ("moco1", "moco2", "logo", "logo_jiggle", "logo_pil_like", "simclr", "byol")
RECIPES = (*SMALL, *LARGE)
ROLES = ("first", "second", "weak", "test", "global", "local")
SHARP = 32  # views of at most so many pixels are not blurred


def stages(settings: Any, role: str) -> tuple[dict[str, Operation], int]:
    """Operations in order, and the side of the result.

    Args:
        settings: recipe, one of RECIPES; size; area, which `test` and the whole views of `strokes` do not read; local
            (size, area) for `local`.
        role: one of ROLES.
    """
    name = settings.recipe
    if role == "test":
        return _test(name, settings.size), settings.size
    own = settings.local if role == "local" else settings
    size = own.size
    if name == "strokes" and role != "local":
        return of_drawing(size), size
    low, high = own.area
    if name == "strokes":
        return {"affine": TurnedCrop(size, shift=0, area=(low, high)), "stroke": Stroke()}, size
    bicubic = name in ("simclr", "simclr_cifar", "byol") and role != "weak"
    crop = ResizedCrop(size, (low, high), flip=0.5, interpolation="bicubic" if bicubic else "bilinear")
    if role == "weak":
        return {"crop": crop}, size
    operations = {"crop": crop, **_colors(name, role)}
    if size <= SHARP:
        operations.pop("blur", None)
    return operations, size


def of_drawing(size: int) -> dict[str, Operation]:
    """The whole views of `strokes`, which are the strong view of `drawings` too."""
    return {"affine": TurnedCrop(size, shift=0.15), "stroke": Stroke()}


def _colors(name: str, role: str) -> dict[str, Operation]:
    """What follows the crop."""
    gray, jitter, half = Grayscale(0.2), ColorJitter(0.4, 0.4, 0.4, 0.1, p=0.8), GaussianBlur(0.5)
    match name, role:
        case "moco1", _:
            return {"gray": gray, "jitter": ColorJitter(0.4, 0.4, 0.4, 0.4)}
        case "moco2", _:
            return {"jitter": jitter, "gray": gray, "blur": half}
        case "logo", _:  # blurred by the loader, before the colors
            return {"blur": half, "jitter": jitter, "gray": gray}
        case "logo_jiggle", _:
            return {"blur": half, "jitter": FloatJitter(0.4, 0.4, 0.4, 0.1, p=0.8, kind="jiggle"), "gray": gray}
        case "logo_pil_like", _:
            return {"blur": half, "jitter": FloatJitter(0.4, 0.4, 0.4, 0.1, p=0.8, kind="pil_like"), "gray": gray}
        case "simclr", _:  # color strength 1
            return {"jitter": ColorJitter(0.8, 0.8, 0.8, 0.2, p=0.8), "gray": gray, "blur": ConvolutionBlur(0.5)}
        case "simclr_cifar", _:  # color strength 1/2
            return {"jitter": jitter, "gray": gray}
        case "byol", _:
            jitter = FloatJitter(0.4, 0.4, 0.2, 0.1, p=0.8, kind="byol")
            if role == "second":
                return {"jitter": jitter, "gray": gray, "blur": ConvolutionBlur(0.1), "solarize": Solarize(0.2)}
            return {"jitter": jitter, "gray": gray, "blur": ConvolutionBlur(1.0)}
    return {"jitter": jitter, "gray": gray}  # moco_cifar, simsiam_cifar, supcon_cifar


def _test(name: str, size: int) -> dict[str, Operation]:
    """Small images are resized at most; of others the middle is taken, LoGo's resized by bicubic interpolation."""
    if name in SMALL or size <= SHARP:
        return {"resize": Resize(size)}
    return {"middle": CentralCrop(size, "bicubic" if name.startswith("logo") else "bilinear")}
