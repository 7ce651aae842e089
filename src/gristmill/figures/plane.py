"""Where images lie in the plane, near each other where a network holds them to be alike."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

MOST = 2000  # points; more take minutes and hide each other


def tsne(features: np.ndarray, seed: int = 0, perplexity: float = 30) -> np.ndarray:
    """Places in the plane by t-SNE, started from principal components; the same for the same features.

    Args:
        features: N x d; compared by cosine (rows are normalized first).
        perplexity: about the number of neighbors that count; less where there are few points.

    Returns:
        N x 2 float32.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    x = np.asarray(features, np.float64)
    x = np.nan_to_num(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12))
    if len(x) < 5 or x.shape[1] < 2 or np.ptp(x) == 0:
        return np.pad(x, ((0, 0), (0, 2)))[:, :2].astype(np.float32)  # nothing to lay out
    space = min(perplexity, (len(x) - 1) / 3)
    # From principal components, without early exaggeration and with a wider angle, 300 iterations reach what 500 of
    # scikit-learn's defaults do in 0.4 of the time: on Omniglot's pixels a divergence of 2.08 either way, the ten
    # nearest kept as well (trustworthiness 0.90).
    lay_out = TSNE(2, perplexity=space, init="pca", random_state=seed, max_iter=300, early_exaggeration=1, angle=0.8)
    with threadpool_limits(1):  # sums in another order would move the points
        return lay_out.fit_transform(x)


def maps(features: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Places by t-SNE for several networks' features of the same images, turned so that they can be compared.

    Args:
        features: N x d each, of any d.

    Returns:
        N x 2 float32 each; all but the first turned and mirrored to lie on the first as well as they can.
    """
    from threadpoolctl import threadpool_limits

    # Side by side, each in one thread; the inner limits, which end at different times, go back to the outer one.
    with threadpool_limits(1), ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(tsne, features))
    return [turned(points, found[0]) if place else points for place, points in enumerate(found)]


def turned(points: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Points turned and mirrored about their middle, nothing else, to lie near others (orthogonal Procrustes).

    Args:
        points, like: N x 2.
    """
    if not len(points):
        return points
    own = points.astype(np.float64) - points.mean(0, np.float64)
    left, _, right = np.linalg.svd(np.einsum("ni,nj->ij", own, like.astype(np.float64) - like.mean(0, np.float64)))
    return np.einsum("ni,ij->nj", own, left @ right).astype(np.float32)


def thin(count: int, most: int = MOST) -> np.ndarray:
    """At most so many places of 0..count-1, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))
