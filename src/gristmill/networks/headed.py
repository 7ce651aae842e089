"""A backbone with one head, and the heads of the self-supervised papers, layer by layer."""

from typing import Any

from torch import Tensor, nn


class Headed(nn.Module):
    """Backbone f and head h; a predictor q on top where a method has one.

    Args:
        backbone: maps images to N x d, `backbone.width`.
        head: maps N x d to N x D: a projector, or the classifier of cross entropy.
        predictor: maps N x D to N x D (SimSiam, BYOL).

    `forward` gives h(f(x)), N x D, not normalized; `predict(z)` gives q(z). The feature that is evaluated is f(x), from
    `features`.
    """

    def __init__(self, backbone: nn.Module, head: nn.Module, predictor: nn.Module | None = None):
        super().__init__()
        self.backbone = backbone
        self.head = head
        self.predictor = predictor

    def features(self, images: Tensor) -> Tensor:
        """N x d."""
        return self.backbone(images)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.backbone(images))

    def predict(self, projections: Tensor) -> Tensor:
        """N x D."""
        assert self.predictor is not None, "this network has no predictor"
        return self.predictor(projections)


class Classified(Headed):
    """Backbone and linear classifier (cross entropy): `forward` gives logits, N x C, of the labels that it learned."""


def headed(backbone: nn.Module, width: int, settings: Any) -> Headed:
    """A backbone with the head and predictor that the section names.

    Args:
        width: d.
        settings: section `network` (`parameters.two_views.Projection`).
    """
    head = HEADS[settings.head](width, settings.hidden, settings.dim, settings.layers)
    predictor = PREDICTORS.get(settings.head)
    return Headed(backbone, head, None if predictor is None else predictor(settings.dim, settings.predictor))


def linear(width: int, hidden: int, dim: int, layers: int) -> nn.Module:
    """MoCo v1."""
    return nn.Linear(width, dim)


def mlp(width: int, hidden: int, dim: int, layers: int) -> nn.Module:
    """MoCo v2, LoGo, SupCon: no batch norm."""
    return nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, dim))


def mlp_bn(width: int, hidden: int, dim: int, layers: int) -> nn.Module:
    """`mlp` with one batch norm: small batches of many classes leave their first plateau sooner (Gristmill's own)."""
    first = nn.Linear(width, hidden, bias=False)
    return nn.Sequential(first, nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, dim))


def simclr(width: int, hidden: int, dim: int, layers: int) -> nn.Module:
    """SimCLR's released code: batch norm after every layer, no biases, and after the last none in batch norm either."""
    parts: list[nn.Module] = []
    for number in range(layers):
        last = number == layers - 1
        norm = nn.BatchNorm1d(dim if last else hidden)
        if last:
            norm.bias.requires_grad_(False)
        parts += [nn.Linear(hidden if number else width, dim if last else hidden, bias=False), norm]
        parts += [] if last else [nn.ReLU()]
    return nn.Sequential(*parts)


def simsiam(width: int, hidden: int, dim: int, layers: int) -> nn.Module:
    """SimSiam: batch norm after every layer, after the last without scale and shift; its bias is never trained."""
    parts: list[nn.Module] = []
    for number in range(layers - 1):
        parts += [nn.Linear(hidden if number else width, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU()]
    last = nn.Linear(hidden if layers > 1 else width, dim)
    last.bias.requires_grad_(False)
    return nn.Sequential(*parts, last, nn.BatchNorm1d(dim, affine=False))


def byol(width: int, hidden: int, dim: int, layers: int) -> nn.Module:
    """BYOL's projector; its predictor has the same form."""
    last = nn.Linear(hidden, dim, bias=False)
    return nn.Sequential(nn.Linear(width, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), last)


def simsiam_predictor(dim: int, hidden: int) -> nn.Module:
    """SimSiam: a bottleneck."""
    first = nn.Linear(dim, hidden, bias=False)
    return nn.Sequential(first, nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, dim))


def byol_predictor(dim: int, hidden: int) -> nn.Module:
    """BYOL."""
    return byol(dim, hidden, dim, 2)


HEADS = {"linear": linear, "mlp": mlp, "mlp_bn": mlp_bn, "simclr": simclr, "simsiam": simsiam, "byol": byol}
PREDICTORS = {"simsiam": simsiam_predictor, "byol": byol_predictor}
