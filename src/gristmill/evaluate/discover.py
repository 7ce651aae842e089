"""Fine classes found inside coarse ones: what somebody with coarse labels wants at the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gristmill.errors import UserError
from gristmill.evaluate.agreement import adjusted_rand, matched, mutual_information, shared
from gristmill.evaluate.kmeans import kmeans, silhouettes, squares


@dataclass(frozen=True)
class Proposal:
    """Classes that are proposed for N images, each inside its coarse class.

    Attributes:
        own: N, int64: the number of an image's class within its coarse class, 0 the largest; -1: none.
        second: N, int64: the number of the class with the second nearest mean; -1: there is no other.
        distance: N, from 0 to 2: to the mean of the own class; the most central image has the smallest.
        confidence: N, from 0 to 1: 1 - distance / distance to the second nearest mean. 0 is halfway between two, so
            the most doubtful image has the smallest. 1 where there is no other class, 0 where there is none at all.
    """

    own: np.ndarray
    second: np.ndarray
    distance: np.ndarray
    confidence: np.ndarray


def discover(
    features: np.ndarray, coarse: np.ndarray, settings: Mapping[str, Any], fine: np.ndarray | None = None
) -> Proposal:
    """Cluster the images of each coarse class by themselves: k-means of the features as rows of length 1.

    Args:
        features: N x d, of any length.
        coarse: N coarse labels; -1: none, and no class is proposed.
        settings: `number` of classes in each coarse class: a number, or `truth`, as many as there are fine classes
            (to compare features when nothing but them differs), or `silhouette`, the number from 2 to `most` with
            the highest mean silhouette (Rousseeuw 1987; the smaller of two alike); and `restarts` of k-means. Where a
            coarse class has fewer distinct images, it gets fewer.
        fine: N fine labels, -1: not known; `truth` alone reads them.

    Raises:
        UserError: features that are not finite.
    """
    features, coarse = np.asarray(features), np.asarray(coarse)
    bad = np.flatnonzero(~np.isfinite(features).all(1))
    if len(bad):
        raise UserError(
            f"features: {len(bad)} of {len(features)} rows are not finite (the first is row {bad[0]}): "
            "the network has diverged; train it with a smaller train.lr"
        )
    own, second = np.full((2, len(coarse)), -1)
    distance, confidence = np.zeros((2, len(coarse)))
    for label in np.unique(coarse[coarse >= 0]):
        places = np.flatnonzero(coarse == label)
        rows = torch.from_numpy(features[places]).double()
        rows /= rows.norm(dim=1, keepdim=True).clamp(min=1e-12)
        number = settings["number"]
        if number == "truth":
            if fine is None:
                raise ValueError("fine: number 'truth' needs the fine labels")
            number = len(np.unique(fine[places][fine[places] >= 0]))
        if number == 0:
            continue
        found = cluster(rows, number, settings, int(label))
        own[places], second[places], distance[places], confidence[places] = described(rows, found)
    return Proposal(own, second, distance, confidence)


def cluster(rows: Tensor, number: int | str, settings: Mapping[str, Any], key: int) -> Tensor:
    """n: clusters of one coarse class, the largest first; of those alike in size that of an earlier image."""
    if number == "silhouette":
        most = min(settings["most"], len(rows) - 1)
        tried = [kmeans(rows, count, settings["restarts"], key)[0] for count in range(2, most + 1)]
        found = tried[int(silhouettes(rows, tried).argmax())] if tried else torch.zeros(len(rows), dtype=torch.int64)
    else:
        found = kmeans(rows, int(number), settings["restarts"], key)[0]
    kinds, first, own, sizes = np.unique(found.numpy(), return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(kinds), np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(kinds))
    return torch.from_numpy(rank[own])


def described(rows: Tensor, own: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The arrays of a `Proposal`, of one coarse class."""
    number = int(own.max()) + 1
    means = torch.stack([rows[own == one].mean(0) for one in range(number)])
    apart = squares(rows, means).sqrt()  # n x K
    mine = apart.gather(1, own[:, None])[:, 0]
    if number == 1:
        return own, torch.full_like(own, -1), mine, torch.ones_like(mine)
    others = apart.scatter(1, own[:, None], torch.inf).min(1)
    confidence = (1 - mine / others.values.clamp(min=1e-12)).clamp(min=0)
    return own, others.indices, mine, confidence


def counted(coarse: np.ndarray, fine: np.ndarray) -> np.ndarray:
    """N, whether an image is scored: both labels are known, and its coarse class has at least two fine classes."""
    known = (coarse >= 0) & (fine >= 0)
    kinds = {label: len(np.unique(fine[known & (coarse == label)])) for label in np.unique(coarse[known])}
    return known & np.array([kinds.get(label, 0) > 1 for label in coarse], bool)


def score(proposed: np.ndarray, fine: np.ndarray, coarse: np.ndarray) -> dict[str, float]:
    """How well proposed classes agree with the fine ones, inside coarse classes.

    Args:
        proposed: N, numbers within the coarse class, as in a `Proposal`.
        fine, coarse: N labels, -1: not known.

    Returns:
        `nmi`: normalized mutual information, `ari`: adjusted Rand index: of each coarse class by itself, then the
        mean over images (a coarse class counts as often as it has images). `accuracy`: the share of images that are
        right when every proposed class is given one fine class of its coarse class, none twice, as well as can be.
        Images that are not `counted`, or have no proposed class, are left out; nothing where none is left.
    """
    kept = counted(coarse, fine) & (proposed >= 0)
    if not kept.any():
        return {}
    total = {"nmi": 0.0, "ari": 0.0, "accuracy": 0.0}
    for label in np.unique(coarse[kept]):
        inside = kept & (coarse == label)
        table, images = shared(proposed[inside], fine[inside]), int(inside.sum())
        total["nmi"] += images * mutual_information(table)
        total["ari"] += images * adjusted_rand(table)
        total["accuracy"] += matched(table)
    return {name: value / int(kept.sum()) for name, value in total.items()}
