"""Several processes that see one global batch in slices. With one process everything here is the identity."""

import torch
from torch import Tensor, distributed, nn
from torch.autograd import Function


def processes() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def lost(error: RuntimeError) -> bool:
    """Whether an error says that another process does not answer any more (gloo has no error of its own)."""
    return processes() > 1 and (isinstance(error, distributed.DistError) or "/gloo/" in str(error))


@torch.no_grad()
def gather(tensor: Tensor) -> Tensor:
    """The slices of all processes, joined along dimension 0 in the order of their ranks. No gradient."""
    if processes() == 1:
        return tensor
    tensor = tensor.contiguous()  # first: slices in another layout than what is sent would be scrambled
    slices = [torch.empty_like(tensor) for _ in range(processes())]
    distributed.all_gather(slices, tensor)
    return torch.cat(slices)


class Sum(Function):
    """The sum over all processes, whose gradient is summed over them too."""

    @staticmethod
    def forward(ctx, tensor: Tensor) -> Tensor:
        total = tensor.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, *grad_outputs: Tensor) -> Tensor:
        total = grad_outputs[0].clone()
        distributed.all_reduce(total)
        return total


class Gather(Function):
    """The slices of all processes, joined; a slice's gradient is summed over the losses of all processes."""

    @staticmethod
    def forward(ctx, tensor: Tensor) -> Tensor:
        return gather(tensor)

    @staticmethod
    def backward(ctx, *grad_outputs: Tensor) -> Tensor:
        total = grad_outputs[0].clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total.chunk(processes())[distributed.get_rank()]


class GlobalBatchNorm2d(nn.BatchNorm2d):
    """Batch norm over the batch of all processes (torch's own form refuses to run on a CPU)."""

    def forward(self, input: Tensor) -> Tensor:
        return normalize_globally(self, input) if self.training else super().forward(input)


class GlobalBatchNorm1d(nn.BatchNorm1d):
    """The same for the vectors in a head."""

    def forward(self, input: Tensor) -> Tensor:
        return normalize_globally(self, input) if self.training else super().forward(input)


def normalize_globally(norm: nn.BatchNorm1d | nn.BatchNorm2d, input: Tensor) -> Tensor:
    """What `norm` gives in training if it sees the images of all processes; they share its statistics.

    Args:
        input: N x C or N x C x H x W, of this process.
    """
    x = input if input.dtype == torch.float64 else input.float()
    dims, shape = [0, *range(2, x.ndim)], [1, -1, *[1] * (x.ndim - 2)]
    count = x.numel() // x.shape[1] * processes()
    mean = Sum.apply(x.sum(dims)) / count  # type: ignore[operator]
    centered = x - mean.view(shape)
    variance = Sum.apply((centered * centered).sum(dims)) / count  # type: ignore[operator]
    if norm.running_mean is not None and norm.running_var is not None and norm.momentum is not None:
        with torch.no_grad():
            norm.running_mean.lerp_(mean, norm.momentum)
            norm.running_var.lerp_(variance * (count / (count - 1)), norm.momentum)
            if norm.num_batches_tracked is not None:
                norm.num_batches_tracked.add_(1)
    scale = (variance + norm.eps).rsqrt()
    if not norm.affine:
        return (centered * scale.view(shape)).to(input.dtype)
    return (centered * (scale * norm.weight).view(shape) + norm.bias.view(shape)).to(input.dtype)


def share_batch_norm(module: nn.Module, device: torch.device) -> None:
    """Replace every batch norm below `module` by one over all processes (on a GPU: torch's SyncBatchNorm)."""
    if processes() == 1:
        return
    if device.type == "cuda":
        nn.SyncBatchNorm.convert_sync_batchnorm(module)
        return
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm1d | nn.BatchNorm2d):
            kind = GlobalBatchNorm1d if isinstance(child, nn.BatchNorm1d) else GlobalBatchNorm2d
            shared = kind(child.num_features, child.eps, child.momentum, child.affine)
            if child.running_mean is not None:
                shared.to(child.running_mean.dtype)
            shared.load_state_dict(child.state_dict())
            for own, given in zip(shared.parameters(), child.parameters(), strict=True):
                own.requires_grad_(given.requires_grad)
            setattr(module, name, shared)
        else:
            share_batch_norm(child, device)


@torch.no_grad()
def average_gradients(parameters: list[nn.Parameter]) -> None:
    """Replace each gradient by its mean over the processes: the gradient of the loss of the global batch."""
    if processes() == 1:
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    if gradients:
        flat = torch.cat([g.flatten() for g in gradients])
        distributed.all_reduce(flat)
        flat /= processes()
        for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))


def over_processes(tensor: Tensor) -> Tensor:
    """The sum over all processes, with gradient."""
    return tensor if processes() == 1 else Sum.apply(tensor)  # type: ignore[return-value]


def gather_with_gradient(tensor: Tensor) -> Tensor:
    """`gather`, with gradient: what `average_gradients` leaves is that of the mean of the processes' losses."""
    return tensor if processes() == 1 else Gather.apply(tensor)  # type: ignore[return-value]
