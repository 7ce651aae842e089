"""The nouns of WordNet 3.0 as a hierarchy: the excerpt in this package, or a whole WordNet of the user's.

A key is a wnid: `n` and the eight digits of the synset's place in WordNet 3.0's file `data.noun`; other versions have
other numbers. The excerpt holds the 1,000 classes of ImageNet-1k, all senses of CIFAR's class names, and all that is
above them (scripts/make_wordnet.py). Licence: wordnet/LICENSE.
"""

from collections.abc import Iterator
from pathlib import Path

from gristmill.errors import UserError
from gristmill.labels.hierarchy import Hierarchy, Node, check_parents

EXCERPT = Path(__file__).parent / "wordnet" / "nouns.tsv"
DATABASE = "data.noun"  # of WordNet's folder `dict`, Debian's wordnet-base, nltk's corpora/wordnet
VERSION = "WordNet 3.0 Copyright"
ABOVE = ("@", "@i")  # pointers to a hypernym, also of an instance


def read_excerpt() -> Hierarchy:
    """The nouns in this package: a line a synset, `wnid <tab> names <tab> parents`, a name with `:sense` above 1."""
    nodes = {}
    for line in EXCERPT.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            wnid, names, parents = line.split("\t")
            parts = [name.partition(":") for name in names.split()]
            sense = tuple(int(number or 1) for _, _, number in parts)
            nodes[wnid] = Node(tuple(name for name, _, _ in parts), tuple(parents.split()), sense)
    return Hierarchy("WordNet's excerpt", nodes)


def read_wordnet(folder: Path) -> Hierarchy:
    """All 82,115 nouns of a folder with WordNet 3.0's `data.noun` and, for the order of meanings, `index.noun`.

    Raises:
        UserError: no such file, another version, or a damaged one.
    """
    synsets, senses = folder / DATABASE, sense_numbers(folder / "index.noun")
    nodes = {}
    try:
        for wnid, names, parents in read_synsets(synsets):
            sense = tuple(senses.get((name.lower(), wnid), 1) for name in names)
            nodes[wnid] = Node(names, parents, sense)
    except OSError as error:
        raise UserError(f"{synsets}: {error.strerror or error}") from error
    except (ValueError, IndexError) as error:
        raise UserError(f"{synsets}: not a noun database of WordNet ({error})") from error
    if not nodes:
        raise UserError(f"{synsets}: there is nothing in it")
    check_parents(nodes, str(synsets))
    return Hierarchy("WordNet", nodes)


def read_synsets(path: Path) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """wnid, names and parents of each synset in a noun database (format: wndb(5))."""
    known = False
    with path.open(encoding="latin-1") as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("  "):  # the licence
                known = known or VERSION in line
                continue
            if not known:
                raise UserError(f"{path}: not WordNet 3.0: its wnids would name other things")
            fields = line.partition("|")[0].split()
            if len(fields) < 6 or fields[2] != "n":
                raise ValueError(f"line {number}")
            words = int(fields[3], 16)
            pointers = fields[5 + 2 * words :]  # symbol, offset, part of speech, source/target; four a pointer
            parents = tuple(f"n{pointers[i + 1]}" for i in range(0, 4 * int(fields[4 + 2 * words]), 4)
                            if pointers[i] in ABOVE)  # fmt: skip
            yield f"n{fields[0]}", tuple(fields[4 : 4 + 2 * words : 2]), parents


def sense_numbers(path: Path) -> dict[tuple[str, str], int]:
    """(name in small letters, wnid) -> which meaning of the name it is; nothing where there is no such file."""
    if not path.is_file():
        return {}
    numbers = {}
    for line in path.read_text("latin-1").splitlines():
        if not line.startswith("  "):
            name, _, count, *rest = line.split()
            offsets = rest[len(rest) - int(count) :]
            numbers |= {(name, f"n{offset}"): number for number, offset in enumerate(offsets, 1)}
    return numbers
