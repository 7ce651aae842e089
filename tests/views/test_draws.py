"""What is drawn is distributed as the papers say: 100,000 draws, bounds of four standard errors."""

import itertools

import numpy as np
import torch

from gristmill.views.blur import GaussianBlur
from gristmill.views.blur_conv import ConvolutionBlur
from gristmill.views.color import Grayscale
from gristmill.views.crop import ResizedCrop, boxes_from_uniforms
from gristmill.views.cutout import Cutout
from gristmill.views.flip import HorizontalFlip
from gristmill.views.jitter import ColorJitter
from gristmill.views.padded_crop import PaddedCrop
from gristmill.views.perspective import Perspective, coefficients_from_corners, corners
from gristmill.views.points import Solarize
from gristmill.views.policies import PROBABILITY, AutoAugmentCifar
from gristmill.views.randaugment import STRENGTHS, RandAugment

N = 100_000


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def uniform(values, low: float, high: float) -> bool:
    """Kolmogorov's distance to the uniform distribution, at a level of about 1e-4."""
    places = np.sort((np.asarray(values) - low) / (high - low))
    distance = np.abs(places - (np.arange(len(places)) + 0.5) / len(places)).max()
    return places[0] >= 0 and places[-1] <= 1 and bool(distance < 2.25 / len(places) ** 0.5)


def frequent(happens, probability) -> bool:
    happens = np.asarray(happens)
    error = (probability * (1 - probability) / len(happens)) ** 0.5
    return bool(np.all(np.abs(happens.mean(0) - probability) <= 4 * error))


def test_crops_have_uniform_area_log_aspect_and_place():
    crop = ResizedCrop(32, scale=(0.05, 0.5), flip=0.5)  # at most half the image: every first attempt fits
    side = 100_000  # so that rounding to whole pixels does not show
    parameters = crop.draw(rng(), N, (side, side))
    top, left, height, width = parameters["box"].double().numpy().T
    assert uniform(height * width / side**2, 0.05, 0.5)
    assert uniform(np.log(width / height), np.log(3 / 4), np.log(4 / 3))
    assert uniform(top / (side - height + 1), 0, 1)
    assert uniform(left / (side - width + 1), 0, 1)
    assert frequent(parameters["flip"], 0.5)


def test_crops_lie_inside_and_have_at_least_the_smallest_area():
    for size in ((32, 32), (28, 28), (24, 96), (7, 3)):
        top, left, height, width = ResizedCrop(32).draw(rng(), N, size)["box"].T
        assert (top >= 0).all() and (left >= 0).all() and (height >= 1).all() and (width >= 1).all()
        assert (top + height <= size[0]).all() and (left + width <= size[1]).all()
    top, left, height, width = ResizedCrop(32).draw(rng(), N, (32, 32))["box"].T
    assert (height * width).min() >= 0.2 * 32 * 32 - 32
    assert (height * width).max() == 32 * 32


def test_a_box_that_never_fits_is_replaced_by_the_central_one():
    uniforms = torch.full((1, 10, 4), 0.9, dtype=torch.float64)
    assert boxes_from_uniforms(uniforms, (10, 100), (1, 1), (3 / 4, 4 / 3)).tolist() == [[0, 43, 10, 13]]
    assert boxes_from_uniforms(uniforms, (100, 10), (1, 1), (3 / 4, 4 / 3)).tolist() == [[43, 0, 13, 10]]


def test_flips_grays_blurs_and_solarizations_happen_as_often_as_they_should():
    assert frequent(HorizontalFlip(0.5).draw(rng(), N, (32, 32))["flip"], 0.5)
    assert not HorizontalFlip(0).draw(rng(), N, (32, 32))["flip"].any()
    assert frequent(Grayscale(0.2).draw(rng(), N, (32, 32))["apply"], 0.2)
    assert frequent(Solarize(0.2).draw(rng(), N, (32, 32))["apply"], 0.2)
    for blur in (GaussianBlur(0.5), ConvolutionBlur(0.5)):
        drawn = blur.draw(rng(), N, (32, 32))
        assert frequent(drawn["apply"], 0.5)
        assert uniform(drawn["sigma"], 0.1, 2.0)


def test_jitter_has_uniform_factors_and_all_orders():
    jitter = ColorJitter(0.4, 0.4, 0.8, 0.1, p=0.8).draw(rng(), N, (32, 32))
    for factor, (low, high) in zip(jitter["factors"].T, [(0.6, 1.4), (0.6, 1.4), (0.2, 1.8), (-0.1, 0.1)], strict=True):
        assert uniform(factor, low, high)
    orders = np.array(list(itertools.permutations(range(4))))
    assert frequent((jitter["order"].numpy()[:, None] == orders).all(2), 1 / 24)
    assert frequent(jitter["apply"], 0.8)


def test_pairs_of_the_policy_are_alike_and_halves_happen_with_their_probability():
    drawn = AutoAugmentCifar().draw(rng(), N, (32, 32))
    policy, apply, sign = (drawn[key].numpy() for key in ("policy", "apply", "sign"))
    assert frequent(policy[:, None] == np.arange(25), 1 / 25)
    for pair in range(25):
        assert frequent(apply[policy == pair], PROBABILITY[pair])
    assert frequent(sign == 1, 0.5)
    assert set(np.unique(sign)) == {-1, 1}


def test_probabilities_are_those_of_the_released_code():
    """In tenths, read off its list a second time."""
    first = [1, 7, 8, 5, 5, 2, 4, 3, 6, 6, 7, 3, 4, 9, 5, 2, 2, 9, 8, 1, 4, 9, 9, 8, 7]
    second = [2, 3, 9, 7, 9, 3, 6, 7, 5, 6, 5, 4, 2, 2, 0, 6, 8, 6, 2, 7, 9, 7, 8, 1, 9]
    np.testing.assert_allclose(PROBABILITY * 10, np.stack([first, second], 1))


def test_padded_crops_begin_anywhere_and_are_mirrored_half_the_time():
    drawn = PaddedCrop().draw(rng(), N, (32, 32))
    assert frequent(drawn["flip"], 0.5)
    assert frequent((drawn["offset"].numpy()[..., None] == np.arange(9)).reshape(N, 18), 1 / 9)


def test_randaugment_draws_two_operations_with_replacement_half_of_them_applied_levels_1_to_9():
    drawn = {key: each.numpy() for key, each in RandAugment().draw(rng(), N, (32, 32)).items()}
    op = drawn["op"]
    assert len(STRENGTHS) == 14
    assert frequent((op[..., None] == np.arange(14)).reshape(N, 28), 1 / 14)
    assert frequent(op[:, 0] == op[:, 1], 1 / 14)
    assert frequent(drawn["apply"], 0.5)
    assert frequent(drawn["apply"].all(1), 0.25)
    assert frequent((drawn["level"][..., None] == np.arange(11)).reshape(N, 22), np.tile([0, *[1 / 9] * 9, 0], 2))
    assert frequent(drawn["sign"] == 1, 0.5)
    assert set(np.unique(drawn["sign"])) == {-1, 1}


def test_cutouts_are_anywhere_in_the_image():
    x, y = Cutout().draw(rng(), N, (24, 40))["xy"].numpy().T
    assert uniform(x, 0, 40)
    assert uniform(y, 0, 24)


def test_perspective_moves_each_corner_inward_by_whole_pixels():
    size = (24, 40)
    drawn = Perspective().draw(rng(), 20_000, size)
    assert frequent(drawn["apply"], 0.5)
    a = drawn["coefficients"].double()
    # Where a corner of the image ended is the point that the projection reads at the corner: solve for it.
    ends = []
    for x, y in corners(size).tolist():
        rows = torch.stack([a[:, [0, 1]] - x * a[:, [6, 7]], a[:, [3, 4]] - y * a[:, [6, 7]]], 1)
        right = torch.stack([x - a[:, 2], y - a[:, 5]], 1)
        ends.append(torch.linalg.solve(rows, right))
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    moved = (torch.stack(ends, 1) - torch.from_numpy(corners(size))).numpy() * inward  # 20,000 x 4 x 2
    assert np.abs(moved - moved.round()).max() < 1e-2
    for corner in range(4):
        for axis, most in ((0, 10), (1, 6)):
            assert frequent(moved[:, corner, axis].round()[:, None] == np.arange(most + 1), 1 / (most + 1))


def test_coefficients_of_unmoved_corners_are_the_identity():
    ends = torch.from_numpy(corners((24, 40)))[None]
    identity = torch.tensor([[1.0, 0, 0, 0, 1, 0, 0, 0]])
    torch.testing.assert_close(coefficients_from_corners(ends, (24, 40)), identity, rtol=0, atol=1e-6)
