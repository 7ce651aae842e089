"""Golden kinds of long-tailed tasks, run through the functions that make them: kind -> outputs of a case."""

from typing import Any

import numpy as np

from gristmill.labels.long_tail import long_tail_counts, split_indices


def longtail_counts(case: Any) -> dict[str, np.ndarray]:
    """A row a setting; columns beyond its classes are -1."""
    names = ("num_head", "imb_factor", "num_classes", "reverse")
    counts = np.full_like(case.outputs["counts"], -1)
    settings = zip(*(case.inputs[name] for name in names), strict=True)
    for row, (head, ratio, classes, reverse) in zip(counts, settings, strict=True):
        found = long_tail_counts(int(head), float(ratio), int(classes))
        row[: len(found)] = found[::-1] if reverse else found
    return {"counts": counts}


def split(case: Any) -> dict[str, np.ndarray]:
    """Indices in order, and how many of each class they are; a supervised run has no use for the unlabeled ones."""
    labels, given = case.inputs["labels"], case.params
    own = {}
    if given["layout"] != "stl":  # else the unlabeled images are another file
        own = {"unlabeled_head": given["num_unlabelled_head"], "unlabeled_ratio": given["gamma_u"]}
    found = split_indices(
        labels, given["seed"], validation=given["num_valid"], head=given["num_labelled_head"], ratio=given["gamma_l"],
        reversed=given["reverse_unlabelled"], **own,
    )  # fmt: skip
    unlabeled = found.unlabeled[:0] if given["layout"] == "supervised" else found.unlabeled
    classes = int(labels.max()) + 1
    return {
        "valid_idx": found.validation,
        "labelled_idx": found.labeled,
        "unlabelled_idx": unlabeled,
        "labelled_counts": np.bincount(labels[found.labeled], minlength=classes),
        "unlabelled_counts": np.bincount(labels[unlabeled], minlength=classes),
    }


KINDS = {"longtail_counts": longtail_counts, "split_indices": split}
