"""A small network that judges pairs of vectors."""

import torch
from torch import Tensor, nn


class Regressor(nn.Module):
    """f_d of LoGo (Zhang et al., CVPR 2022): two hidden layers with batch norm on both vectors side by side.

    Args:
        dim: C of each vector.
        hidden: R.
        outputs: 1 for a logit, C for a prediction of the second vector.

    `forward(u, v)` maps two N x C, the order of which matters, to N x outputs. Every call is one batch of its batch
    norm.
    """

    def __init__(self, dim: int, hidden: int, outputs: int):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(2 * dim, hidden), nn.BatchNorm1d(hidden), nn.ReLU(),
            nn.Linear(hidden, hidden), nn.BatchNorm1d(hidden), nn.ReLU(),
            nn.Linear(hidden, outputs),
        )  # fmt: skip

    def forward(self, u: Tensor, v: Tensor) -> Tensor:
        return self.mlp(torch.cat([u, v], 1))
