"""Hierarchies of the user's own, as CSV or YAML files; and where the one that a task names lies.

CSV: a header `child,parent` and a line for each step up; a name with several parents has several lines, the main one
first. The only name without a line of its own is the top; where there are several tops, each has a line with an empty
parent, so that a misspelled parent is not taken for one.

YAML: names in names, `vehicle: {car: , truck: }` or `vehicle: [car, truck]`; a name that stands in two places is one
node with two parents.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gristmill.errors import UserError
from gristmill.labels.hierarchy import Hierarchy, Node, check_parents, some
from gristmill.labels.nouns import DATABASE, EXCERPT, read_excerpt, read_wordnet

WORDNET = "wordnet"  # the excerpt in this package


def hierarchy_file(source: str) -> Path:
    """The file that a task's `source` names; what its result depends on beside code and table."""
    path = Path(source)
    if source == WORDNET:
        return EXCERPT
    return path / DATABASE if path.is_dir() else path


def read_hierarchy(source: str) -> Hierarchy:
    """The hierarchy that a task names: `wordnet`, the folder of a whole WordNet 3.0, or a CSV or YAML file.

    Raises:
        UserError: no such file, not such a file, a cycle, a parent that is not there.
    """
    path = Path(source)
    if source == WORDNET:
        return read_excerpt()
    if path.is_dir():
        return read_wordnet(path)
    read = {".csv": read_csv, ".yaml": read_yaml, ".yml": read_yaml}.get(path.suffix)
    if read is None:
        raise UserError(f"{source}: not a hierarchy; give wordnet, a folder with {DATABASE}, or a .csv or .yaml file")
    return read(path)


def read_csv(path: Path) -> Hierarchy:
    """A file of children and their parents."""
    try:
        header, *lines = csv.reader(text_of(path).splitlines(), strict=True)
    except (ValueError, csv.Error) as error:  # ValueError: not one line
        raise UserError(f"{path}: not a readable CSV file ({error})") from error
    if [name.strip() for name in header] != ["child", "parent"]:
        raise UserError(f"{path}: columns must be child,parent, not {','.join(header)}")
    parents: dict[str, list[str]] = {}
    for number, line in enumerate(lines, 2):
        if not line:
            continue
        if len(line) != 2 or not line[0].strip():
            raise UserError(f"{path}: line {number} must be a child and its parent, not '{','.join(line)}'")
        child, parent = (name.strip() for name in line)
        parents.setdefault(child, []).extend([parent] if parent else [])
    tops = dict.fromkeys(parent for above in parents.values() for parent in above if parent not in parents)
    if len(tops) == 1 and all(parents.values()):
        parents |= {top: [] for top in tops}
    elif len(tops) > 1 and all(parents.values()):
        first = next(iter(tops))
        raise UserError(f"{path}: {some(tops)} have no parent; with several tops each has a line: '{first},'")
    return made(path, parents)


def read_yaml(path: Path) -> Hierarchy:
    """A file of names in names."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        content = YAML(typ="safe", pure=True).load(text_of(path))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise UserError(f"{path}: line {line}: {str(error.problem).splitlines()[0].strip()}") from error
    except (YAMLError, ValueError) as error:
        raise UserError(f"{path}: not a readable YAML file ({str(error).splitlines()[0]})") from error
    parents: dict[str, list[str]] = {}
    for child, parent in steps(content, "", path):
        above = parents.setdefault(child, [])
        if parent and parent not in above:
            above.append(parent)
    return made(path, parents)


def steps(content: Any, parent: str, path: Path) -> Iterator[tuple[str, str]]:
    """Child and parent, for everything below a name."""
    if content is None:
        return
    if isinstance(content, list):
        for part in content:
            yield from steps(part, parent, path)
    elif isinstance(content, dict):
        for child, below in content.items():
            yield from steps(child, parent, path)
            yield from steps(below, str(child), path)
    elif isinstance(content, str) or (isinstance(content, int) and not isinstance(content, bool)):
        yield str(content), parent
    else:
        raise UserError(f"{path}: {content!r} is not a name; put quotes round it")


def made(path: Path, parents: dict[str, list[str]]) -> Hierarchy:
    """Nodes of names and the names above them, checked."""
    if not parents:
        raise UserError(f"{path}: there is nothing in it")
    for child, above in parents.items():
        twice = [parent for parent, count in Counter(above).items() if count > 1]
        if twice:
            raise UserError(f"{path}: '{child}' stands below '{twice[0]}' twice; keep one line")
    nodes = {child: Node((child,), tuple(above)) for child, above in parents.items()}
    check_parents(nodes, str(path))
    return Hierarchy(path.name, nodes)


def text_of(path: Path) -> str:
    """The text of a file."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text at byte {error.start}") from error
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}") from error
