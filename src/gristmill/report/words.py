"""How sentences call the things of a task."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Nouns in the singular."""

    image: str = "image"
    fine: str = "fine class"
    coarse: str = "coarse class"
    grouping: str = "coarse classes"  # what the classes are told apart by

    def a(self, noun: str) -> str:
        """`a drawing`, `an image`."""
        return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"

    def many(self, noun: str) -> str:
        """`characters`, `fine classes`."""
        return noun + ("es" if noun.endswith("s") else "s")

    def some(self, count: int, noun: str) -> str:
        """`242 characters`."""
        return f"{count:,} {noun if count == 1 else self.many(noun)}"


OWN = {
    "omniglot_good": Words("drawing", "character", "alphabet", "alphabets"),
    "omniglot_bad": Words("drawing", "character", "mixed group", "mixed groups"),
    "omniglot_fine": Words("drawing", "character", "character", "characters"),
    "fashion_reversed": Words("picture", "class", "class", "classes"),
}
CLASSES = Words("image", "class", "class", "classes")  # where the learner is told the classes themselves
DATASETS = {
    "omniglot": "Omniglot",
    "fashion": "Fashion-MNIST",
    "digits": "Digits",
    "cifar10": "CIFAR-10",
    "cifar100": "CIFAR-100",
}


def words(task: str, few: bool = False) -> Words:
    """The words of a task, or general ones.

    Args:
        few: whether few images of it have labels, which are the classes themselves.
    """
    return OWN.get(task, CLASSES if few else Words())


def dataset_name(dataset: str) -> str:
    """A data set as people write it."""
    return DATASETS.get(dataset, dataset)
