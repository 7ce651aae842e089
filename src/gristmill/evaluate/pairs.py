"""How alike crops of one image are: cosines of two large and two small crops, by kind of pair.

Zhang, Qiu, Ke, Süsstrunk & Salzmann, "Leverage Your Local and Global Representations: A New Self-Supervised Learning
Strategy", CVPR 2022, arXiv 2203.17205, show such histograms for a method with and without their loss.
"""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from gristmill.data.packed import Images, gather, parts, sizes_of
from gristmill.evaluate.features import batches, evaluating
from gristmill.views.view import View

CROPS = {"global1": "global", "global2": "global", "local1": "local", "local2": "local"}
BINS = 100  # of cosines from -1 to 1


@torch.no_grad()
def crop_features(
    network: nn.Module, images: Images, rows: np.ndarray, views: Mapping[str, View], rng: np.random.Generator,
    *, batch: int = 256,
) -> dict[str, Tensor]:  # fmt: skip
    """`network.features` of the crops of some images, in eval mode; leaves the network as it was.

    Args:
        network: has a method `features`, N x C x H x W to N x d.
        images: M x H x W x C uint8, or packed ones of many sizes.
        rows: N places in `images`.
        views: `global` and `local`, how such a crop is drawn.
        rng: of all crops; the same numbers come whatever the batch.
        batch: images at a time, at least 2.

    Returns:
        crop (of CROPS) -> float32 N x d unit rows, on the CPU.
    """
    home = next((p.device for p in network.parameters()), torch.device("cpu"))
    drawn = {crop: views[kind].draw(rng, len(rows), *sizes_of(images, rows)) for crop, kind in CROPS.items()}
    found: dict[str, list[Tensor]] = {crop: [] for crop in CROPS}
    with evaluating(network):
        for block in batches(len(rows), batch):
            for part in parts(images, rows[block]):
                own = slice(block.start + part.start, block.start + part.stop)
                pixels = torch.from_numpy(gather(images, rows[own])).to(home).permute(0, 3, 1, 2)
                for crop, kind in CROPS.items():
                    seen = views[kind].apply(pixels, {name: each[own] for name, each in drawn[crop].items()})
                    features = getattr(network, "features")(seen)  # noqa: B009 a module's attributes are not typed
                    found[crop].append(normalize(features.float(), dim=1).cpu())
    return {crop: torch.cat(some) if some else torch.empty(0, 0) for crop, some in found.items()}


def pair_cosines(crops: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """Cosines of the pairs of crops of one image, by kind.

    Args:
        crops: crop (of CROPS) -> N x d unit rows, a row an image.

    Returns:
        `global-global` (N), `global-local` (4 N), `local-local` (N): float64 in -1..1.
    """
    found: dict[str, list[Tensor]] = {}
    for one, other in combinations(CROPS, 2):
        cosines = (crops[one].double() * crops[other].double()).sum(1).clamp(-1, 1)
        found.setdefault(f"{CROPS[one]}-{CROPS[other]}", []).append(cosines)
    return {kind: torch.cat(found[kind]).numpy() for kind in ("global-global", "global-local", "local-local")}


def shares(cosines: np.ndarray, bins: int = BINS) -> tuple[np.ndarray, np.ndarray]:
    """The share of cosines in each of so many equal bins from -1 to 1, which sum to 1, and their bins + 1 edges.

    Raises:
        ValueError: no cosine, or one that is no number.
    """
    if not len(cosines) or not np.isfinite(cosines).all():
        raise ValueError("cosines: none, or not all are finite")
    counts, edges = np.histogram(cosines, bins, (-1, 1))
    return counts / len(cosines), edges
