"""Row 15: the vote of the 200 nearest of 50,000 images for 2,000 others, 512 features."""

from typing import Any

from benchmarks.measure import alternate, faster, threads, torch
from gristmill.evaluate.knn import votes

CLASSES, K, TEMPERATURE = 10, 200, 0.1


def features(queries: int = 2000, gallery: int = 50_000) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Features as a trained network gives them, classes that overlap; the gallery's labels."""
    generator = torch.Generator().manual_seed(0)
    centers = torch.randn(CLASSES, 512, generator=generator)
    labels = torch.arange(queries + gallery) % CLASSES
    rows = torch.randn(queries + gallery, 512, generator=generator).mul_(3).add_(centers[labels]).clamp_(min=0)
    return rows[:queries], rows[queries:], labels[queries:]


def literal(query: torch.Tensor, gallery: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """N: the class with the most votes, as MoCo's demo counts them, 500 queries at a time."""
    normalize, found = torch.nn.functional.normalize, []
    bank = normalize(gallery, dim=1).t().contiguous()
    for rows in normalize(query, dim=1).split(500):
        weight, index = torch.mm(rows, bank).topk(k=K, dim=-1)
        near = torch.gather(labels.expand(len(rows), -1), dim=-1, index=index)
        one_hot = torch.zeros(len(rows) * K, CLASSES).scatter(dim=-1, index=near.view(-1, 1), value=1.0)
        scores = (one_hot.view(len(rows), -1, CLASSES) * (weight / TEMPERATURE).exp().unsqueeze(-1)).sum(dim=1)
        found.append(scores.argsort(dim=-1, descending=True)[:, 0])
    return torch.cat(found)


def own(query: torch.Tensor, gallery: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The product's votes."""
    return torch.cat([score.argmax(1) for _, score in votes(query, gallery, labels, CLASSES, K, TEMPERATURE)])


def run() -> dict[str, Any]:
    """Both find the same classes, but where votes are nearly even."""
    tensors = features()
    with threads(1):
        agree = (literal(*tensors) == own(*tensors)).double().mean().item()
        assert agree > 0.999, agree
        seconds = alternate({"usual": lambda: literal(*tensors), "own": lambda: own(*tensors)})
    what = f"votes of {K} among 50,000 x 512 for 2,000; equally near ones by class"
    return faster("15", what, "top k", seconds, 1.4)


if __name__ == "__main__":
    print(run())
