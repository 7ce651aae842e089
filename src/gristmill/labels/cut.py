"""Cuts through a hierarchy: which coarse class each class belongs to.

Four kinds. `depth` and `classes` see a tree: a node with several parents hangs below its first one, the main one in
WordNet. `nodes` takes for each class the nearest of the named nodes above it, over all parents; of two equally near
the one named first. `rules` go over all parents as well; the first rule that holds decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gristmill.data.source import setting
from gristmill.errors import UserError
from gristmill.labels.hierarchy import Hierarchy, some

CUTS = ("depth", "classes", "nodes", "rules")


@dataclass(frozen=True)
class Cut:
    """A partition of classes.

    Attributes:
        labels: names of the coarse classes, in the order of their numbers.
        label: class -> number of its coarse class.
        node: class -> key of the node that decided it, None: the rest of the rules.
        other: class -> keys of further nodes of the cut that it lies below, none of them above the first; the
            hierarchy alone would not tell which one is meant.
    """

    labels: list[str]
    label: dict[str, int]
    node: dict[str, str | None]
    other: dict[str, list[str]]


def cut(hierarchy: Hierarchy, keys: Mapping[str, str], settings: Any) -> Cut:
    """Cut at a depth, into a number of classes, at named nodes, or by rules.

    Args:
        keys: class -> key of its node.
        settings: dict or object with one of CUTS; `order` may go with `rules`.

    Raises:
        UserError: a node that does not exist, a class left out, a node or rule that decides nothing, a number of
            classes that no cut has.
    """
    kind, value = kind_of_cut(settings)
    if kind == "rules":
        return cut_by_rules(hierarchy, keys, value, setting(settings, "order") or [])
    if kind == "nodes":
        named = [told(f"nodes: {name}", hierarchy, name) for name in value]
        return finished(hierarchy, keys, cut_at_nodes(hierarchy, keys, named), named)
    node = (cut_at_depth if kind == "depth" else cut_into)(hierarchy, keys, value)
    return finished(hierarchy, keys, node, sorted(set(node.values()), key=lambda key: (hierarchy.name(key), key)))


def kind_of_cut(settings: Any) -> tuple[str, Any]:
    """Which of CUTS it is, and its value."""
    return next((kind, setting(settings, kind)) for kind in CUTS if setting(settings, kind) is not None)


def how_cut(settings: Any) -> str:
    """`at depth 4`, `into 12`, `at 3 nodes`, `by 15 rules`."""
    kind, value = kind_of_cut(settings)
    if kind == "depth":
        return f"at depth {value}"
    if kind == "classes":
        return f"into {value}"
    return f"{'at' if kind == 'nodes' else 'by'} {len(value)} {kind if len(value) > 1 else kind[:-1]}"


def told(place: str, hierarchy: Hierarchy, name: str) -> str:
    """The key that a name means; an error says where it was written."""
    try:
        return hierarchy.meant(name)
    except UserError as error:
        raise UserError(f"{place}: {error}") from error


def cut_at_depth(hierarchy: Hierarchy, keys: Mapping[str, str], depth: int) -> dict[str, str]:
    """Class -> the node so many steps below the top on its way; a class that lies higher stands for itself."""
    paths = {name: hierarchy.path(key) for name, key in keys.items()}
    deepest = max(len(path) for path in paths.values()) - 1
    if depth > deepest:
        raise UserError(f"depth {depth}: all classes are higher; the deepest lies at {deepest}")
    return {name: path[min(depth, len(path) - 1)] for name, path in paths.items()}


def cut_into(hierarchy: Hierarchy, keys: Mapping[str, str], count: int) -> dict[str, str]:
    """Class -> node, so that there are so many nodes.

    From the top down the group with most classes is divided where its ways part, if that does not make too many; each
    group is named after the lowest node that holds all of it.
    """
    paths = {name: hierarchy.path(key) for name, key in keys.items()}
    groups = parted(list(paths), 0, paths)
    while len(groups) < count:
        parts = {i: parted(group.classes, group.depth + 1, paths) for i, group in enumerate(groups)}
        fit = [i for i, new in parts.items() if 1 < len(new) <= count - len(groups) + 1]
        if not fit:
            break
        most = max(fit, key=lambda i: len(groups[i].classes))
        groups[most : most + 1] = parts[most]
    if len(groups) != count:
        raise UserError(f"classes {count}: no cut has so many; nearest: {near_counts(groups, paths, count)}")
    return {name: paths[name][min(group.depth, len(paths[name]) - 1)] for group in groups for name in group.classes}


@dataclass(frozen=True)
class Group:
    """Classes that share their way down to a depth; where that is below a class's own, the class stands alone."""

    classes: list[str]
    depth: int


def parted(classes: Sequence[str], depth: int, paths: Mapping[str, list[str]]) -> list[Group]:
    """Classes by the node at a depth of their ways, each group moved down to the lowest node that holds all of it.

    Classes that end above the depth make a group of their own, so that a group never holds a class and its children.
    """
    groups: dict[str | None, list[str]] = {}
    for name in classes:
        groups.setdefault(paths[name][depth] if depth < len(paths[name]) else None, []).append(name)
    return [Group(own, depth) if key is None else lowest(Group(own, depth), paths) for key, own in groups.items()]


def lowest(group: Group, paths: Mapping[str, list[str]]) -> Group:
    """The same classes, the depth of the lowest node that holds them all."""
    ways = [paths[name] for name in group.classes]
    shared = min(len(way) for way in ways)
    while len({way[shared - 1] for way in ways}) > 1:
        shared -= 1
    return Group(group.classes, shared - 1)


def near_counts(groups: Sequence[Group], paths: Mapping[str, list[str]], count: int) -> str:
    """`11 and 14`: numbers of classes below and above one that no cut has."""
    more = [
        len(groups) - 1 + len(new) for group in groups if len(new := parted(group.classes, group.depth + 1, paths)) > 1
    ]
    above = min((number for number in more if number > count), default=None)
    found = [number for number in (len(groups), above) if number is not None]
    return " and ".join(map(str, found))


def cut_at_nodes(hierarchy: Hierarchy, keys: Mapping[str, str], named: Sequence[str]) -> dict[str, str]:
    """Class -> the nearest named node above it."""
    node: dict[str, str] = {}
    left = []
    for name, key in keys.items():
        above = hierarchy.above(key)
        steps = {candidate: above[candidate] for candidate in named if candidate in above}
        if steps:
            node[name] = min(steps, key=steps.__getitem__)  # of equal ones the first
        else:
            left.append(name)
    if left:
        raise UserError(f"nodes: {left_out(hierarchy, keys, left, named)}")
    for key in named:
        if key not in node.values():
            raise UserError(f"nodes: {hierarchy.full_name(key)}: {nothing_below(hierarchy, keys, key, node)}")
    return node


def left_out(hierarchy: Hierarchy, keys: Mapping[str, str], left: Sequence[str], named: Sequence[str]) -> str:
    """Which classes a cut leaves out, and the node of the cut that is nearest to the first of them."""
    first = hierarchy.above(keys[left[0]])
    meeting = {key: next((above for above in hierarchy.above(key) if above in first), None) for key in named}
    met = {key: first[above] for key, above in meeting.items() if above is not None}
    words = f"{'class' if len(left) == 1 else 'classes'} {some(left)} left out"
    if met:
        near = min(met, key=met.__getitem__)
        both = hierarchy.full_name(str(meeting[near]))
        words += f"; nearest to '{left[0]}' is {hierarchy.full_name(near)}: both lie below {both}"
    return f"{words}; add a node above, or list them under drop"


def nothing_below(hierarchy: Hierarchy, keys: Mapping[str, str], key: str, node: Mapping[str, str | None]) -> str:
    """Why a node decides no class."""
    below = [name for name in keys if key in hierarchy.above(keys[name])]
    if below:
        taken = node[below[0]]
        by = "the rest" if taken is None else hierarchy.full_name(taken)
        return f"decides no class: what lies below it belongs to others ('{below[0]}' to {by})"
    holding = {above for name in keys for above in hierarchy.above(keys[name])}
    near = next((above for above in hierarchy.above(key) if above in holding), None)
    hint = f"; the nearest node with classes below it is {hierarchy.full_name(near)}" if near else ""
    return f"no class of the data lies below it{hint}"


def cut_by_rules(hierarchy: Hierarchy, keys: Mapping[str, str], rules: Sequence[Any], order: Sequence[str]) -> Cut:
    """The first rule that holds decides: one of its nodes is the class or above it, or it has none."""
    named = [
        [told(f"rules: {number}", hierarchy, name) for name in setting(rule, "nodes") or []]
        for number, rule in enumerate(rules, 1)
    ]
    decided: dict[str, tuple[int, str | None]] = {}
    left = []
    for name, key in keys.items():
        above = hierarchy.above(key)
        holding = [
            (i, node) for i, nodes in enumerate(named) for node in nodes or [None] if node is None or node in above
        ]
        if holding:
            decided[name] = holding[0]
        else:
            left.append(name)
    if left:
        words = left_out(hierarchy, keys, left, [key for nodes in named for key in nodes])
        raise UserError(f"rules: {words.rpartition(';')[0]}; add a rule, or a last one without nodes for the rest")
    node = {name: key for name, (_, key) in decided.items()}
    for number, nodes in enumerate(named):
        if number not in {rule for rule, _ in decided.values()}:
            why = nothing_below(hierarchy, keys, nodes[0], node) if nodes else "nothing is left for it; take it out"
            which = hierarchy.full_name(nodes[0]) if nodes else "the rest"
            raise UserError(f"rules: rule {number + 1} ({which}) never matches: {why}")
    labels = list(dict.fromkeys([*order, *(str(setting(rule, "label")) for rule in rules)]))
    label = {name: labels.index(setting(rules[rule], "label")) for name, (rule, _) in decided.items()}
    return Cut(labels, label, node, {})


def finished(hierarchy: Hierarchy, keys: Mapping[str, str], node: Mapping[str, str], order: Sequence[str]) -> Cut:
    """A cut whose coarse classes are nodes, in this order."""
    names = [hierarchy.name(key) for key in order]
    labels = [
        name if names.count(name) == 1 else hierarchy.full_name(key) for name, key in zip(names, order, strict=True)
    ]
    number = {key: i for i, key in enumerate(order)}
    other = {}
    for name, own in node.items():
        nested = hierarchy.above(own)
        more = [key for key in hierarchy.above(keys[name]) if key in number and key not in nested]
        if more:
            other[name] = more
    return Cut(labels, {name: number[key] for name, key in node.items()}, dict(node), other)
