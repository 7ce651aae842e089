"""Coordinates in which features are uncorrelated, for fits that would take long otherwise."""

from dataclasses import dataclass

import torch
from torch import Tensor

from gristmill.evaluate.linear import Linear


@dataclass(frozen=True)
class Space:
    """Coordinates in which features are uncorrelated, none too long: of no influence on a result, but on the time.

    Features are centered, which biases make up for, and divided by one number, so that their mean variance is 1: so
    strengths mean the same whatever the length of features. Then they are turned to their principal axes, and
    directions without any spread are left out.

    Attributes:
        mean: d, float64.
        axes: d x r, of unit length.
        length: by which is divided.
        variance: r, of each coordinate.
    """

    mean: Tensor
    axes: Tensor
    length: float
    variance: Tensor

    @classmethod
    def of(cls, features: Tensor) -> "Space":
        mean = features.mean(0)
        centered = features - mean
        variance, axes = torch.linalg.eigh(centered.T @ centered / len(features))  # d, d x d
        length = float(variance.clamp(min=0).mean().sqrt()) or 1.0
        kept = variance > 1e-10 * variance[-1]
        return cls(mean, axes[:, kept], length, variance[kept] / length**2)

    def into(self, features: Tensor) -> Tensor:
        """N x r."""
        return (features - self.mean) @ self.axes / self.length

    def classifier(self, weight: Tensor, bias: Tensor) -> Linear:
        """The classifier of features that does what weights C x r and biases C do in here."""
        own = weight @ self.axes.T / self.length
        return Linear(own, bias - own @ self.mean)

    def weights(self, classifier: Linear) -> tuple[Tensor, Tensor]:
        """What `classifier` takes; of what lies in no direction of this space nothing is left."""
        return classifier.weight @ self.axes * self.length, classifier.bias + classifier.weight @ self.mean
