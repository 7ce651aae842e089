"""A backbone with the heads that training needs."""

from torch import Tensor, nn


class Encoder(nn.Module):
    """Backbone f, projector h and linear classifier c (MaskCon, CVPR 2023).

    Args:
        backbone: maps images to N x d_f.
        width: d_f.
        dim: D, the projector's outputs.
        hidden: the projector's hidden units.
        classes: C, the classifier's outputs.

    Returns from `forward`: class logits c(f(x)), N x C, and raw projections h(f(x)), N x D. The feature that is
    evaluated is f(x), from `features`.
    """

    def __init__(self, backbone: nn.Module, width: int, dim: int, hidden: int, classes: int):
        super().__init__()
        self.backbone = backbone
        self.projector = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, dim))
        self.classifier = nn.Linear(width, classes)

    def features(self, images: Tensor) -> Tensor:
        """N x d_f."""
        return self.backbone(images)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.backbone(images)
        return self.classifier(features), self.projector(features)
