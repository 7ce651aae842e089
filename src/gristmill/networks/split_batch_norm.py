"""Batch norm over parts of a batch: one device acts as several do (MoCo's CIFAR-10 demo)."""

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm


class SplitBatchNorm(nn.BatchNorm2d):
    """In training mode sample i belongs to split i mod S; every split is normalized by its own statistics.

    Scale and shift are shared. Each split updates the running statistics from the same old ones (unbiased variance);
    their mean over the splits is kept. `num_batches_tracked` stands still, as released. In eval mode plain batch norm.

    Args:
        features: C.
        splits: S; divides N.

    Takes N x C or N x C x ...; the tensors of its state are those of plain batch norm, so a network that was trained
    with it can be evaluated without it.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, features: int, splits: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True):
        super().__init__(features, eps, momentum, affine)
        self.splits = splits

    def forward(self, input: Tensor) -> Tensor:
        statistics, scale, momentum = (self.running_mean, self.running_var), (self.weight, self.bias), self.momentum
        if not self.training:
            return batch_norm(input, *statistics, *scale, False, 0.0, self.eps)
        mean, variance = (value.repeat(self.splits) for value in statistics)
        weight, bias = (None if value is None else value.repeat(self.splits) for value in scale)
        beside = input.reshape(len(input) // self.splits, -1, *input.shape[2:])    # N/S x (S C) x ...
        output = batch_norm(beside, mean, variance, weight, bias, True, momentum or 0.0, self.eps)
        with torch.no_grad():
            for own, of_splits in zip(statistics, (mean, variance), strict=True):
                own.copy_(of_splits.view(self.splits, -1).mean(0))
        output = output.reshape(input.shape)
        if input.dim() == 4 and input.is_contiguous(memory_format=torch.channels_last):
            output = output.contiguous(memory_format=torch.channels_last)
        return output

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, splits={self.splits}"


def split_batch_norm(module: nn.Module, splits: int) -> None:
    """Replace every batch norm below `module` by one over `splits` parts; one part leaves the module as it is."""
    if splits == 1:
        return
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm1d | nn.BatchNorm2d):
            momentum = 0.0 if child.momentum is None else child.momentum
            split = SplitBatchNorm(child.num_features, splits, child.eps, momentum, child.affine)
            split.to(child.running_mean).load_state_dict(child.state_dict())  # type: ignore[arg-type]
            for own, given in zip(split.parameters(), child.parameters(), strict=True):
                own.requires_grad_(given.requires_grad)
            setattr(module, name, split)
        else:
            split_batch_norm(child, splits)
