"""From an encoder's file to its network."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor, nn


def restore(tensors: "dict[str, Tensor]", made: dict[str, Any]) -> "nn.Module":
    """The network of an encoder's file."""
    from gristmill.attributes import attributes
    from gristmill.networks.build import build

    network = build(attributes(made["network"]), made["channels"], made["views"]["size"], made["classes"])
    network.load_state_dict(tensors)
    return network
