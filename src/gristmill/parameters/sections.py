"""The blocks of params.yaml as typed objects: which keys each has, and which values they may take.

No class has default values: params.yaml is the only place with values.
"""

from collections.abc import Collection
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from gristmill.protocols import PROTOCOLS

Count = Annotated[int, Field(ge=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Temperature = Annotated[float, Field(gt=0, le=100)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
# at least 8: with fewer, strided 1 x 1 convolutions of torch 2.14 write past their memory on AVX2 processors
Widths = Annotated[list[Annotated[int, Field(ge=8, le=4096)]], Field(min_length=1, max_length=8)]
SAFE, WIDE = 32, 16  # pixels of views at which fewer channels than these are safe there
Blocks = Annotated[int, Field(ge=1, le=64)]


def refuse(message: str, *sections: str) -> PydanticCustomError:
    """An error about several values at once, told in our own words.

    Args:
        sections: the blocks that the values stand in, where it is not one alone.
    """
    return PydanticCustomError("refused", "{message}", {"message": message, "sections": list(sections)})


def known_once(names: list[str], known: Collection[str] = PROTOCOLS) -> list[str]:
    """Each name is one of the known protocols, and stands once."""
    for name in names:
        if name not in known:
            raise refuse(f"no such protocol {name!r}; there are {', '.join(known)}")
        if names.count(name) > 1:
            raise refuse(f"{name} stands twice")
    return names


Protocols = Annotated[list[str], AfterValidator(lambda names: known_once(names))]  # evaluations of features, by name


class Section(BaseModel):
    """A block of values. Unknown keys are an error; 1 and 1.0 are the same number, 1 and "1" are not."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def unused(self) -> set[str]:
        """Fields that have no influence on the result with these values of the others; they become null."""
        return set()


class Network(Section):
    """The encoder: backbone f, projector h."""

    name: Literal["small", "resnet18", "resnet34", "resnet50", "pixels"]
    widths: Widths
    blocks: Blocks
    dim: Annotated[int, Field(ge=1, le=65536)]
    hidden: Annotated[int, Field(ge=1, le=65536)]
    init: Annotated[str, Field(min_length=1)]

    def unused(self) -> set[str]:
        return set() if self.name == "small" else {"widths", "blocks"}


class Backbone(Section):
    """The network of a classifier: backbone and a linear layer."""

    name: Literal["small", "wrn"]
    widths: Widths
    blocks: Blocks
    depth: Annotated[int, Field(ge=10, le=1000)]
    factor: Annotated[int, Field(ge=1, le=64)]
    init: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def possible_depth(self) -> Self:
        """A wide residual network has 6 n + 4 convolutions."""
        if self.name == "wrn" and self.depth % 6 != 4:
            below = (self.depth - 4) // 6 * 6 + 4
            raise refuse(f"depth {self.depth} is not possible; {below} and {below + 6} are")
        return self

    def unused(self) -> set[str]:
        return {"depth", "factor"} if self.name == "small" else {"widths", "blocks"}


class Memory(Section):
    """The bank of keys and the encoder that makes them."""

    size: Annotated[int, Field(ge=1, le=2**24)]
    momentum: Fraction


WeakAndStrong = Literal["drawings", "cifar", "cars", "sop", "fixmatch"]  # recipes with these two views
FirstAndSecond = Literal[
    "strokes", "moco_cifar", "simsiam_cifar", "supcon_cifar", "simclr_cifar", "moco1", "moco2", "logo", "logo_jiggle",
    "logo_pil_like", "simclr", "byol",
]  # fmt: skip


class Images(Section):
    """How an encoder is fed, in training and after it."""

    recipe: Literal[WeakAndStrong, FirstAndSecond]
    size: Annotated[int, Field(ge=4, le=1024)]
    mean: Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=1, max_length=3)]
    std: Annotated[list[Annotated[float, Field(gt=0, le=10)]], Field(min_length=1, max_length=3)]

    @model_validator(mode="after")
    def same_channels(self) -> Self:
        """`mean` and `std` have one value a channel."""
        if len(self.mean) != len(self.std):
            counts = f"mean has {len(self.mean)} channels, std {len(self.std)}"
            raise refuse(f"{counts}; give one value a channel in both")
        return self


class Views(Images):
    """The two random views of a training image."""

    key: Literal["weak", "strong"]
    query: Literal["weak", "strong"]

    @model_validator(mode="after")
    def weak_and_strong(self) -> Self:
        """The recipe has both."""
        names = get_args(WeakAndStrong)
        if self.recipe not in names:
            raise refuse(f"recipe {self.recipe} has no views weak and strong; {', '.join(names)} have")
        return self


class Machine(Section):
    """What decides the bits but not the statistics of a result."""

    precision: Literal["auto", "fp32", "bf16"]
    device: Literal["auto", "cpu", "cuda", "mps"]
    threads: Annotated[int, Field(ge=1, le=1024)]


class Training(Machine):
    """The loop and its optimizer (block `train`)."""

    epochs: Annotated[int, Field(ge=1, le=100_000)]
    warmup: Annotated[float, Field(ge=0, le=100_000)]
    batch: Annotated[int, Field(ge=2, le=65536)]
    lr: Annotated[float, Field(gt=0, le=1000)]
    momentum: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: Annotated[float, Field(ge=0, le=1)]
    checkpoint: Count

    @model_validator(mode="after")
    def warmup_within_run(self) -> Self:
        """The warm-up ends with the run at the latest."""
        if self.warmup > self.epochs:
            raise refuse(f"warmup {self.warmup:g} is longer than the run ({self.epochs} epochs)")
        return self


def rising(k: list[int]) -> list[int]:
    """Sorted, none twice."""
    if k != sorted(set(k)):
        raise refuse(f"{k} must rise: {sorted(set(k))}")
    return k


class Ranks(Section):
    """The K of Recall@K."""

    k: Annotated[list[Annotated[int, Field(ge=1, le=100_000)]], Field(min_length=1), AfterValidator(rising)]


class Monitor(Ranks):
    """Evaluation during training."""

    every: Count


class Watch(Monitor):
    """The same, with protocols."""

    protocols: Protocols


class Every(Section):
    """Evaluation during training, of a classifier."""

    every: Count


class Discover(Section):
    """Fine classes sought inside coarse ones after training."""

    number: int | str
    most: Annotated[int, Field(ge=2, le=1000)]
    restarts: Annotated[int, Field(ge=1, le=1000)]

    @field_validator("number", mode="before")
    @classmethod
    def count_or_criterion(cls, value: object) -> object:
        """A number of classes, or how it is found."""
        if value in ("truth", "silhouette") or (type(value) is int and 1 <= value <= 100_000):
            return value
        raise refuse(f"{value!r} is not possible; give truth, silhouette or a number from 1 to 100000")

    def unused(self) -> set[str]:
        return set() if self.number == "silhouette" else {"most"}


class Evaluate(Ranks):
    """Evaluation after training."""

    batch: Annotated[int, Field(ge=2, le=65536)]
    threads: Annotated[int, Field(ge=1, le=1024)]
    discover: Discover
    protocols: Protocols


class Classes(Section):
    """Evaluation of a classifier after training."""

    batch: Annotated[int, Field(ge=2, le=65536)]
    threads: Annotated[int, Field(ge=1, le=1024)]
    last: Count  # evaluations during training whose median is reported
    protocols: Protocols


class Limit(Section):
    """A shortened run, to try the whole way: at most so many images in each part of a task, at most so many epochs."""

    images: Count | None
    epochs: Count | None


class Figures(Section):
    """How pictures are drawn."""

    dpi: Annotated[int, Field(ge=30, le=1200)]


class Step(BaseModel):
    """All settings of one step of a method. The sections are fields: a method reads exactly what it names."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    title: ClassVar[str]  # how tables call an experiment of this method that has no title of its own
    evaluation: ClassVar[type[Section]] = Evaluate  # what the step `evaluate` reads

    @model_validator(mode="after")
    def wide_enough(self) -> Self:
        """Strided 1 x 1 convolutions of torch 2.14 write past their memory on AVX-512, too, where images are large."""
        network, views = getattr(self, "network", None), getattr(self, "views", None)
        if network is None or views is None or network.name != "small" or views.size <= SAFE:
            return self
        narrow = [width for width in network.widths[:-1] if width < WIDE]
        if narrow:
            known = f"of views of more than {SAFE} pixels all stages but the last need {WIDE} channels"
            raise refuse(f"widths {network.widths}: {known}, {narrow[0]} crash on some processors", "network")
        return self

    def unused(self) -> set[str]:
        """Dotted names (`loss.temperature`) that have no influence with these values of the others."""
        return set()
