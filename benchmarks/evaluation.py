"""Row 17: an evaluation during training: features of 4,000 images (ResNet-18, 32 pixels), then their Recall@K."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.literal import resnet18_small_images
from benchmarks.measure import alternate, faster, gate_of_bf16, precision, threads, torch
from benchmarks.own import CLASSES, images, settings
from benchmarks.recall import KS
from benchmarks.recall import literal as literal_recall
from gristmill.evaluate.features import extract
from gristmill.evaluate.recall import recall_at_k
from gristmill.networks.build import build
from gristmill.views.recipes import recipe


def variants(count: int) -> dict[str, Callable[[], list[float]]]:
    """One network with the same weights, ten images of a class that are alike; each gives Recall@K."""
    torch.manual_seed(0)
    labels, plain = np.arange(count) % (count // 10), settings("maskcon", "resnet18", 64)
    noise = np.random.default_rng(2).integers(0, 192, (count, 32, 32, 3), np.uint8)
    pixels = images(count // 10, 32, 3)[labels] // 4 + noise
    usual, own = resnet18_small_images().eval(), build(plain.network, 3, 32, CLASSES)
    own.backbone.load_state_dict(usual.state_dict())
    own.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    view, rows = recipe(plain.views, "test"), np.arange(count)

    @torch.no_grad()
    def literal() -> list[float]:
        batches = torch.from_numpy(pixels).permute(0, 3, 1, 2).split(256)
        features = [usual(batch.float().div(255).sub(0.5).div(0.25)) for batch in batches]
        return literal_recall(torch.cat(features).numpy(), labels)

    def ours() -> list[float]:
        features = extract(own, pixels, rows, view, precision=precision())
        return list(recall_at_k(features, labels, KS).at.values())

    return {"usual": literal, "own": ours}


def run() -> dict[str, Any]:
    """float32 as it comes and top-k, against what the trainer's monitor does; a call is long, so three rounds do."""
    with threads(1):
        seconds = alternate(variants(4000), rounds=3)
    what = f"features of 4,000 images and Recall@1..100, ResNet-18, {precision()}"
    return faster("17", what, "float32 as it comes, top 101 of ten blocks", seconds, gate_of_bf16(1.7))


if __name__ == "__main__":
    print(run())
