"""MoCo's and LoGo's training steps and the losses of SimCLR and SupCon written the usual way.

float32, a parameter at a time, [own key, queue] put together for every loss, a queue of columns written by slices, a
number fetched for the log. It is correct: `tests/benchmarks` compares it with the product's.
"""

from copy import deepcopy

import torch
from torch import Tensor, nn, no_grad
from torch.nn.functional import cross_entropy, normalize, softplus
from torch.nn.utils import clip_grad_norm_
from torch.optim import SGD

from benchmarks.literal import resnet18_small_images


class LiteralRegressor(nn.Module):
    """A logit of "the same image" for two vectors side by side."""

    def __init__(self, dim: int, hidden: int):
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(2 * dim, hidden), nn.BatchNorm1d(hidden), nn.ReLU(inplace=True),
            nn.Linear(hidden, hidden), nn.BatchNorm1d(hidden), nn.ReLU(inplace=True),
            nn.Linear(hidden, 1),
        )  # fmt: skip

    def forward(self, u: Tensor, v: Tensor) -> Tensor:
        return self.mlp(torch.cat([u, v], 1))


def literal_network(dim: int = 128) -> nn.Module:
    """ResNet-18 for 32 pixels and one linear layer."""
    return nn.Sequential(resnet18_small_images(), nn.Linear(512, dim))


class LiteralMoCo:
    """One training step, in the released code's way of writing, without shuffling: one device, one split.

    Args:
        encoder: maps images to N x D.
        size: K.
        dim: D.
    """

    def __init__(
        self, encoder: nn.Module, size: int, dim: int, temperature: float = 0.1, momentum: float = 0.99,
        rate: float = 0.06, decay: float = 5e-4,
    ):  # fmt: skip
        self.query, self.key = encoder, deepcopy(encoder)
        for parameter in self.key.parameters():
            parameter.requires_grad = False
        self.optimizer = SGD(encoder.parameters(), rate, momentum=0.9, weight_decay=decay)
        self.temperature, self.momentum, self.rate, self.pointer = temperature, momentum, rate, 0
        self.queue = normalize(torch.randn(dim, size), dim=0)

    def __call__(self, first: Tensor, second: Tensor) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate
        query = normalize(self.query(first), dim=1)
        with no_grad():
            self.follow()
            key = normalize(self.key(second), dim=1)
        logits = self.logits(query, key)
        loss = cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))
        self.enqueue(key)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        accuracy(logits)
        return loss.item()

    @no_grad()
    def follow(self) -> None:
        for slow, fast in zip(self.key.parameters(), self.query.parameters(), strict=True):
            slow.data = slow.data * self.momentum + fast.data * (1.0 - self.momentum)

    def logits(self, query: Tensor, key: Tensor) -> Tensor:
        """N x (1 + K)."""
        positive = torch.einsum("nc,nc->n", [query, key]).unsqueeze(-1)
        negative = torch.einsum("nc,ck->nk", [query, self.queue.clone().detach()])
        return torch.cat([positive, negative], dim=1) / self.temperature

    @no_grad()
    def enqueue(self, keys: Tensor) -> None:
        self.queue[:, self.pointer : self.pointer + len(keys)] = keys.T
        self.pointer = (self.pointer + len(keys)) % self.queue.shape[1]


@no_grad()
def accuracy(logits: Tensor) -> list[float]:
    """Top 1 and top 5 of the own key, as numbers."""
    best = logits.topk(5, 1).indices.t().eq(0)
    return [best[:k].reshape(-1).float().sum(0).item() for k in (1, 5)]


class LiteralLoGo(LiteralMoCo):
    """LoGo on MoCo: four crops, a regressor, an update for it, one for the local crops, one for the rest.

    Args:
        clip: cr.
        noise: standard deviation, times 1 / sqrt(D).
    """

    def __init__(
        self, encoder: nn.Module, regressor: nn.Module, size: int, dim: int, clip: float = 0.015, noise: float = 0.3,
        rate_regressor: float = 0.02, temperature: float = 0.1, momentum: float = 0.99, rate: float = 0.06,
        decay: float = 5e-4,
    ):  # fmt: skip
        super().__init__(encoder, size, dim, temperature, momentum, rate, decay)
        self.local = SGD(encoder.parameters(), rate, momentum=0.9, weight_decay=decay)
        self.regressor, self.clip, self.noise, self.norm = regressor, clip, noise / dim**0.5, 0.0
        self.regression = SGD(regressor.parameters(), rate_regressor, momentum=0.9, weight_decay=decay)

    def __call__(self, *crops: Tensor, noise: tuple[Tensor, Tensor] | None = None) -> float:  # type: ignore[override]
        """Two global and two local crops."""
        for group in (*self.optimizer.param_groups, *self.local.param_groups):
            group["lr"] = self.rate
        a, b = (normalize(self.query(crop), dim=1) for crop in crops[2:])
        self.follow()
        self.learn(a.detach(), b.detach(), noise or (torch.randn_like(a), torch.randn_like(b)))
        apart = softplus(self.regressor(a, b)).mean()
        self.local.zero_grad()
        apart.backward()
        clip_grad_norm_(self.query.parameters(), self.clip * self.norm)
        self.local.step()

        q = [normalize(self.query(crop), dim=1) for crop in crops]
        with no_grad():
            self.follow()
            k = [normalize(self.key(crop), dim=1) for crop in crops]
        logits = [self.logits(own, other) for own, other in ((q[0], k[1]), (q[1], k[0]))]
        logits += [self.logits(own, other) for own in q[2:] for other in k[:2]]
        zero = torch.zeros(len(q[0]), dtype=torch.long)
        loss = torch.stack([cross_entropy(each, zero) for each in logits]).sum() / 6
        self.enqueue(torch.cat(k[:2]))
        self.optimizer.zero_grad()
        loss.backward()
        self.norm = clip_grad_norm_(self.query.parameters(), 100.0).item()
        self.optimizer.step()
        accuracy(logits[0])
        return loss.item()

    def learn(self, a: Tensor, b: Tensor, noise: tuple[Tensor, Tensor]) -> None:
        """The regressor's update."""
        one, other = (self.noise * each for each in noise)
        same = softplus(-self.regressor(a + one, b + other)) + softplus(-self.regressor(b + one, a + other))
        two = softplus(self.regressor(a, b.flip(0))) + softplus(self.regressor(b, a.flip(0)))
        self.regression.zero_grad()
        (0.5 * (same + two)).mean().backward()
        self.regression.step()


def literal_ntxent(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """SimCLR's loss: all pairs of the 2 N views, the own one masked out."""
    rows = torch.cat([first, second])
    logits = (rows @ rows.T / temperature).masked_fill(torch.eye(len(rows), dtype=torch.bool), float("-inf"))
    return cross_entropy(logits, torch.arange(len(rows)).roll(len(first)))


def literal_supcon(features: Tensor, labels: Tensor, temperature: float, base: float) -> Tensor:
    """SupCon's loss in the released code's way: masks and logits of all pairs of the V N views.

    Args:
        features: N x V x D unit rows.
    """
    views = features.shape[1]
    rows = torch.cat(torch.unbind(features, dim=1), dim=0)
    mask = torch.eq(labels[:, None], labels[None]).to(rows.dtype).repeat(views, views)
    logits = torch.div(torch.matmul(rows, rows.T), temperature)
    logits = logits - logits.max(dim=1, keepdim=True)[0].detach()
    others = torch.scatter(torch.ones_like(mask), 1, torch.arange(len(rows)).view(-1, 1), 0)
    mask = mask * others
    shares = logits - torch.log((torch.exp(logits) * others).sum(1, keepdim=True))
    return -(temperature / base) * ((mask * shares).sum(1) / mask.sum(1)).mean()
