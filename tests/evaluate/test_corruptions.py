"""Corruptions: what the golden vectors do not say of them."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from gristmill.corruptions import (
    APPROXIMATE,
    BLUR,
    CIFAR,
    CORRUPTIONS,
    DIGITAL,
    IMAGENET,
    SEVERITIES,
    TABLES,
    VALIDATION,
)
from gristmill.data import omniglot
from gristmill.errors import UserError
from gristmill.evaluate.corrupt import corrupted as module
from gristmill.evaluate.corrupt.corrupted import RULES, corrupted
from gristmill.evaluate.corrupt.digital import sampled
from gristmill.evaluate.corrupt.lines import folded, gaussian, zoomed

ALL = (*CORRUPTIONS, *VALIDATION)


@pytest.fixture(scope="module")
def photographs() -> np.ndarray:
    """Smooth colors with edges: 6 x 32 x 32 x 3."""
    rng = np.random.default_rng(0)
    smooth = ndimage.gaussian_filter(rng.random((6, 32, 32, 3)), (0, 3, 3, 0))
    smooth = (smooth - smooth.min()) / np.ptp(smooth)
    smooth[:, 8:14, 10:25] = [0.9, 0.2, 0.1]
    return (255 * smooth).astype(np.uint8)


@pytest.fixture(scope="module")
def drawings():
    return omniglot.read({})


def change(images: np.ndarray, name: str, severity: int, table: str) -> float:
    """Mean absolute difference, 0 to 255."""
    found = corrupted(images, name, severity, table, 0, np.arange(len(images)))
    return float(np.abs(found.astype(float) - images).mean())


def test_there_are_fifteen_and_four_and_every_table_has_five_entries_for_each():
    assert len(CORRUPTIONS) == 15 and len(VALIDATION) == 4
    assert set(RULES) == set(ALL) and set(APPROXIMATE) < set(ALL)
    for table in TABLES.values():
        for side in (28, 224):
            own = table.at(side)
            assert set(own.rows) == set(ALL) and {len(row) for row in own.rows.values()} == {len(SEVERITIES)}


def test_photographs_go_by_their_shorter_side():
    sides = {28: CIFAR, 32: CIFAR, 64: CIFAR, 96: IMAGENET, 224: IMAGENET}
    assert {side: TABLES["photographs_1"].at(side) for side in sides} == sides


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ALL)
def test_an_image_is_corrupted_alike_in_every_batch(photographs, name, channels, monkeypatch):
    images, rows = photographs[..., :channels], np.array([7, 2, 40, 11, 0, 3])
    whole = corrupted(images, name, 4, "cifar_1", 5, rows)
    assert whole.shape == images.shape and whole.dtype == np.uint8
    turned = corrupted(images[[3, 1]], name, 4, "cifar_1", 5, rows[[3, 1]])
    assert (turned == whole[[3, 1]]).all()
    monkeypatch.setattr(module, "BLOCK", 1)
    assert (corrupted(images, name, 4, "cifar_1", 5, rows) == whole).all()


@pytest.mark.parametrize("name", [name for name in ALL if RULES[name].draw])
def test_seed_row_and_severity_each_draw_anew(photographs, name):
    same = np.repeat(photographs[:1], 2, 0)
    first, second = corrupted(same, name, 3, "cifar_1", 0, [0, 1])
    assert (first != second).any()
    assert (corrupted(same[:1], name, 3, "cifar_1", 1, [0])[0] != first).any()


@pytest.mark.parametrize("name", [name for name in ALL if not RULES[name].draw])
def test_what_is_not_random_depends_on_the_image_alone(photographs, name):
    ours = corrupted(photographs, name, 3, "cifar_1", 0, np.arange(6))
    assert (corrupted(photographs, name, 3, "cifar_1", 9, np.arange(6) + 4) == ours).all()


@pytest.mark.parametrize(
    ("name", "table"),
    [(name, "cifar_1") for name in ALL] + [(name, "drawings_1") for name in ALL if name != "saturate"],
)
def test_severity_5_changes_more_than_severity_1(photographs, drawings, name, table):
    images = photographs if table == "cifar_1" else drawings.images[::121]
    least, most = change(images, name, 1, table), change(images, name, 5, table)
    if (name, table) in {("elastic_transform", "cifar_1"), ("saturate", "cifar_1")}:
        assert least > 0 and most > 0   # published so: less shear with rising severity, first less color, then more
    else:
        assert most > 1.1 * least > 0


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shape", [(2, 1, 1, 1), (2, 5, 3, 3), (1, 40, 64, 1), (0, 8, 8, 3)])
def test_small_long_and_no_images(name, shape):
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    for table in ("cifar_1", "imagenet_1"):
        for severity in (1, 5):
            found = corrupted(images, name, severity, table, 0, np.arange(len(images)))
            assert found.shape == shape and found.dtype == np.uint8


@pytest.mark.parametrize("name", [*BLUR, *DIGITAL, "gaussian_blur", "saturate"])
@pytest.mark.parametrize("value", [0, 255])
def test_a_blank_image_stays_blank_under_blur_and_what_is_digital(name, value):
    blank = np.full((2, 28, 28, 1), value, np.uint8)
    found = corrupted(blank, name, 5, "drawings_1", 0, [0, 1])
    assert np.abs(found.astype(int) - value).max() <= 1   # of a whole number the last bit may be truncated


def test_large_photographs_keep_their_mean_color_when_blurred():
    rng = np.random.default_rng(1)
    image = np.asarray(Image.fromarray(rng.integers(0, 256, (14, 14, 3), np.uint8)).resize((96, 96)))[None]
    for name in ("defocus_blur", "glass_blur", "zoom_blur", "elastic_transform", "motion_blur"):
        found = corrupted(image, name, 3, "photographs_1", 0, [0])
        assert np.abs(found.mean((0, 1, 2)) - image.mean((0, 1, 2))).max() < 8, name


def test_impulses_are_half_white_half_black_and_as_many_as_asked(photographs):
    gray = np.full((20, 32, 32, 3), 100, np.uint8)
    found = corrupted(gray, "impulse_noise", 5, "imagenet_1", 0, np.arange(20))
    white, black = (found == 255).mean(), (found == 0).mean()
    assert abs(white - 0.135) < 0.01 and abs(black - 0.135) < 0.01


def test_motion_blurs_along_one_line_only():
    dot = np.zeros((1, 31, 31, 1))
    dot[0, 15, 15] = 1
    level = RULES["motion_blur"].apply(dot, np.array([0.0]), 6, 2)
    assert np.isclose(level.sum(), 1) and np.isclose(level[0, 15].sum(), 1)
    slanted = RULES["motion_blur"].apply(dot, np.array([45.0]), 6, 2)
    row, column = np.nonzero(slanted[0, ..., 0])
    assert (row == column).all() and len(row) > 3


def test_brightness_of_gray_adds_and_saturation_of_gray_stays():
    gray = np.arange(0, 250, 10, dtype=np.uint8).reshape(1, 5, 5, 1)
    bright = corrupted(gray, "brightness", 2, "imagenet_1", 0, [0])
    assert np.abs(bright.astype(int) - np.minimum(gray.astype(int) + 51, 255)).max() <= 1
    stays = corrupted(gray, "saturate", 5, "cifar_1", 0, [0])
    assert np.abs(stays.astype(int) - gray).max() <= 1


@pytest.mark.parametrize("sigma", [0.05, 0.4, 1, 9.0])
@pytest.mark.parametrize(("border", "truncate"), [("nearest", 4.0), ("reflect", 3.0)])
def test_gaussian_lines_are_those_of_scipy(sigma, border, truncate):
    line = np.random.default_rng(0).random(17)
    wanted = ndimage.gaussian_filter1d(line, sigma, mode=border, truncate=truncate)
    np.testing.assert_allclose(gaussian(17, sigma, border, truncate) @ line, wanted, rtol=1e-12)


@pytest.mark.parametrize("factor", [1.0, 1.07, 1.5, 2.25, 4.5])
@pytest.mark.parametrize("n", [28, 32])
def test_zoomed_lines_are_those_of_scipy(n, factor):
    line = np.random.default_rng(0).random(n)
    part = int(np.ceil(n / factor))
    first = (n - part) // 2
    stretched = ndimage.zoom(line[first : first + part], factor, order=1)
    cut = (len(stretched) - n) // 2
    np.testing.assert_allclose(zoomed(n, factor) @ line, stretched[cut : cut + n], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("border", ["reflect", "mirror", "nearest"])
def test_borders_and_places_between_pixels_are_those_of_scipy(border):
    rng = np.random.default_rng(0)
    image, place = rng.random((5, 7)), rng.uniform(-20, 20, (2, 5, 7))
    wanted = ndimage.map_coordinates(image, place, order=1, mode=border)
    found = sampled(image[None, ..., None], place[:1], place[1:], border)
    np.testing.assert_allclose(found[0, ..., 0], wanted, rtol=1e-9, atol=1e-12)
    assert folded(np.array([-3, 9]), 1, border).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fogg", 1, "cifar_1"), "no such corruption 'fogg'"),
        (("fog", 6, "cifar_1"), "severity 6"),
        (("fog", 0, "cifar_1"), "severity 0"),
        (("fog", 1, "cifar_2"), "known are cifar_1"),
    ],
)
def test_unknown_names_are_told_with_those_that_are_known(photographs, arguments, words):
    with pytest.raises(UserError, match=words):
        corrupted(photographs, *arguments, 0, np.arange(6))


def test_images_and_rows_that_do_not_fit_are_refused(photographs):
    for images, rows in (
        (photographs / 255, np.arange(6)),
        (photographs[..., :2], np.arange(6)),
        (photographs[0], np.arange(32)),
        (photographs, np.arange(5)),
        (photographs, np.arange(6) - 1),
        (photographs, np.arange(6.0)),
    ):
        with pytest.raises(ValueError):
            corrupted(images, "fog", 1, "cifar_1", 0, rows)


def unit(images: np.ndarray) -> np.ndarray:
    rows = images.reshape(len(images), -1).astype(np.float32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def test_drawings_lose_little_at_severity_1_and_much_at_5_by_raw_pixels(drawings):
    test = (drawings.table["part"] == "test").to_numpy()
    fine, asked = drawings.table["fine"].to_numpy(), np.flatnonzero(test)[::5]
    gallery, known = unit(drawings.images[~test]), fine[~test]

    def accuracy(images: np.ndarray) -> float:
        cosine = unit(images) @ gallery.T
        near = np.argpartition(-cosine, 20, 1)[:, :20]
        votes, weight = np.zeros((len(images), 242)), np.exp(np.take_along_axis(cosine, near, 1) / 0.07)
        np.add.at(votes, (np.arange(len(images))[:, None], known[near]), weight)
        return float((votes.argmax(1) == fine[asked]).mean())

    clean = accuracy(drawings.images[asked])
    feels = {
        "defocus_blur", "glass_blur", "motion_blur", "zoom_blur", "snow", "frost", "fog", "brightness",
        "elastic_transform", "pixelate", "gaussian_blur",
    }  # fmt: skip
    for name in ALL:
        first, last = (
            accuracy(corrupted(drawings.images[asked], name, severity, "drawings_1", 0, asked)) for severity in (1, 5)
        )
        assert first > 0.9 * clean, name
        assert last < 0.67 * clean or name not in feels, name
