"""Networks by name, and the files that hold them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from gristmill.errors import UserError
from gristmill.networks.classifier import Classifier, build_classifier
from gristmill.networks.headed import Classified, Headed, headed
from gristmill.networks.heads import Encoder
from gristmill.networks.resnet import BasicBlock, Bottleneck, Pixels, ResNet, start_branches_at_zero

if TYPE_CHECKING:
    from gristmill.parameters.sections import Network

RESNETS = {
    "resnet18": (BasicBlock, (2, 2, 2, 2)),
    "resnet34": (BasicBlock, (3, 4, 6, 3)),
    "resnet50": (Bottleneck, (3, 4, 6, 3)),
}


def backbone(settings: "Network", channels: int, side: int) -> ResNet | Pixels:
    """The network f that `settings.name` names, for images of `channels` x `side` x `side`, not initialized."""
    if settings.name == "pixels":
        return Pixels(channels, side)
    network = residual(settings, channels, side)
    if getattr(settings, "zero_init_residual", False):  # sections of other families have no such key
        start_branches_at_zero(network)
    return network


def residual(settings: "Network", channels: int, side: int) -> ResNet:
    """A residual network by its name."""
    if settings.name == "small":
        widths = settings.widths
        network = ResNet(BasicBlock, [settings.blocks] * len(widths), widths, channels, stem="tiny")
        for module in network.modules():  # runs of minutes start better from PyTorch's default
            if isinstance(module, nn.Conv2d):
                module.he_normal = False  # type: ignore[assignment]
        return network
    block, blocks = RESNETS[settings.name]
    return ResNet(block, blocks, (64, 128, 256, 512), channels, stem="small" if side <= 64 else "imagenet")


def build(settings: Any, channels: int, side: int, classes: int) -> Encoder | Headed | Classifier:
    """Backbone and heads, not initialized.

    Args:
        settings: section `network` of a method: which keys it has decides which heads.
        classes: C.
    """
    if hasattr(settings, "factor"):
        return build_classifier(settings, channels, classes)
    network = backbone(settings, channels, side)
    if hasattr(settings, "head"):
        return headed(network, network.width, settings)
    if not hasattr(settings, "dim"):
        return Classified(network, nn.Linear(network.width, classes))
    return Encoder(network, network.width, settings.dim, settings.hidden, classes)


def load_weights(network: nn.Module, path: str) -> None:
    """Start a backbone from a weight file with torchvision's names; a 3x3 stem and the heads keep their own.

    Args:
        path: a safetensors file, or a torch file; nothing in either is executed.
    """
    tensors = read_weights(Path(path))
    own = network.state_dict()
    taken = {k: v for k, v in tensors.items() if k in own and own[k].shape == v.shape}
    missing = [k for k in own if k not in taken and not k.startswith("conv1.") and "num_batches" not in k]
    if missing:
        raise UserError(f"{path}: no weights of this network: {missing[0]} is missing or has another shape")
    network.load_state_dict(taken, strict=False)


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a weight file."""
    if not path.exists():
        raise UserError(f"network.init: {path}: no such file; give the path of a weight file, or 'random'")
    try:
        if path.suffix == ".safetensors":
            return read_encoder(path)[0]
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"{path}: not a safetensors or torch weight file ({type(error).__name__})") from error
    content = content.get("state_dict", content) if isinstance(content, dict) else {}
    return {key: value for key, value in content.items() if isinstance(value, Tensor)}


def encoder_bytes(network: nn.Module, recipe: dict[str, Any]) -> bytes:
    """A safetensors file of the network and of what is needed to build and feed it again.

    There is one metadata key only: safetensors writes several in random order. Nothing in it may change while
    the numbers stay.
    """
    tensors = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    return save(tensors, {"gristmill": json.dumps(recipe, sort_keys=True)})


def read_encoder(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and recipe of an encoder file."""
    try:
        with safe_open(path, "pt") as file:
            recipe = json.loads((file.metadata() or {}).get("gristmill", "{}"))
            return {key: file.get_tensor(key) for key in file.keys()}, recipe  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path}: not a readable safetensors file ({error})") from error
