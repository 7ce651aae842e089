"""Recall@K of retrieval: the headline figure of coarse labels (Feng & Patras, MaskCon, CVPR 2023)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from gristmill.evaluate.cosine import Rows, blocks, cosines_of_pairs, cosines_of_rows, packed, ranked
from gristmill.evaluate.screen import Screen


@dataclass(frozen=True)
class Recall:
    """Recall@K of N images.

    `at` maps each K to the share of images that have one of their own label among their K nearest. `rank` (N) is the
    rank of an image's first such neighbour, from 1; 0 where no other image has its label. `gallery` is the number of
    other images: a larger K uses them all.
    """

    at: dict[int, float]
    rank: np.ndarray
    gallery: int

    @property
    def short(self) -> list[int]:
        """The K for which there are not enough other images; a report says so."""
        return [k for k in self.at if k > self.gallery]


def recall_at_k(features: np.ndarray, labels: np.ndarray, ks: Sequence[int], *, tile: int | None = None) -> Recall:
    """Recall@K with every image as query and all others as gallery (leave-one-out, by index).

    Args:
        features: N x d, of any length; compared by cosine.
        labels: N integers, not negative. An image that is alone with its label counts, and is never hit.
        ks: each at least 1.
        tile: how many images are compared with how many at a time; the result does not depend on it.

    Ties (cosines in float64 within 1e-12) go by rising index, as in `neighbours`. Memory beyond the features: their
    copy in float32 and up to twice as much for what is ranked again (100,000 x 512: 0.6 GB).

    Raises:
        ValueError: features not finite, labels that do not fit, K below 1.
    """
    labels = np.asarray(labels)
    if labels.shape != features.shape[:1] or labels.dtype.kind not in "iu":
        found = f"{labels.dtype} of the shape {labels.shape}"
        raise ValueError(f"labels: an integer for each of the {len(features)} features is needed, found {found}")
    if (labels < 0).any():
        raise ValueError(f"labels: {(labels < 0).sum()} images have none (-1): leave them out")
    if not ks or min(ks) < 1:
        raise ValueError(f"ks: numbers of at least 1 are needed, found {list(ks)}")
    rank = first_hits(features, labels, tile)
    return Recall({k: float(((rank > 0) & (rank <= k)).mean()) for k in ks}, rank, len(labels) - 1)


def first_hits(features: np.ndarray, labels: np.ndarray, tile: int | None = None) -> np.ndarray:
    """N: the rank of the nearest other image with the same label, from 1; 0 where there is none.

    This is 1 and the number of images before that one, so a row need not be sorted. Nearly all of these images are
    counted in float32; those too near to it to be sure are ranked here, in float64.
    """
    kind, sizes = np.unique(labels, return_inverse=True, return_counts=True)[1:]
    order = np.argsort(kind, stable=True)
    bank, group, image = Rows(features, order=order), torch.from_numpy(kind[order]), torch.from_numpy(order)
    screen = Screen(bank, torch.from_numpy(sizes), tile)
    before = screen.before.clone()
    row, column = screen.pairs()
    by_image = (row * len(bank) + image[column]).argsort()  # ties go by image, not by class
    row, column = row[by_image], column[by_image]
    for block in blocks(len(bank), 16 * int(torch.bincount(row, minlength=1).max())):
        here = slice(*torch.searchsorted(row, torch.tensor([block.start, block.stop])).tolist())
        pack = partial(packed, row[here] - block.start, block.stop - block.start)
        cosine = pack(cosines_of_pairs(bank, bank, row[here], column[here]), -torch.inf)
        before[block] += ahead(cosine, pack(group[column[here]] == group[row[here]], False))
    crowded, place = screen.crowded.nonzero().flatten(), image.argsort()
    for block in blocks(len(crowded), len(bank)):
        at = crowded[block]
        before[at] = ahead(cosines_of_rows(bank, bank, at)[:, place], group[at, None] == group[place])
    rank = torch.zeros(len(bank), dtype=torch.int64)
    rank[image] = torch.where(torch.from_numpy(sizes)[group] > 1, 1 + before, 0)
    return rank.numpy()


def ahead(cosine: Tensor, own: Tensor) -> Tensor:
    """R: how many of a row's entries are ranked before the first that is of the row's own class; 0 without one.

    Args:
        cosine: R x C, float64.
        own: R x C.
    """
    return own.gather(1, ranked(cosine)).byte().argmax(1)
