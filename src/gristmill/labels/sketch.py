"""A hierarchy down to a cut, as it is printed and drawn: a tree with the classes that each node of the cut decides."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gristmill.labels.cut import Cut, how_cut
from gristmill.labels.hierarchy import Hierarchy

REST = "everything else"


@dataclass
class Branch:
    """A node, with those right above it that have no other branch.

    Attributes:
        names: from the upper one down.
        key: of the lowest one, empty for everything else.
        label: number of the coarse class that it stands for, None above the cut.
        classes: that it decides.
        below: the largest branch first.
    """

    names: list[str]
    key: str
    label: int | None = None
    classes: list[str] = field(default_factory=list)
    below: list["Branch"] = field(default_factory=list)

    @property
    def all_classes(self) -> list[str]:
        """Its own classes and those of the branches below."""
        return [*self.classes, *(name for branch in self.below for name in branch.all_classes)]


@dataclass(frozen=True)
class Sketch:
    """A tree with a cut.

    Attributes:
        title: which hierarchy, and how it is cut; `WordNet's excerpt, cut at depth 4`.
        tops: its branches.
        labels: names of the coarse classes, in the order of their numbers.
        other: class -> names of further nodes of the cut that it lies below.
    """

    title: str
    tops: list[Branch]
    labels: list[str]
    other: dict[str, list[str]]

    @property
    def count(self) -> int:
        """How many classes there are."""
        return sum(len(top.all_classes) for top in self.tops)

    def rows(self) -> Iterator[tuple[int, Branch]]:
        """Every branch with its level, from the top down as a tree is printed."""
        ahead = [(0, branch) for branch in reversed(self.tops)]
        while ahead:
            level, branch = ahead.pop()
            yield level, branch
            ahead += [(level + 1, below) for below in reversed(branch.below)]

    def sentence(self) -> str:
        """What the hierarchy leaves open and the rule of nearness decided; empty where there is nothing."""
        if not self.other:
            return ""
        name, others = next(iter(self.other.items()))
        called = "1 class lies" if len(self.other) == 1 else f"{len(self.other)} classes lie"
        return f"{called} below several nodes of the cut, for example {name} also below {', '.join(others)}"


def sketch(hierarchy: Hierarchy, made: Cut, settings: Any) -> Sketch:
    """The tree of a cut: each node that decides a class, below its first parent, and so on up to the top."""
    branches: dict[str | None, Branch] = {}
    tops: list[Branch] = []
    for name, key in made.node.items():
        if key not in branches:
            grow(hierarchy, key, branches, tops)
        branches[key].classes.append(name)
        branches[key].label = made.label[name]
    other = {name: [hierarchy.name(key) for key in keys] for name, keys in made.other.items()}
    title = f"{hierarchy.called}, cut {how_cut(settings)}"
    return Sketch(title, ordered([joined(top) for top in tops]), made.labels, other)


def grow(hierarchy: Hierarchy, key: str | None, branches: dict[str | None, Branch], tops: list[Branch]) -> None:
    """Add a node, and what is above it."""
    beside = tops
    for step in [None] if key is None else hierarchy.path(key):
        if step not in branches:
            branches[step] = Branch([REST], "") if step is None else Branch([hierarchy.name(step)], step)
            beside.append(branches[step])
        beside = branches[step].below


def joined(branch: Branch) -> Branch:
    """The same tree, nodes that have one branch only and decide nothing joined with it."""
    below = [joined(part) for part in branch.below]
    if len(below) == 1 and branch.label is None:
        return replace(below[0], names=[*branch.names, *below[0].names])
    return Branch(branch.names, branch.key, branch.label, branch.classes, ordered(below))


def ordered(branches: Sequence[Branch]) -> list[Branch]:
    """The largest first, everything else last."""
    return sorted(branches, key=lambda part: (not part.key, -len(part.all_classes), part.names))


def to_json(tree: Sketch) -> str:
    """As text, the same for the same tree."""
    tops = [packed(top) for top in tree.tops]
    return json.dumps({"title": tree.title, "tops": tops, "labels": tree.labels, "other": tree.other})


def from_json(text: str) -> Sketch:
    """What `to_json` wrote."""
    content = json.loads(text)
    tops = [unpacked(top) for top in content["tops"]]
    return Sketch(content["title"], tops, content["labels"], content["other"])


def packed(branch: Branch) -> list[Any]:
    """A branch as a list of its parts."""
    return [branch.names, branch.key, branch.label, branch.classes, [packed(part) for part in branch.below]]


def unpacked(parts: list[Any]) -> Branch:
    """A branch again."""
    names, key, label, classes, below = parts
    return Branch(names, key, label, classes, [unpacked(part) for part in below])
