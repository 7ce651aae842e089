"""Device, precision and memory layout: chosen here, so that methods and losses never mention them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from torch import Tensor, nn

from gristmill.errors import UserError


def choose_device(name: str) -> torch.device:
    """`auto` is a GPU where there is one, else the CPU; Apple's `mps` only when it is asked for (no float64)."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise UserError("train.device: cuda: torch finds no NVIDIA GPU here; take auto or cpu")
    if name == "mps" and not torch.backends.mps.is_available():
        raise UserError("train.device: mps: torch finds no Apple GPU here; take auto or cpu")
    return torch.device(name)


def use_bf16(precision: str, device: torch.device) -> bool:
    """`auto`: only where the processor has instructions for it; elsewhere bf16 is emulated and slower."""
    if precision != "auto":
        return precision == "bf16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    if device.type != "cpu":
        return False
    asks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, ask, lambda: False)()) for ask in asks)


def place(method: nn.Module, device: torch.device, bf16: bool) -> None:
    """Move a method to its device, convolutions in channels_last, and run its encoders in bf16 if wanted.

    An encoder is a module that a method holds directly, and that has weights. Its outputs become float32 at once:
    losses, averages, queues and optimizers never see bf16.
    """
    method.to(device)
    for module in method.children():
        if next(module.parameters(), None) is None:
            continue
        module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if bf16:
            module.forward = in_bf16(module.forward, device.type)


def in_bf16(forward: Callable[..., Any], device: str) -> Callable[..., Any]:
    """`forward` under autocast, with float32 outputs."""

    @wraps(forward)
    def run(*inputs: Tensor) -> Any:
        with torch.autocast(device, torch.bfloat16):
            outputs = forward(*inputs)
        return tuple(o.float() for o in outputs) if isinstance(outputs, tuple) else outputs.float()

    return run
