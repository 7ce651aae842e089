"""Long-tailed tasks: fewer labels from class to class, other images without labels, as the DASO experiments have them.

The split is that of the released code (ytaek-oh/daso 3541a6c, lib/dataset), index by index. Where that code silently
gives fewer images than were asked for, `split_long_tail` refuses.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pandas as pd

from gristmill.data.source import setting
from gristmill.errors import UserError

COLUMNS = ["seed", "sample", "row", "part", "label", "label_name", "fine", "fine_name"]
UNKNOWN = -1  # number of a class that nobody knows, or that the learner is not told


class Split(NamedTuple):
    """Positions of images among those that were split, in the order of the released code."""

    validation: np.ndarray
    labeled: np.ndarray
    unlabeled: np.ndarray


def long_tail_counts(head: int, ratio: float, classes: int) -> list[int]:
    """Images of each class, from head to tail: int(N_1 (1 / gamma)^(rank / (K - 1))) in float64; equal up to gamma 1.

    Args:
        head: N_1, images of the first class.
        ratio: gamma, how many times as many images the first class has as the last.
        classes: K.
    """
    if ratio <= 1 or classes == 1:
        return [head] * classes
    return [int(head * ((1 / ratio) ** (rank / (classes - 1)))) for rank in range(classes)]


def split_indices(
    labels: np.ndarray,
    seed: int,
    *,
    validation: int,
    head: int,
    ratio: float,
    unlabeled_head: int | None = None,
    unlabeled_ratio: float = 1,
    reversed: bool = False,
) -> Split:
    """Validation, labeled and unlabeled images; a class that lacks images gives what it has.

    Args:
        labels: n classes 0..K-1 in the order of the file; class 0 is the head.
        validation: n_valid, held out in all, the same number of each class.
        head, ratio: N_1 and gamma_l of the labeled images.
        unlabeled_head, unlabeled_ratio: M_1 and gamma_u of the unlabeled ones; without M_1 none are taken from these
            images, as where the data have unlabeled images of their own.
        reversed: the last class is the unlabeled images' head, and comes first; no effect at gamma_u = 1.
    """
    labels = np.asarray(labels)
    classes = int(labels.max()) + 1
    forward, nothing = range(classes), np.empty(0, np.int64)
    held_out, rest = nothing, np.arange(len(labels))
    if validation:
        each = validation // classes
        groups = list(shuffled(labels, rest, seed, forward))
        held_out, rest = joined(group[:each] for group in groups), joined(group[each:] for group in groups)
    if unlabeled_head is None:  # at gamma 1 too: head says how many
        return Split(held_out, cut(labels, rest, seed, forward, long_tail_counts(head, ratio, classes)), nothing)
    groups = list(shuffled(labels, rest, seed, forward))
    labeled = joined(group[:head] for group in groups)
    unlabeled = joined(group[head : head + unlabeled_head] for group in groups)
    if ratio > 1:
        labeled = cut(labels, labeled, seed, forward, long_tail_counts(head, ratio, classes))
    if unlabeled_ratio > 1:
        order = forward[::-1] if reversed else forward
        counts = long_tail_counts(unlabeled_head, unlabeled_ratio, classes)
        unlabeled = cut(labels, unlabeled, seed, order, counts)
    return Split(held_out, labeled, unlabeled)


def shuffled(labels: np.ndarray, pool: np.ndarray, seed: int, order: Iterable[int]) -> Iterator[np.ndarray]:
    """The images of a pool class by class, each class shuffled; every stage begins with the seed anew."""
    rng = np.random.RandomState(seed)
    for number in order:
        places = np.flatnonzero(labels[pool] == number)
        rng.shuffle(places)
        yield pool[places]


def cut(labels: np.ndarray, pool: np.ndarray, seed: int, order: Sequence[int], counts: Sequence[int]) -> np.ndarray:
    """So many images of each class of a pool, the classes in an order from head to tail."""
    return joined(group[:most] for group, most in zip(shuffled(labels, pool, seed, order), counts, strict=True))


def joined(groups: Iterable[np.ndarray]) -> np.ndarray:
    """Positions of all groups, one after the other."""
    return np.concatenate(list(groups))


def split_long_tail(table: pd.DataFrame, settings: Any) -> pd.DataFrame:
    """Make a long-tailed task of a prepared table, a block of rows for each seed.

    Args:
        table: the columns of `gristmill.data.schemas.Prepared`, row i being image i. Part train is split; images of a
            part unlabeled are all used, and take the place of those that would be split off; images of parts
            validation and test stay what they are.
        settings: dict or object with `long_tail`: `validation`, `head`, `ratio`, `seeds` and, possibly,
            `unlabeled_head`, `unlabeled_ratio`, `reversed` (see `split_indices`) and `class_order`: the fine labels
            from head to tail.

    Returns:
        the columns of `gristmill.data.schemas.Task` and `seed`. Classes are numbered from head to tail, in `label` and
        in `fine`. Part train has the labeled images. In part unlabeled `label` is -1 and `label_name` empty, `fine`
        keeps the truth, -1 where nobody knows it. `attrs` go along.

    Raises:
        UserError: more images wanted than there are, a class or part that is empty, an order that is no permutation.
    """
    wanted = setting(settings, "long_tail")
    task = ranked(table, setting(wanted, "class_order"))
    places = {part: np.flatnonzero(task["part"] == part) for part in ("train", "unlabeled", "validation", "test")}
    train = task.take(places["train"])
    names = train.drop_duplicates("fine").sort_values("fine")["fine_name"].tolist()
    check_counts(wanted, names, np.bincount(train["fine"]), len(places["unlabeled"]))
    blocks = [block(task, places, wanted, seed) for seed in setting(wanted, "seeds")]
    found = pd.concat(blocks, ignore_index=True).loc[:, COLUMNS]
    found.attrs = dict(table.attrs)
    return found


def block(task: pd.DataFrame, places: dict[str, np.ndarray], wanted: Any, seed: int) -> pd.DataFrame:
    """The rows of one seed."""
    own = setting(wanted, "unlabeled_head") is None
    split = split_indices(
        task["fine"].to_numpy()[places["train"]],
        seed,
        validation=setting(wanted, "validation"),
        head=setting(wanted, "head"),
        ratio=setting(wanted, "ratio"),
        unlabeled_head=setting(wanted, "unlabeled_head"),
        unlabeled_ratio=setting(wanted, "unlabeled_ratio") or 1,
        reversed=bool(setting(wanted, "reversed")),
    )
    train = places["train"]
    rows = {
        "train": train[split.labeled],
        "unlabeled": places["unlabeled"] if own else train[split.unlabeled],
        "validation": np.concatenate([train[split.validation], places["validation"]]),
        "test": places["test"],
    }
    part = np.repeat(list(rows), [len(chosen) for chosen in rows.values()])
    found, hidden = task.take(np.concatenate(list(rows.values()))), part == "unlabeled"
    return found.assign(
        seed=seed,
        part=part,
        label=found["fine"].mask(hidden, UNKNOWN),
        label_name=found["fine_name"].mask(hidden, ""),
    ).astype({"seed": "int64", "part": "str", "label_name": "str"})


def ranked(table: pd.DataFrame, class_order: Sequence[int] | None) -> pd.DataFrame:
    """The table with its rows' numbers and with classes numbered from head to tail.

    Classes of unlabeled images that part train does not have come after those that it has.
    """
    task = table.reset_index(drop=True)
    task["row"] = np.arange(len(task), dtype=np.int64)
    fine, part = task["fine"].to_numpy(), task["part"].to_numpy()
    classes = sorted(set(fine[part == "train"].tolist()))
    if not classes or UNKNOWN in classes:
        refuse("part train of the data set " + ("has images without a label" if classes else "is empty"))
    order = classes if class_order is None else list(class_order)
    check_order(order, classes)
    known = set(classes) | {UNKNOWN}
    unseen = task.loc[np.isin(part, ["validation", "test"]) & ~np.isin(fine, classes)]
    if len(unseen):
        first = unseen.iloc[0]
        refuse(f"class '{first['fine_name']}' of part {first['part']} has no image in part train")
    others = sorted(set(fine.tolist()) - known)
    number = {old: new for new, old in enumerate([*order, *others])} | {UNKNOWN: UNKNOWN}
    return task.assign(fine=np.array([number[old] for old in fine.tolist()], np.int64))


def check_order(order: Sequence[int], classes: Sequence[int]) -> None:
    """Refuse an order that does not list each class once."""
    twice = [number for place, number in enumerate(order) if number in order[:place]]
    wrong = [number for number in order if number not in classes]
    missing = [number for number in classes if number not in order]
    for numbers, what in ((wrong, "is no class"), (twice, "stands twice"), (missing, "is missing")):
        if numbers:
            refuse(
                f"class_order: {numbers[0]} {what}; list each of the {len(classes)} fine labels once "
                f"({classes[0]} to {classes[-1]}), the head first"
            )


def check_counts(wanted: Any, names: Sequence[str], sizes: np.ndarray, unlabeled: int) -> None:
    """Refuse numbers that the data cannot give.

    Args:
        wanted: the settings.
        names, sizes: of the classes in part train, from head to tail.
        unlabeled: images of the data set's own part unlabeled.
    """
    validation, head, ratio = (setting(wanted, name) for name in ("validation", "head", "ratio"))
    more, more_ratio, classes = setting(wanted, "unlabeled_head"), setting(wanted, "unlabeled_ratio"), len(names)
    if validation % classes:
        least, most = validation // classes * classes, -(-validation // classes) * classes
        refuse(f"validation: {validation:,} images, not the same number of {classes} classes; take {least} or {most}")
    if more is None and not unlabeled:
        refuse("no unlabeled images: the data set has none of its own; give unlabeled_head and unlabeled_ratio")
    if more is not None and unlabeled:
        refuse(f"unlabeled_head: the data set has {unlabeled:,} unlabeled images of its own to use; leave it out")
    if more == 0:
        refuse("unlabeled_head 0: no unlabeled images; the smallest unlabeled_head that works is 1")
    left = sizes - validation // classes
    check_left(names, left, head, ratio, more)
    check_tail(names, "head", head, "ratio", ratio)
    if more is not None:
        tail = list(names)[::-1] if setting(wanted, "reversed") else names
        check_tail(tail, "unlabeled_head", more, "unlabeled_ratio", more_ratio or 1)


def check_left(names: Sequence[str], left: np.ndarray, head: int, ratio: float, more: int | None) -> None:
    """Refuse to take more images of a class than validation leaves; all of N_1 + M_1 are set aside before the cut."""
    classes = len(names)
    needed = np.array(long_tail_counts(head, ratio, classes)) if more is None else np.full(classes, head + more)
    if (needed <= left).all():
        return
    worst = int((left - needed).argmin())
    least = int(left.min())
    if more is None:
        fits = (n for n in range(head, 0, -1) if (np.array(long_tail_counts(n, ratio, classes)) <= left).all())
        said, works = f"head {head}", f"the largest head that works is {next(fits, 0)}"
    else:
        said = f"head {head} and unlabeled_head {more}"
        if least > head:
            works = f"the largest unlabeled_head that works is {least - head}"
        elif least > more:
            works = f"the largest head that works is {least - more}"
        else:
            works = f"the largest sum of both that works is {max(least, 0)}"
    there = f"class '{names[worst]}' has {max(left[worst], 0):,} images left"
    refuse(f"{there}, {needed[worst]:,} wanted ({said}); {works}")


def check_tail(names: Sequence[str], key: str, head: int, ratio_key: str, ratio: float) -> None:
    """Refuse a long tail that ends in nothing."""
    counts = long_tail_counts(head, ratio, len(names))
    if 0 in counts:
        least = next(n for n in count(head) if 0 not in long_tail_counts(n, ratio, len(names)))
        first = names[counts.index(0)]
        refuse(
            f"class '{first}' gets no image ({key} {head}, {ratio_key} {ratio:g}); the smallest {key} that works is "
            f"{least}"
        )


def refuse(problem: str) -> NoReturn:
    """A user's mistake, with its place."""
    raise UserError(f"params.yaml: tasks: long_tail: {problem}")
