"""Make the embedded excerpt of WordNet 3.0: python scripts/make_wordnet.py <folder with data.noun and index.noun>.

The folder is /usr/share/wordnet of Debian's package wordnet-base, or `dict` of WordNet 3.0. The excerpt holds the
classes of ImageNet-1k (their wnids are the published label table of the tests), all senses of the class names of CIFAR
(of a name that WordNet lacks: all senses of its words), and everything above them, without glosses.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from gristmill.data import cifar10, cifar100
from gristmill.labels.hierarchy import Hierarchy
from gristmill.labels.nouns import EXCERPT, read_wordnet

ROOT = Path(__file__).resolve().parents[1]
HEAD = [
    "# Nouns of WordNet 3.0, Princeton University (file data.noun); notice: LICENSE. Made by scripts/make_wordnet.py.",
    "# wnid, names (:2 the second meaning of a name), parents",
]


def imagenet() -> list[str]:
    """The wnids of the 1,000 classes."""
    with np.load(ROOT / "tests/golden/coarse/labels_imagenet32.npz") as table:
        return [f"n{number:08d}" for number in table["wnid"]]


def senses(whole: Hierarchy, name: str) -> list[str]:
    """All meanings of a name, or of its words."""
    found = whole.meanings.get(name)
    return found or [key for word in name.split("_") for key in whole.meanings[word]]


def with_ancestors(whole: Hierarchy, keys: Iterable[str]) -> list[str]:
    """The keys and all that is above them, sorted."""
    return sorted({above for key in keys for above in whole.above(key)})


def line(whole: Hierarchy, key: str) -> str:
    """One line of the file."""
    node = whole.nodes[key]
    names = [name + (f":{sense}" if sense > 1 else "") for name, sense in zip(node.names, node.sense, strict=True)]
    return "\t".join([key, " ".join(names), " ".join(node.parents)])


def main(folder: Path) -> None:
    whole = read_wordnet(folder)
    cifar = [*cifar10.LAYOUT.fine_names, *cifar100.LAYOUT.fine_names]
    keys = with_ancestors(whole, [*imagenet(), *(key for name in cifar for key in senses(whole, name))])
    EXCERPT.write_text("\n".join([*HEAD, *(line(whole, key) for key in keys)]) + "\n", "utf-8")
    print(f"{EXCERPT.name}: {len(keys):,} synsets, {EXCERPT.stat().st_size:,} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(str(__doc__).splitlines()[0])
    main(Path(sys.argv[1]))
