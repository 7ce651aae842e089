"""MaskCon's training step written the usual way: the baseline of several rows.

float32, torchvision's network, losses spelled out with all their matrices, one-hot labels, a parameter at a time, a
number fetched for the log. It is correct: `tests/benchmarks` compares it with the product's.
"""

from copy import deepcopy

import torch
from torch import Tensor, nn, no_grad
from torch.nn.functional import log_softmax, normalize, one_hot
from torch.optim import SGD
from torchvision.models.resnet import BasicBlock, resnet18


def small_resnet(channels: int = 1) -> nn.Module:
    """Stride-2 stem, widths 32, 64 and 128, two blocks each."""

    def stage(inputs: int, width: int, stride: int) -> nn.Sequential:
        shape = nn.Sequential(nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width))
        first = BasicBlock(inputs, width, stride, shape if stride > 1 else None)
        return nn.Sequential(first, BasicBlock(width, width))

    return nn.Sequential(
        nn.Conv2d(channels, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True),
        stage(32, 32, 1), stage(32, 64, 2), stage(64, 128, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip


def resnet18_small_images() -> nn.Module:
    """ResNet-18 with the stem for 32 pixels."""
    network = resnet18(weights=None)
    network.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    network.maxpool = network.fc = nn.Identity()  # type: ignore[assignment]
    return network


class LiteralEncoder(nn.Module):
    """Backbone, projector, classifier."""

    def __init__(self, backbone: nn.Module, width: int, dim: int, hidden: int, classes: int):
        super().__init__()
        self.backbone = backbone
        self.projector = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(inplace=True), nn.Linear(hidden, dim))
        self.classifier = nn.Linear(width, classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.backbone(images)
        return self.classifier(features), self.projector(features)


def literal_targets(key: Tensor, queue: Tensor, same: Tensor, temperature: float, w: float) -> Tensor:
    """N x (K + 1): softmax among the same class, divided by its largest, own key first; rows that sum to 1."""
    similarity = key @ queue.T / temperature
    weight = similarity.masked_fill(same == 0, float("-inf")).softmax(1).nan_to_num(0)
    weight = weight / weight.max(1, keepdim=True)[0].clamp(min=1e-30)
    target = torch.cat([torch.ones_like(weight[:, :1]), weight], 1)
    target = target / target.sum(1, keepdim=True)
    own = torch.zeros_like(target)
    own[:, 0] = 1
    return w * target + (1 - w) * own


def literal_loss(query: Tensor, key: Tensor, queue: Tensor, target: Tensor, temperature: float) -> Tensor:
    """Cross entropy of [own key, queue] against soft targets; all N x (K + 1) matrices are made."""
    positive = torch.einsum("nc,nc->n", query, key).unsqueeze(-1)
    negative = torch.einsum("nc,kc->nk", query, queue.clone().detach())
    logits = torch.cat([positive, negative], 1) / temperature
    return -(target * log_softmax(logits, 1)).sum(1).mean()


class LiteralMaskCon:
    """One training step, in the released code's way of writing."""

    def __init__(self, encoder: nn.Module, classes: int, size: int, dim: int, rate: float = 0.02):
        self.query, self.key = encoder, deepcopy(encoder)
        for parameter in self.key.parameters():
            parameter.requires_grad = False
        self.optimizer = SGD(encoder.parameters(), rate, momentum=0.9, weight_decay=5e-4)
        self.classes, self.rate, self.pointer = classes, rate, 0
        self.queue = normalize(torch.randn(size, dim), dim=1)
        self.queue_labels = torch.randint(0, classes, (size,))

    def __call__(self, key_view: Tensor, query_view: Tensor, labels: Tensor) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate
        with no_grad():
            for slow, fast in zip(self.key.parameters(), self.query.parameters(), strict=True):
                slow.data = slow.data * 0.99 + fast.data * (1 - 0.99)
        query = normalize(self.query(query_view)[1], dim=1)
        with no_grad():
            key = normalize(self.key(key_view)[1], dim=1)
            same = one_hot(labels, self.classes).float() @ one_hot(self.queue_labels, self.classes).float().T
            target = literal_targets(key, self.queue, same, 0.05, 0.5)
        loss = literal_loss(query, key, self.queue, target, 0.1)
        self.enqueue(key, labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    @no_grad()
    def enqueue(self, key: Tensor, labels: Tensor) -> None:
        self.queue[self.pointer : self.pointer + len(key)] = key
        self.queue_labels[self.pointer : self.pointer + len(key)] = labels
        self.pointer = (self.pointer + len(key)) % len(self.queue)
