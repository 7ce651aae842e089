"""Evaluations with a name: what each reads and its numbers, for the settings and for what measures.

A name stands for these numbers for good. Whoever changes one adds an entry with the next version instead, so that two
figures of one name can always be compared; a test holds every entry to what it gave on fixed data.
"""

from dataclasses import dataclass
from math import cos, pi
from typing import Literal


@dataclass(frozen=True)
class Protocol:
    """An evaluation by training images and test images in the test view, the network in eval mode.

    Attributes:
        kind, version: the name is `<kind>_<version>`.
        source: whose protocol it is.
        reads: of the network: `features`, the backbone's output, or `forward`, that of the head on top of it.
    """

    kind: str
    version: int
    source: str
    reads: Literal["features", "forward"]

    @property
    def name(self) -> str:
        return f"{self.kind}_{self.version}"


@dataclass(frozen=True)
class Vote(Protocol):
    """The k nearest training images vote for their class, each with exp(cosine / temperature)."""

    k: int
    temperature: float


@dataclass(frozen=True)
class Descent(Protocol):
    """A linear classifier trained by stochastic gradient descent.

    The papers train it on a random crop of each image and epoch. Here features are extracted once, so a crop is fixed.

    Attributes:
        first: `normal`: weights N(0, 0.01^2), no biases; `uniform`: torch's own, +-1 / sqrt(d) for both.
        trust: eta of LARS around the descent, for weights and for biases; None: plain.
        epochs, batch: every image once an epoch; the last batch may be smaller.
        lr: of the first epoch, the batch accounted for.
        schedule: `cosine`: lr (1 + cos(pi e / E)) / 2 for epoch e = 0, 1, ...; `steps`: lr, times `factor` for every
            one of the `milestones` that e has reached.
    """

    first: Literal["normal", "uniform"]
    lr: float
    schedule: Literal["cosine", "steps"]
    milestones: tuple[int, ...]
    factor: float
    epochs: int
    batch: int
    momentum: float
    weight_decay: float
    trust: float | None = None

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0."""
        if self.schedule == "cosine":
            return self.lr * 0.5 * (1 + cos(pi * epoch / self.epochs))
        return self.lr * self.factor ** sum(epoch >= milestone for milestone in self.milestones)


@dataclass(frozen=True)
class Regression(Protocol):
    """Multinomial logistic regression of standardized features: mean cross entropy + l2 |W|^2, by L-BFGS.

    Attributes:
        iterations: at most.
    """

    l2: float
    iterations: int


MOCO = {"momentum": 0.9, "weight_decay": 0.0, "epochs": 100}
"""What the probes by gradient descent share."""

LIST = (
    Vote("knn_logo", 1, "Zhang et al., LoGo, CVPR 2022 (2203.17205), eval_knn.py", "features", k=20, temperature=0.07),
    Vote("knn_moco", 1, "He et al., MoCo, CVPR 2020 (1911.05722), CIFAR notebook", "forward", k=200, temperature=0.1),
    Descent(
        "linear_moco", 1, "He et al., MoCo, CVPR 2020 (1911.05722), main_lincls.py", "features", first="normal",
        lr=30.0, schedule="steps", milestones=(60, 80), factor=0.1, batch=256, **MOCO,
    ),
    Descent(
        "linear_supcon", 1, "Khosla et al., SupCon, NeurIPS 2020 (2004.11362), CIFAR", "features", first="uniform",
        lr=5.0, schedule="steps", milestones=(60, 75, 90), factor=0.2, batch=512, **MOCO,
    ),
    Descent(
        "linear_simclr", 1, "Khosla et al., SupCon, NeurIPS 2020 (2004.11362), SimCLR on CIFAR", "features",
        first="uniform", lr=1.0, schedule="steps", milestones=(60, 75, 90), factor=0.2, batch=512, **MOCO,
    ),
    Descent(
        "linear_simsiam", 1, "Chen & He, SimSiam, CVPR 2021 (2011.10566), main_lincls.py", "features", first="normal",
        lr=1.6, schedule="cosine", milestones=(), factor=1.0, batch=4096, trust=1e-3, **(MOCO | {"epochs": 90}),
    ),
    Regression("linear_lbfgs", 1, "Gristmill's own", "features", l2=1e-3, iterations=60),
)  # fmt: skip
PROTOCOLS: dict[str, Protocol] = {protocol.name: protocol for protocol in LIST}
