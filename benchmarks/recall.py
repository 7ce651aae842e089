"""Row 13: Recall@1 to Recall@100 among 10,000 images with 512 features."""

from typing import Any

import numpy as np

from benchmarks.measure import alternate, faster, threads, torch
from gristmill.evaluate.recall import recall_at_k

KS = [1, 2, 5, 10, 50, 100]


def features(count: int = 10_000) -> tuple[np.ndarray, np.ndarray]:
    """Features as a trained network gives them: not negative, classes that overlap; 1000 classes.

    They are made in place: rows that measure memory take them too.
    """
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(count // 1000, 1000, 512, generator=generator).mul_(3)
    values.add_(torch.randn(1000, 512, generator=generator)).clamp_(min=0)
    return values.view(count, 512).numpy(), np.arange(count) % 1000


def literal(values: np.ndarray, labels: np.ndarray) -> list[float]:
    """The 101 best of ten blocks of queries, the first dropped as the query itself."""
    rows, known = torch.nn.functional.normalize(torch.from_numpy(values), dim=1), torch.from_numpy(labels)
    hits = torch.zeros(len(KS))
    for queries, own in zip(rows.chunk(10), known.chunk(10), strict=True):
        nearest = (queries @ rows.T).topk(max(KS) + 1, dim=1).indices[:, 1:]
        found = known[nearest] == own[:, None]
        hits += torch.tensor([found[:, :k].any(1).sum().item() for k in KS])
    return (hits / len(rows)).tolist()


def run() -> dict[str, Any]:
    """Both give the same figures."""
    values, labels = features()
    with threads(1):
        assert np.allclose(literal(values, labels), list(recall_at_k(values, labels, KS).at.values()), atol=5e-4)
        variants = {"usual": lambda: literal(values, labels), "own": lambda: recall_at_k(values, labels, KS)}
        seconds = alternate(variants)
    return faster("13", "Recall@1..100 among 10,000 x 512", "top 101 of ten blocks", seconds, 1.8)


if __name__ == "__main__":
    print(run())
