"""The jitters in floats: what is drawn, what each adjustment does, and that they end within the range."""

import itertools

import numpy as np
import pytest
import torch

from gristmill.views.float_jitter import ADJUST, FloatJitter, float_jitter
from tests.views.pictures import pictures

KINDS = ["jiggle", "pil_like", "byol"]
NEUTRAL = torch.tensor([[1.0, 1.0, 1.0, 0.0]])
kinds = pytest.mark.parametrize("kind", KINDS)


def operation(kind) -> FloatJitter:
    return FloatJitter(0.4, 0.4, 0.2, 0.1, p=0.8, kind=kind)


@kinds
def test_factors_that_change_nothing_change_nothing(kind):
    images = pictures((12, 12)).double() / 255
    order = torch.tensor([[3, 2, 1, 0]]).expand(14, 4)
    torch.testing.assert_close(float_jitter(images, order, NEUTRAL.expand(14, 4), kind), images, rtol=0, atol=1e-7)


@kinds
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_strong_factors_end_within_the_range_and_keep_the_type(kind, dtype):
    images = pictures((12, 12)).to(dtype) / 255
    factors = torch.from_numpy(np.random.default_rng(0).uniform([0, 0, 0, -0.5], [2, 2, 2, 0.5], (14, 4)))
    order = torch.tensor(list(itertools.permutations(range(4)))[:14])
    result = float_jitter(images, order, factors, kind)
    assert result.dtype == dtype and result.isfinite().all()
    assert result.min() >= -1e-6 and result.max() <= 1 + 1e-6
    both = float_jitter(images.double(), order, factors, kind)
    torch.testing.assert_close(result.double(), both, rtol=0, atol=2e-5)


def test_brightness_of_byol_and_of_the_older_kornia_is_added():
    x = torch.tensor([0.1, 0.5, 0.9]).reshape(1, 1, 1, 3).double()
    for kind in ("jiggle", "byol"):
        got = ADJUST[kind][0](x, torch.tensor([1.3]).double())
        torch.testing.assert_close(got, torch.tensor([0.4, 0.8, 1.0]).reshape(1, 1, 1, 3).double())
    got = ADJUST["pil_like"][0](x, torch.tensor([1.3]).double())
    torch.testing.assert_close(got, torch.tensor([0.13, 0.65, 1.0]).reshape(1, 1, 1, 3).double())


def test_contrast_of_byol_is_about_the_mean_of_each_channel():
    x = torch.rand(2, 3, 6, 6, dtype=torch.float64, generator=torch.manual_seed(0))
    x = 0.2 * x + torch.tensor([0.2, 0.4, 0.6])[:, None, None]
    mean = x.mean((2, 3), keepdim=True)
    got = ADJUST["byol"][1](x, torch.tensor([0.5, 1.4]))
    share = torch.tensor([0.5, 1.4]).double()[:, None, None, None]
    torch.testing.assert_close(got, mean + share * (x - mean))
    torch.testing.assert_close(got.mean((2, 3)), mean[..., 0, 0])


def test_a_whole_turn_of_the_hue_comes_back_and_a_third_rotates_the_channels():
    x = torch.rand(1, 3, 8, 8, dtype=torch.float64, generator=torch.manual_seed(0))
    turn = ADJUST["byol"][3]
    torch.testing.assert_close(turn(x, torch.ones(1)), x, rtol=0, atol=1e-6)
    torch.testing.assert_close(turn(x, torch.tensor([1 / 3]).double()), x.roll(1, 1), rtol=0, atol=1e-6)
    torch.testing.assert_close(turn(x, torch.tensor([-1 / 3]).double()), x.roll(-1, 1), rtol=0, atol=1e-6)


@kinds
def test_images_of_one_channel_keep_their_saturation_and_hue(kind):
    images = pictures((9, 9), channels=1)
    order = torch.tensor([[2, 3, 0, 1]]).expand(14, 4)
    strong = torch.tensor([[1.0, 1.0, 0.0, 0.4]]).expand(14, 4)
    apply = torch.ones(14, dtype=torch.bool)
    assert torch.equal(operation(kind).apply(images, factors=strong, order=order, apply=apply), images)


@kinds
def test_bytes_are_rounded_once_after_the_four_adjustments(kind):
    images = pictures((12, 12))
    drawn = operation(kind).draw(np.random.default_rng(0), 14, (12, 12))
    ours = operation(kind).apply(images, **drawn)
    exact = 255 * float_jitter(images.double() / 255, drawn["order"], drawn["factors"], kind)
    apply = drawn["apply"]
    assert 0 < apply.sum() < 14
    assert torch.equal(ours[~apply], images[~apply])
    assert (ours[apply] - exact[apply]).abs().max() <= 0.5 + 0.01


def test_kornia_draws_one_order_for_a_batch_and_byol_one_for_each_image():
    rng = np.random.default_rng(0)
    batches = {kind: [operation(kind).draw(rng, 64, (8, 8)) for _ in range(400)] for kind in KINDS}
    for kind in ("jiggle", "pil_like"):
        assert all((drawn["order"] == drawn["order"][0]).all() for drawn in batches[kind])
        first = torch.stack([drawn["order"][0] for drawn in batches[kind]])
        assert len(first.unique(dim=0)) == 24
    assert all(len(drawn["order"].unique(dim=0)) > 12 for drawn in batches["byol"])
    for each in batches.values():
        factors = torch.cat([drawn["factors"] for drawn in each]).numpy()
        low, high = np.array([0.6, 0.6, 0.8, -0.1]), np.array([1.4, 1.4, 1.2, 0.1])
        assert (factors >= low).all() and (factors <= high).all()
        assert np.abs(factors.mean(0) - (low + high) / 2).max() < 4 * 0.8 / 12**0.5 / len(factors) ** 0.5
        happens = torch.cat([drawn["apply"] for drawn in each]).double().mean()
        assert abs(happens - 0.8) < 4 * (0.16 / len(factors)) ** 0.5
