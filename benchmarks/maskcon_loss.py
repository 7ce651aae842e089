"""Row 10: MaskCon's loss and its gradient, 128 queries against 8192 keys of 128 values."""

from typing import Any

from benchmarks.literal import literal_loss, literal_targets
from benchmarks.measure import alternate, faster, threads, torch
from benchmarks.own import CLASSES
from gristmill.losses.contrast import memory_contrast
from gristmill.losses.maskcon import maskcon_targets
from gristmill.losses.targets import mix


def inputs(queries: int = 128, keys: int = 8192) -> dict[str, torch.Tensor]:
    """Unit rows and labels, made in place: rows that measure memory take them too."""
    generator = torch.Generator().manual_seed(0)
    rows = [torch.randn(n, 128, generator=generator) for n in (queries, queries, keys)]
    query, key, queue = (r.div_(r.norm(dim=1, keepdim=True)) for r in rows)
    labels, queue_labels = (torch.randint(0, CLASSES, (n,), generator=generator) for n in (queries, keys))
    return {"query": query.requires_grad_(), "key": key, "queue": queue, "labels": labels, "known": queue_labels}


def literal(query, key, queue, labels, known) -> torch.Tensor:
    """The gradient for the queries, with all matrices made."""
    one_hot = torch.nn.functional.one_hot
    with torch.no_grad():
        same = one_hot(labels, CLASSES).float() @ one_hot(known, CLASSES).float().T
        target = literal_targets(key, queue, same, 0.05, 0.5)
    return torch.autograd.grad(literal_loss(query, key, queue, target, 0.1), query)[0]


def own(query, key, queue, labels, known) -> torch.Tensor:
    """The same in blocks of rows."""
    same = labels[:, None] == known

    def targets(rows: slice) -> tuple[torch.Tensor, torch.Tensor]:
        return mix(maskcon_targets(key[rows], queue, same[rows], 0.05), 0.5)

    return torch.autograd.grad(memory_contrast(query, key, queue, 0.1, targets).mean(), query)[0]


def run() -> dict[str, Any]:
    """Both give the same gradient."""
    tensors = inputs()
    with threads(1):
        torch.testing.assert_close(own(**tensors), literal(**tensors), rtol=1e-4, atol=1e-7)
        variants = {"usual": lambda: literal(**tensors), "own": lambda: own(**tensors)}
        seconds = alternate(variants, rounds=9, calls=10)
    return faster("10", "MaskCon loss and gradient, 128 x 8192 x 128, fp32", "literal", seconds, 1.5)


if __name__ == "__main__":
    print(run())
