"""Which class belongs below which: names and their parents, from WordNet or from a file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from gristmill.errors import UserError

SHOWN = 5  # names in a message


@dataclass(frozen=True)
class Node:
    """One entry of a hierarchy.

    Attributes:
        names: what it is called, the usual name first; `dog`, `domestic_dog`.
        parents: keys of the nodes right above it, the main one first; none: it is a top.
        sense: for each name, which of its meanings this is, the commonest being 1.
    """

    names: tuple[str, ...]
    parents: tuple[str, ...]
    sense: tuple[int, ...] = ()


@dataclass(frozen=True)
class Hierarchy:
    """Nodes by key (a wnid, or the name itself), each below all of its parents: a graph without cycles.

    Where one way up is needed (a tree to print, a depth), a node hangs below its first parent.

    Attributes:
        called: what messages call it.
    """

    called: str
    nodes: Mapping[str, Node]

    @cached_property
    def meanings(self) -> dict[str, list[str]]:
        """Name, spelled as `spelled` does -> keys of the nodes called so, the commonest meaning first."""
        found: dict[str, list[tuple[int, str]]] = {}
        for key, node in self.nodes.items():
            for name, sense in zip(node.names, node.sense or (1,) * len(node.names), strict=True):
                found.setdefault(spelled(name), []).append((sense, key))
        return {name: [key for _, key in sorted(set(keys))] for name, keys in found.items()}

    def name(self, key: str) -> str:
        """What a node is usually called."""
        return self.nodes[key].names[0]

    def full_name(self, key: str) -> str:
        """`dog (n02084071)`, or the name where it is the key."""
        return key if self.name(key) == key else f"{self.name(key)} ({key})"

    def meant(self, text: str) -> str:
        """The key of the one node that a text means: a key, or a name of one node only.

        Raises:
            UserError: no such node, with the nearest there is; several, with all of them.
        """
        if text in self.nodes:
            return text
        found = self.meanings.get(spelled(text), [])
        if len(found) > 1:
            raise UserError(f"'{text}' has {len(found)} meanings in {self.called}: {self.listed(found)}; write one")
        if not found:
            raise UserError(f"no '{text}' in {self.called}{self.nearest(text)}")
        return found[0]

    def nearest(self, text: str) -> str:
        """`; did you mean 'dog' (n02084071)?`, nothing where no name is near."""
        words = get_close_matches(text, self.nodes, 1) if text not in self.meanings else []
        if words:
            return f"; did you mean '{words[0]}'?"
        names = get_close_matches(spelled(text), self.meanings, 1)
        return f"; did you mean '{self.full_name(self.meanings[names[0]][0])}'?" if names else ""

    def listed(self, keys: Iterable[str]) -> str:
        """`n02084071 (dog: canine, domestic_animal), ...`: keys with their names and what is right above."""
        return ", ".join(f"{key} ({self.described(key)})" for key in keys)

    def described(self, key: str) -> str:
        """`dog: canine, domestic_animal`."""
        above = ", ".join(self.name(parent) for parent in self.nodes[key].parents)
        return f"{self.name(key)}: {above}" if above else self.name(key)

    def path(self, key: str) -> list[str]:
        """From the top down to a node, each below its first parent."""
        found = [key]
        while parents := self.nodes[found[-1]].parents:
            found.append(parents[0])
        return found[::-1]

    def above(self, key: str) -> dict[str, int]:
        """A node and all that is above it, over all parents -> steps on the shortest way up; near ones first."""
        found, layer = {key: 0}, [key]
        while layer:
            layer = [parent for child in layer for parent in self.nodes[child].parents]
            layer = [parent for parent in dict.fromkeys(layer) if parent not in found]
            steps = max(found.values()) + 1
            found |= dict.fromkeys(layer, steps)
        return found


def spelled(name: str) -> str:
    """A name as it is compared: `Siberian husky` is `siberian_husky`."""
    return name.strip().replace(" ", "_").lower()


def check_parents(nodes: Mapping[str, Node], place: str) -> None:
    """Refuse a parent that is no node, and a cycle."""
    for key, node in nodes.items():
        for parent in node.parents:
            if parent not in nodes:
                near = get_close_matches(parent, nodes, 1)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                raise UserError(f"{place}: '{key}' lies below '{parent}', which is not there{hint}")
    found = cycle(nodes)
    if found:
        way = " below ".join(f"'{key}'" for key in found)
        raise UserError(f"{place}: a cycle: {way}; take one of these out")


def cycle(nodes: Mapping[str, Node]) -> list[str]:
    """Keys of nodes that lie below each other in a circle, the first at both ends; empty where there is none."""
    done: set[str] = set()
    for start in nodes:
        way: list[str] = []
        ahead: list[Iterator[str]] = [iter([start])]
        while ahead:  # depth first, without recursion: a chain may be long
            following = next(ahead[-1], None)
            if following is None:
                ahead.pop()
                if way:
                    done.add(way.pop())
            elif following in way:
                return [*way[way.index(following) :], following]
            elif following not in done:
                way.append(following)
                ahead.append(iter(nodes[following].parents))
    return []


def some(names: Iterable[str]) -> str:
    """`'a', 'b' and 3 more`."""
    words = list(names)
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(f"'{word}'" for word in words[:SHOWN]) + more
