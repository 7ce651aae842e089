"""The random views of the methods: which operations, in which order."""

from typing import TYPE_CHECKING

from gristmill.errors import UserError
from gristmill.views import contrastive
from gristmill.views.blur import GaussianBlur
from gristmill.views.color import Grayscale
from gristmill.views.crop import ResizedCrop
from gristmill.views.cutout import Cutout
from gristmill.views.drawings import RandomAffine
from gristmill.views.flip import HorizontalFlip
from gristmill.views.jitter import ColorJitter
from gristmill.views.operation import Operation
from gristmill.views.padded_crop import PaddedCrop
from gristmill.views.perspective import Perspective
from gristmill.views.policies import AutoAugmentCifar
from gristmill.views.randaugment import RandAugment
from gristmill.views.resize import Resize
from gristmill.views.view import View

if TYPE_CHECKING:
    from gristmill.parameters.sections import Images


def recipe(settings: "Images", role: str) -> View:
    """The view of that role in settings.recipe.

    Args:
        settings: section `views` of an experiment: recipe, size, mean, std; of the recipes in
            `gristmill.views.contrastive` also area, and for local crops local.size and local.area.
        role: weak, strong, or test (no randomness); of drawings and fixmatch also untouched, for which nothing is
            random either. Of contrastive recipes first, second, weak, test, global, local.
    """
    if settings.recipe in contrastive.RECIPES and role in contrastive.ROLES:
        stages, size = contrastive.stages(settings, role)
    else:
        stages, size = _stages(settings.recipe, role, settings.size), settings.size
    return View(stages, size, settings.mean, settings.std)


def _stages(name: str, role: str, size: int) -> dict[str, Operation]:
    """Operations in the order of the released code of MaskCon and (fixmatch) DASO; drawings are Gristmill's own."""
    match name, role:
        case ("drawings" | "cifar" | "cars" | "sop" | "fixmatch", "test") | ("drawings" | "fixmatch", "untouched"):
            return {"resize": Resize(size)}
        case "drawings", "weak":
            return {"affine": RandomAffine(size)}
        case "drawings", "strong":
            return contrastive.of_drawing(size)
        case "cifar", "weak":
            return {"crop": ResizedCrop(size, flip=0.5)}
        case "cifar", "strong":
            return {"crop": ResizedCrop(size, flip=0.5), "autoaugment": AutoAugmentCifar()}
        case "cars" | "sop", "weak":
            return {"crop": ResizedCrop(size), "perspective": Perspective(), "flip": HorizontalFlip()}
        case "sop", "strong":
            return {"crop": ResizedCrop(size, flip=0.5), "perspective": Perspective()}
        case "cars", "strong":
            return {
                "crop": ResizedCrop(size, flip=0.5),
                "perspective": Perspective(),
                "jitter": ColorJitter(0.4, 0.4, 0.4, 0.1, p=0.8),
                "gray": Grayscale(0.2),
                "blur": GaussianBlur(0.5),
            }
        case "fixmatch", "weak":
            return {"padded_crop": PaddedCrop(), "resize": Resize(size)}
        case "fixmatch", "strong":  # at the images' own size until the end
            return {
                "padded_crop": PaddedCrop(),
                "randaugment": RandAugment(),
                "cutout": Cutout(),
                "resize": Resize(size),
            }
    raise UserError(
        f"views.recipe {name!r} has no view {role!r}; drawings, cifar, cars, sop and fixmatch have weak, strong and "
        f"test (fixmatch: untouched too), {', '.join(contrastive.RECIPES)} have {', '.join(contrastive.ROLES)}"
    )
