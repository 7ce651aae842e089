"""What a method is: the networks it owns and one training step, told as its paper tells it."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar, Protocol

from torch import Tensor, nn


@dataclass(frozen=True)
class Clock:
    """Where the run is: integers that the host knows, so that a method may branch on them."""

    step: int
    steps: int
    epoch: int
    step_in_epoch: int


class Batch(SimpleNamespace):
    """What a step is handed: `batch.<stream>.<view>` (N x C x H x W), `.label` and `.index` (N), `batch.draws`."""

    draws: Mapping[str, Tensor]


@dataclass(frozen=True)
class Stream:
    """One source of batches.

    Args:
        part: rows of the task's table with this part.
        batch: images in a global batch.
        views: names of the views each image is given, and their recipes' roles (`weak`, `strong`).
        straddle: batches are cut from a stream of permutations and none is dropped (semi-supervised loaders);
            otherwise every epoch drops its incomplete last batch.
        per_class: images of each class in a batch, whose classes are drawn too; None: whatever comes.
    """

    part: str
    batch: int
    views: Mapping[str, str]
    straddle: bool = False
    per_class: int | None = None


@dataclass(frozen=True)
class Optimizer:
    """How some parameters move down their gradient.

    Args:
        parameters: what it moves.
        lr: the highest learning rate.
        schedule: how the rate runs, a name of `gristmill.train.schedules.SCHEDULES`.
        warmup: epochs in which the rate rises linearly from 0.
        nesterov: of `sgd` alone.
        spared: what it moves besides, without weight decay.
        steady: those of all these whose rate is `lr` from the first step to the last.
        rule: `sgd`, stochastic gradient descent with momentum; `lars` or `lars_simclr` (`gristmill.train.lars`), which
            adapt and decay only what has more than one dimension.
        trust: eta of LARS.
        clipped: those of them whose gradient's norm is measured and clipped; none named: all.
    """

    parameters: list[nn.Parameter]
    lr: float
    schedule: str = "constant"
    warmup: float = 0
    momentum: float = 0.9
    weight_decay: float = 0.0
    nesterov: bool = False
    spared: list[nn.Parameter] = field(default_factory=list)
    steady: list[nn.Parameter] = field(default_factory=list)
    rule: str = "sgd"
    trust: float = 1e-3
    clipped: list[nn.Parameter] = field(default_factory=list)


@dataclass(frozen=True)
class PseudoLabels:
    """Labels that a method gave to the batch of a stream, for the trainer to count against the truth.

    Args:
        index: N, positions in the stream's rows (`batch.<stream>.index`).
        labels: kinds (`final`, `linear`, `semantic`) and N labels each.
        mask: N, which of them are used; None: all.
    """

    stream: str
    index: Tensor
    labels: Mapping[str, Tensor]
    mask: Tensor | None = None


@dataclass(frozen=True)
class Objective:
    """What one update minimizes.

    Args:
        loss: a scalar.
        optimizer: which of the method's optimizers moves.
        clip: largest norm of the gradient of that optimizer's (clipped) parameters; a number or a scalar tensor.
        parts: scalars that the history shows.
        outputs: N x D unit rows whose spread shows a collapse.
    """

    loss: Tensor
    optimizer: str = "main"
    clip: float | Tensor | None = None
    parts: Mapping[str, Tensor] = field(default_factory=dict)
    outputs: Tensor | None = None
    pseudo_labels: PseudoLabels | None = None


Step = Generator[Objective, Tensor, None]


class Run(Protocol):
    """What `between` may ask of the trainer."""

    rows: dict[str, Tensor]  # stream -> positions in the task's table; a method may replace them
    labels: dict[str, Tensor]  # stream -> the labels that its batches carry

    def predict(self, stream: str, network: nn.Module) -> Tensor:
        """`network` applied to every row of a stream in its evaluation view: M x outputs."""
        ...


class Method(nn.Module, ABC):
    """A method owns its networks and everything that it remembers; whatever it remembers is a registered buffer.

    Subclasses give `streams`, `optimizers`, `evaluated` and `step`; `initialize`, `draw`, `start` and `between` where
    they need them. In `step`, `norm = yield Objective(loss)` hands a loss to the trainer, which runs backward,
    clipping and the optimizer, and hands back the norm of the gradient before clipping. What stands after a `yield`
    happens after that update.
    """

    SHARES_BATCH_NORM: ClassVar[bool] = True  # several processes normalize the global batch, not each its slice

    @abstractmethod
    def streams(self) -> dict[str, Stream]:
        """The streams of a step; the first one's length is the epoch's."""

    @abstractmethod
    def optimizers(self) -> dict[str, Optimizer]:
        """The optimizers by name; a plain objective moves the one called `main`."""

    @property
    @abstractmethod
    def evaluated(self) -> nn.Module:
        """The network that is evaluated and kept."""

    @abstractmethod
    def step(self, batch: Batch, now: Clock) -> Step:
        """One training step."""

    def initialize(self, rng: Any) -> None:
        """First values of what the method adds to its network: a queue, a regressor.

        Args:
            rng: a NumPy generator.
        """

    @property
    def first_phase(self) -> int:
        """Steps of the phase that several second phases can share; 0 where there is one phase alone."""
        return 0

    def phase(self, now: Clock) -> str | None:
        """Steps of one phase do the same on the device, whatever the clock says: a GPU records and replays them.

        None: a step that asks the host; it is never recorded.
        """
        return None

    def draw(self, rng: Any, sizes: Mapping[str, int]) -> dict[str, Tensor]:
        """The method's own random numbers of a step, first dimension a stream's size.

        Args:
            rng: a NumPy generator.
            sizes: stream -> images in its global batch.
        """
        return {}

    def start(self, batches: Iterable[Batch]) -> None:
        """Once, before step 0; `batches` is endless and has random numbers of its own."""

    def remembered(self, now: Clock) -> dict[str, Tensor]:
        """What the history shows of what the method remembers, at an epoch's end: columns of K values."""
        return {}

    def between(self, now: Clock, run: Run) -> None:
        """After the step `now`: windows end, labels are refreshed, generations start."""
