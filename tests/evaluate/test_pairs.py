"""How alike crops of one image are."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gristmill.evaluate.pairs import BINS, crop_features, pair_cosines, shares
from gristmill.train.keys import generator
from gristmill.views.recipes import recipe

SETTINGS = SimpleNamespace(
    recipe="strokes", size=12, area=None, mean=[0.1], std=[0.3], local=SimpleNamespace(size=12, area=[0.3, 0.7])
)
VIEWS = {role: recipe(SETTINGS, role) for role in ("global", "local")}


class Pixels(nn.Module):
    """Looks at nothing but the pixels, in evaluation only."""

    def features(self, images: Tensor) -> Tensor:
        assert not self.training
        return images.flatten(1)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (9, 14, 14, 1), dtype=np.uint8)


def crops(images: np.ndarray, batch: int = 256, seed: int = 0) -> dict[str, Tensor]:
    return crop_features(Pixels(), images, np.arange(1, 9), VIEWS, generator(seed, "pairs"), batch=batch)


def test_the_same_crops_come_whatever_the_batch_and_others_with_another_seed(images: np.ndarray):
    whole, parts, other = crops(images), crops(images, batch=3), crops(images, seed=1)
    for crop, rows in whole.items():
        assert rows.shape == (8, 144) and torch.allclose(rows.norm(dim=1), torch.ones(8))
        assert torch.equal(rows, parts[crop]) and not torch.equal(rows, other[crop])


def test_all_four_crops_differ_and_the_network_is_left_as_it_was(images: np.ndarray):
    network = Pixels().train()
    found = crop_features(network, images, np.arange(9), VIEWS, generator(0, "pairs"))
    assert network.training
    assert not any(torch.equal(found["global1"], found[crop]) for crop in ("global2", "local1", "local2"))


def test_cosines_are_those_of_a_loop_over_the_six_pairs_of_an_image():
    rng = np.random.default_rng(0)
    rows = {crop: rng.normal(size=(5, 3)) for crop in ("global1", "global2", "local1", "local2")}
    units = {crop: each / np.linalg.norm(each, axis=1, keepdims=True) for crop, each in rows.items()}
    found = pair_cosines({crop: torch.from_numpy(each) for crop, each in units.items()})
    assert [*found] == ["global-global", "global-local", "local-local"]
    assert found["global-global"] == pytest.approx([units["global1"][i] @ units["global2"][i] for i in range(5)])
    assert found["local-local"] == pytest.approx([units["local1"][i] @ units["local2"][i] for i in range(5)])
    loop = [units[one][i] @ units[other][i] for one in ("global1", "global2") for other in ("local1", "local2")
            for i in range(5)]  # fmt: skip
    assert found["global-local"] == pytest.approx(loop)


def test_shares_sum_to_one_and_both_ends_are_in_a_bin():
    share, edges = shares(np.array([-1.0, 1.0, 1.0, 0.01]))
    assert share.sum() == 1 and len(share) == BINS and edges[0] == -1 and edges[-1] == 1
    assert share[0] == 0.25 and share[-1] == 0.5 and share[BINS // 2] == 0.25


@pytest.mark.parametrize("bad", [[], [0.5, np.nan]])
def test_a_collapse_into_no_numbers_is_no_histogram(bad: list[float]):
    with pytest.raises(ValueError, match="cosines"):
        shares(np.array(bad))
