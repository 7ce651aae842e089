"""DASO's training step written the usual way: the baseline of the rows with few labels.

float32, labeled, weak and strong images joined by `cat`, prototypes by a loop over classes that stacks each queue,
cosines by broadcasting, an average a tensor at a time, a number fetched for every value of the log. It is correct:
`tests/benchmarks` compares it with the product's.
"""

from collections import deque
from copy import deepcopy

import torch
from torch import Tensor, nn, no_grad
from torch.nn.functional import cosine_similarity, cross_entropy
from torch.optim import SGD


class LiteralBlock(nn.Module):
    """Batch norm and leaky ReLU before each of two convolutions; `before`: the shortcut starts behind the first."""

    def __init__(self, inputs: int, width: int, stride: int, before: bool):
        super().__init__()
        changes = stride > 1 or inputs != width
        self.shortcut = nn.Conv2d(inputs, width, 1, stride, bias=False) if changes else None
        self.bn1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(width), nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.relu, self.before = nn.LeakyReLU(0.1), before

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(x))
        if self.before:
            x = y
        y = self.conv2(self.relu(self.bn2(self.conv1(y))))
        return (x if self.shortcut is None else self.shortcut(x)) + y


class LiteralWideResNet(nn.Module):
    """WRN of three groups of blocks with a linear classifier; returns logits and features of 64 `factor`."""

    def __init__(self, blocks: int = 4, factor: int = 2, classes: int = 10):
        super().__init__()
        made, inputs = [], 16
        for stride, width in ((1, 16 * factor), (2, 32 * factor), (2, 64 * factor)):
            for place in range(blocks):
                made.append(LiteralBlock(inputs, width, 1 if place else stride, not made))
                inputs = width
        self.backbone = nn.Sequential(
            nn.Conv2d(3, 16, 3, 1, 1, bias=False), *made, nn.BatchNorm2d(inputs), nn.LeakyReLU(0.1),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        )  # fmt: skip
        self.classifier = nn.Linear(inputs, classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.backbone(images)
        return self.classifier(features), features


class LiteralQueues:
    """A queue of features for each class, and their means."""

    def __init__(self, classes: int, size: int, dim: int):
        self.queues: list[deque[Tensor]] = [deque(maxlen=size) for _ in range(classes)]
        self.prototypes = torch.zeros(classes, dim)

    def push(self, features: Tensor, labels: Tensor) -> None:
        for k, queue in enumerate(self.queues):
            chosen = features[labels == k]
            if len(chosen):
                queue.extend(chosen)
                self.prototypes[k] = torch.stack(list(queue)).mean(0)


class LiteralDASO:
    """One training step of DASO on FixMatch.

    Args:
        network: returns logits and features.
        queues: of its classes.
        first: the step of the first blended label.
        window: steps whose pseudo-labels say how frequent each class is.
    """

    def __init__(self, network: nn.Module, queues: LiteralQueues, first: int = 5000, window: int = 100,
                 threshold: float = 0.95, rho: float = 0.999, rate: float = 0.03):  # fmt: skip
        self.network, self.average = network, deepcopy(network)
        for parameter in self.average.parameters():
            parameter.requires_grad = False
        self.optimizer = SGD(network.parameters(), rate, momentum=0.9, weight_decay=5e-4, nesterov=True)
        self.queues, self.first, self.length = queues, first, window
        self.threshold, self.rho, self.step = threshold, rho, 0
        self.counts = torch.zeros(len(queues.queues))
        self.window: list[Tensor] = []
        self.given: list[tuple[Tensor, ...]] = []  # final, linear and semantic labels, for their quality

    def __call__(self, labeled: Tensor, labels: Tensor, weak: Tensor, strong: Tensor) -> dict[str, float]:
        with no_grad():
            self.queues.push(self.average(labeled)[1], labels)
        logits, features = self.network(torch.cat([labeled, weak, strong]))
        sizes = [len(labeled), len(weak), len(strong)]
        (logits_l, logits_w, logits_s), (_, z_w, z_s) = logits.split(sizes), features.split(sizes)
        alignment, semantic = torch.zeros(()), None
        if self.step >= self.first:
            with no_grad():
                semantic = self.similarity(z_w).softmax(1)
            alignment = -(semantic * self.similarity(z_s).log_softmax(1)).sum(1).mean()
        classes = cross_entropy(logits_l, labels)
        with no_grad():
            linear = logits_w.softmax(1)
            final = linear if semantic is None else self.blend(linear, semantic)
            confidence, label = final.max(1)
            mask = (confidence >= self.threshold).float()
            self.window.append(label)
            opinion = torch.full_like(label, -1) if semantic is None else semantic.argmax(1)
            self.given.append((label, linear.argmax(1), opinion))
        consistency = (cross_entropy(logits_s, label, reduction="none") * mask).sum() / len(mask)
        loss = alignment + classes + consistency
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.follow()
        self.end_step()
        return {
            "loss": loss.item(),
            "class_loss": classes.item(),
            "consistency_loss": consistency.item(),
            "alignment_loss": alignment.item(),
            "used": mask.mean().item(),
            "top1": (logits_l.argmax(1) == labels).float().mean().item(),
        }

    def similarity(self, features: Tensor) -> Tensor:
        """Cosines with the prototypes, over T_proto."""
        return cosine_similarity(features[:, None], self.queues.prototypes[None], dim=2) / 0.05

    def blend(self, linear: Tensor, semantic: Tensor) -> Tensor:
        """Labels mixed by how frequent each class was in the last window, T_dist 1.5."""
        share = (self.counts / self.counts.sum()) ** (1 / 1.5)
        weight = (share / share.max())[linear.argmax(1)].unsqueeze(1)
        return (1 - weight) * linear + weight * semantic

    @no_grad()
    def follow(self) -> None:
        """The average, which is evaluated and makes the prototypes' features."""
        d = min(1 - 1 / (self.step + 1), self.rho)
        for slow, fast in zip(self.average.parameters(), self.network.parameters(), strict=True):
            slow.data = slow.data * d + fast.data * (1 - d)
        for slow, fast in zip(self.average.buffers(), self.network.buffers(), strict=True):
            slow.copy_(slow * d + fast * (1 - d) if slow.is_floating_point() else fast)

    def end_step(self) -> None:
        """Turn the window over at its end."""
        self.step += 1
        if self.step % self.length == 0:
            self.counts = torch.cat(self.window).bincount(minlength=len(self.counts)).float()
            self.window = []
