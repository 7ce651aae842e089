"""First values of a network's weights, from a generator that is handed in: no global state takes part."""

from math import prod, sqrt
from typing import Any

import torch
from torch import nn


@torch.no_grad()
def initialize(network: nn.Module, rng: Any) -> None:
    """Draw all weights anew, module by module in the order of registration.

    Convolutions marked `he_normal`: normal with variance 2 / fan_out (He et al. 2015). Linear layers marked
    `xavier_normal`: normal with variance 2 / (inputs + outputs), biases 0 (Glorot & Bengio 2010). Other convolutions
    and linear layers: uniform within 1 / sqrt(fan_in), weights and biases alike (PyTorch's default). Batch norm: 1
    and 0, or 0 and 0 where it is marked `starts_at_zero`.

    Args:
        rng: a NumPy generator.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            area = prod(module.weight.shape[2:])
            if getattr(module, "he_normal", False):
                values = rng.standard_normal(module.weight.shape) * sqrt(2 / (module.weight.shape[0] * area))
                module.weight.copy_(torch.from_numpy(values))
            elif getattr(module, "xavier_normal", False):
                values = rng.standard_normal(module.weight.shape) * sqrt(2 / sum(module.weight.shape))
                module.weight.copy_(torch.from_numpy(values))
                if module.bias is not None:
                    module.bias.zero_()
            else:
                bound = 1 / sqrt(module.weight.shape[1] * area)
                module.weight.copy_(torch.from_numpy(rng.uniform(-bound, bound, module.weight.shape)))
                if module.bias is not None:
                    module.bias.copy_(torch.from_numpy(rng.uniform(-bound, bound, module.bias.shape)))
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.reset_parameters()
            if getattr(module, "starts_at_zero", False):
                module.weight.zero_()
