"""The part that LoGo adds to a method: local crops of one image are pushed apart, judged by a regressor.

Zhang, Qiu, Ke, Süsstrunk & Salzmann, "Leverage Your Local and Global Representations: A New Self-Supervised Learning
Strategy", CVPR 2022, arXiv 2203.17205.
"""

from collections.abc import Mapping
from math import sqrt
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from gristmill.losses.local_affinity import pair_affinity, regressor_loss
from gristmill.methods.method import Clock, Objective, Optimizer, Step
from gristmill.networks.initialize import initialize
from gristmill.networks.regressor import Regressor

if TYPE_CHECKING:
    from gristmill.parameters import local_crops, two_views

VIEWS = {"global1": "global", "global2": "global", "local1": "local", "local2": "local"}
CLIP = 100.0  # largest norm of the encoder's gradient in the main update


class LocalAffinity(nn.Module):
    """Regressor f_d with an optimizer of its own, and the norm that bounds the local-to-local update.

    With unit rows a, b of both local crops, f_d first learns to tell pairs of one image from pairs of two (Omega);
    then the encoder minimizes L_ll = mean l_a(a, b) with the updated f_d. `alternate_clip`, as released on MoCo, does
    that in an update of its own over the same weights (`local`, with its own momentum, and weight decay once more),
    with a gradient no longer than `clip_rate` times that of the last main update; `weighted`, as in the paper's
    eq. 9, adds `weight` L_ll to the main loss. The paper has no clipping, the released code no weight.

    Buffers: `norm0` (), the norm of the last main update's gradient before clipping; 0 at the start and, as released,
    at the start of every epoch: then the local update is momentum and weight decay alone.

    Args:
        dim: C.
        settings: section `local`.
    """

    norm0: Tensor

    def __init__(self, dim: int, settings: "local_crops.Local"):
        super().__init__()
        self.settings, self.dim = settings, dim
        self.regressor = Regressor(dim, settings.hidden, 1 if settings.regressor == "softplus" else dim)
        self.register_buffer("norm0", torch.zeros(()))

    @property
    def alternates(self) -> bool:
        """Whether the local-to-local term has an update of its own."""
        return self.settings.loss == "alternate_clip"

    def initialize(self, rng: Any) -> None:
        """First weights of the regressor."""
        initialize(self.regressor, rng)

    def optimizer(self, train: "two_views.Pretraining") -> Optimizer:
        """The regressor's: a constant rate."""
        parameters = list(self.regressor.parameters())
        return Optimizer(parameters, self.settings.lr, momentum=train.momentum, weight_decay=train.weight_decay)

    def draw(self, rng: Any, count: int) -> dict[str, Tensor]:
        """e1, e2: standard normal, N x C each."""
        values = [torch.from_numpy(rng.standard_normal((count, self.dim), "float32")) for _ in range(2)]
        return dict(zip(("noise_query", "noise_key"), values, strict=True))

    def starts_anew(self, now: Clock) -> bool:
        """Whether the norm of the last update is forgotten before this step."""
        return self.alternates and self.settings.reset_norm_each_epoch and now.step_in_epoch == 0

    def learn(self, a: Tensor, b: Tensor, draws: Mapping[str, Tensor]) -> Objective:
        """The regressor's update.

        Args:
            a, b: N x C unit rows; they get no gradient.
            draws: `noise_query` and `noise_key`, N x C.
        """
        scale = self.settings.noise / sqrt(self.dim)
        noise = [scale * draws[name] for name in ("noise_query", "noise_key")]
        omega, others = regressor_loss(self.settings.regressor, self.regressor, a.detach(), b.detach(), *noise)
        parts = {"regressor_loss": omega.detach(), "regressor_others": others.detach()}
        return Objective(omega, optimizer="regressor", parts=parts)

    def apart(self, a: Tensor, b: Tensor) -> Tensor:
        """L_ll: a scalar, with gradient into a and b (N x C); one direction, without noise."""
        return pair_affinity(self.settings.regressor, self.regressor, a, b).mean()

    def push_apart(self, a: Tensor, b: Tensor, draws: Mapping[str, Tensor], now: Clock) -> Step:
        """Both updates of `alternate_clip`, before the main one."""
        if self.starts_anew(now):
            self.norm0.zero_()
        yield self.learn(a, b, draws)
        loss = self.apart(a, b)
        limit = self.settings.clip_rate * self.norm0
        yield Objective(loss, optimizer="local", clip=limit, parts={"local_local_loss": loss.detach()})

    @torch.no_grad()
    def remember(self, norm: Tensor) -> None:
        """The main update's gradient had this norm, a scalar."""
        self.norm0.copy_(norm)
