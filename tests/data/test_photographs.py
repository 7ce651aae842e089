"""Photographs of many sizes: reduced as the papers' transforms do, and damaged ones named."""

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import Resize

from gristmill.data.photographs import check_there, photographs, read_photograph, reduced
from gristmill.data.source import sample_table
from gristmill.errors import UserError


def photo(width: int, height: int, seed: int = 0) -> Image.Image:
    corners = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8)
    return Image.fromarray(corners).resize((width, height), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("size", [(100, 40), (40, 100), (64, 64), (33, 200), (101, 77), (500, 33)], ids=str)
def test_the_shorter_side_becomes_that_of_torchvisions_resize(size):
    image = photo(*size)
    ours, theirs = reduced(image, 32), Resize(32)(image)
    assert min(ours.size) == 32 and ours.size == theirs.size
    assert (np.asarray(ours) == np.asarray(theirs)).all()


def test_small_images_and_images_without_a_side_stay(tmp_path):
    image = photo(40, 60)
    assert reduced(image, 40) is image and reduced(image, None) is image and reduced(image, 64) is image


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "RGBA"])
def test_every_kind_of_photograph_becomes_color(tmp_path, mode):
    path = tmp_path / ("photo.png" if mode in ("P", "RGBA") else "photo.jpg")
    photo(40, 30).convert(mode).save(path)
    assert read_photograph(path, 20).shape == (20, 26, 3)


@pytest.mark.parametrize("content", [b"", b"hello", b"GIF89a", "cut"])
def test_a_damaged_photograph_is_one_line(tmp_path, content):
    path = tmp_path / "photo.jpg"
    photo(80, 60).save(path)
    path.write_bytes(path.read_bytes()[:600] if content == "cut" else content)
    with pytest.raises(UserError, match=r"photo\.jpg: not a readable photograph .*; get it again") as error:
        read_photograph(path, None)
    assert "\n" not in str(error.value)
    with pytest.raises(UserError, match=r"none\.jpg: No such file"):
        read_photograph(tmp_path / "none.jpg", None)


def test_pieces_keep_the_order(tmp_path, monkeypatch):
    monkeypatch.setattr("gristmill.data.photographs.BLOCK", 4)
    paths = [tmp_path / f"{i}.png" for i in range(10)]
    for i, path in enumerate(paths):
        photo(20 + i, 30, seed=i).save(path)
    table = sample_table([path.name for path in paths], "train", np.zeros(10, int), ["x"])
    given = photographs(paths, table, None)
    pieces = list(given.pieces)
    assert given.count == 10 and [len(piece.images) for piece in pieces] == [4, 4, 2]
    assert [image.shape[1] for piece in pieces for image in piece.images] == list(range(20, 30))
    assert [name for piece in pieces for name in piece.table["sample"]] == table["sample"].tolist()


def test_missing_files_are_counted(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.jpg").touch()
    check_there(tmp_path, ["a/1.jpg"], "get it")
    with pytest.raises(UserError, match=r"a/2\.jpg and 1 more of 3 missing; get it"):
        check_there(tmp_path, ["a/1.jpg", "a/2.jpg", "b/3.jpg"], "get it")
