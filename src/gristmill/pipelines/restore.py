"""From encoders' files to their networks."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor, nn

    from gristmill.views.view import View


def restored(
    table: "pd.DataFrame", encoders: "dict[str, Callable[[], tuple[dict[str, Tensor], dict[str, Any]]]]", threads: int
) -> "Iterator[tuple[str, pd.DataFrame, nn.Module, View]]":
    """Seed by seed: its rows of a task, its network, and the view in which that sees a test image.

    Args:
        table: the task.
        encoders: seed -> function that reads tensors and recipe.
        threads: decide the bits.
    """
    import torch

    from gristmill.attributes import attributes
    from gristmill.labels.seeds import of_seed
    from gristmill.views.recipes import recipe

    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms imports the compiler: 1.4 s
    for seed in sorted(encoders, key=int):
        tensors, made = encoders[seed]()
        yield seed, of_seed(table, int(seed)), restore(tensors, made), recipe(attributes(made["views"]), "test")


def restore(tensors: "dict[str, Tensor]", made: dict[str, Any]) -> "nn.Module":
    """The network of an encoder's file."""
    from gristmill.attributes import attributes
    from gristmill.networks.build import build

    network = build(attributes(made["network"]), made["channels"], made["views"]["size"], made["classes"])
    network.load_state_dict(tensors)
    return network
