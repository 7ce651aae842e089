"""The random views of the coarse-label family: which operations, in which order."""

from typing import TYPE_CHECKING

from gristmill.errors import UserError
from gristmill.views.blur import GaussianBlur
from gristmill.views.color import Grayscale
from gristmill.views.crop import ResizedCrop
from gristmill.views.drawings import RandomAffine
from gristmill.views.flip import HorizontalFlip
from gristmill.views.jitter import ColorJitter
from gristmill.views.operation import Operation
from gristmill.views.perspective import Perspective
from gristmill.views.policies import AutoAugmentCifar
from gristmill.views.resize import Resize
from gristmill.views.view import View

if TYPE_CHECKING:
    from gristmill.parameters.sections import Images


def recipe(settings: "Images", role: str) -> View:
    """The view of that role in settings.recipe.

    Args:
        settings: section `views` of an experiment: recipe (drawings, cifar, cars, sop), size, mean, std.
        role: weak, strong, or test (no randomness).
    """
    return View(_stages(settings.recipe, role, settings.size), settings.size, settings.mean, settings.std)


def _stages(name: str, role: str, size: int) -> dict[str, Operation]:
    """Operations in the order of MaskCon's released code; those of drawings are Gristmill's own."""
    match name, role:
        case "drawings" | "cifar" | "cars" | "sop", "test":
            return {"resize": Resize(size)}
        case "drawings", "weak" | "strong":
            return {"affine": RandomAffine(size)}
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
    raise UserError(
        f"views.recipe {name!r} has no view {role!r}; recipes are drawings, cifar, cars and sop, "
        "views weak, strong and test"
    )
