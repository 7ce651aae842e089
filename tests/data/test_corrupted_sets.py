"""Published corrupted sets, in the form of their files."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gristmill.corruptions import CORRUPTIONS
from gristmill.data import corrupted_sets
from gristmill.data.corrupted_sets import corrupted_cifar, corrupted_imagenet
from gristmill.errors import UserError

NAMES = ("fog", "contrast")
TEST = np.array([3, 8, 0, 6], np.uint8)   # labels of four test images


@pytest.fixture
def cifar(tmp_path: Path) -> Path:
    """As CIFAR-10-C is unpacked: severities one after the other, the labels five times."""
    for place, name in enumerate(NAMES):
        images = np.zeros((20, 32, 32, 3), np.uint8)
        images[:, 5, 7, 1] = 100 * place + np.arange(20)
        np.save(tmp_path / f"{name}.npy", images)
    np.save(tmp_path / "labels.npy", np.tile(TEST, 5))
    return tmp_path


def test_each_severity_of_cifar_is_its_block_with_the_labels_of_the_test_set(cifar):
    cells = list(corrupted_cifar(cifar, NAMES))
    assert [(cell.corruption, cell.severity) for cell in cells] == [(n, s) for n in NAMES for s in range(1, 6)]
    assert cells[7].images[:, 5, 7, 1].tolist() == [108, 109, 110, 111]
    assert all(cell.labels.tolist() == [3, 8, 0, 6] and cell.labels.dtype == np.int64 for cell in cells)


def refused(call) -> str:
    """The message, one line, of what is refused before a cell is asked for."""
    with pytest.raises(UserError) as error:
        call()
    assert "\n" not in str(error.value)
    return str(error.value)


def test_all_missing_files_of_cifar_are_named_at_once(cifar):
    (cifar / "labels.npy").unlink()
    message = refused(lambda: corrupted_cifar(cifar))
    assert all(f"{name}.npy" in message for name in (set(CORRUPTIONS) - set(NAMES)) | {"labels"})
    assert "fog" not in message


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("labels.npy", np.tile(TEST, 5).astype(float), "integers"),
        ("labels.npy", TEST, "5 N integers"),
        ("fog.npy", np.zeros((16, 32, 32, 3), np.uint8), "(20, 32, 32, 3)"),
        ("fog.npy", np.zeros((20, 3, 32, 32), np.uint8), "(20, 3, 32, 32)"),
        ("contrast.npy", np.zeros((20, 32, 32, 3), np.float32), "float32"),
    ],
)
def test_files_of_cifar_that_do_not_fit_are_refused(cifar, file, content, words):
    np.save(cifar / file, content)
    message = refused(lambda: corrupted_cifar(cifar, NAMES))
    assert file in message and words in message


def test_labels_that_are_not_repeated_are_refused(cifar):
    wrong = np.tile(TEST, 5)
    wrong[13] = 9
    np.save(cifar / "labels.npy", wrong)
    assert "severity 4" in refused(lambda: corrupted_cifar(cifar, NAMES))


def test_a_file_of_cifar_cut_off_or_no_array_is_refused(cifar):
    content = (cifar / "fog.npy").read_bytes()
    for damaged in (content[:1000], b"", b"<html>not found</html>"):
        (cifar / "fog.npy").write_bytes(damaged)
        assert "fog.npy" in refused(lambda: corrupted_cifar(cifar, NAMES))
    np.savez(cifar / "fog.npz", a=TEST)
    (cifar / "fog.npz").replace(cifar / "fog.npy")
    assert "archive" in refused(lambda: corrupted_cifar(cifar, NAMES))


@pytest.fixture
def imagenet(tmp_path: Path) -> Path:
    """As ImageNet-C is unpacked; the gray of a photograph tells which it is."""
    for place, name in enumerate(NAMES):
        for severity in range(1, 6):
            for label, wnid in enumerate(("n01440764", "n01443537")):
                folder = tmp_path / name / str(severity) / wnid
                folder.mkdir(parents=True)
                for number in range(2 + label):
                    gray = 100 * place + 10 * severity + 4 * label + number
                    photo = Image.new("RGB", (12, 10), (gray, gray, gray))
                    photo.save(folder / f"ILSVRC2012_val_0000000{number}.JPEG", quality=95)
                (folder / ".DS_Store").touch()
    return tmp_path


def grays(images: np.ndarray) -> list[int]:
    return images[:, 0, 0, 0].tolist()


def test_imagenet_comes_class_by_class_in_pieces(imagenet, monkeypatch):
    monkeypatch.setattr(corrupted_sets, "BLOCK", 3)
    cells = list(corrupted_imagenet(imagenet, NAMES, side=8))
    assert len(cells) == 20 and {cell.images.shape[1:] for cell in cells} == {(8, 8, 3)}
    first, second = cells[12:14]   # contrast at severity 2
    assert (first.corruption, first.severity) == (second.corruption, second.severity) == ("contrast", 2)
    assert np.abs(np.array(grays(first.images) + grays(second.images)) - [120, 121, 124, 125, 126]).max() <= 1
    assert first.labels.tolist() + second.labels.tolist() == [0, 0, 1, 1, 1]


def test_labels_of_imagenet_follow_the_given_classes(imagenet):
    (cell, *_) = corrupted_imagenet(imagenet, NAMES, ["n01443537"], side=8)
    assert cell.labels.tolist() == [0, 0, 0] and abs(grays(cell.images)[0] - 14) <= 1


def test_the_middle_of_a_photograph_is_taken(imagenet):
    pixels = np.zeros((10, 12, 3), np.uint8)
    pixels[1:9, 2:10] = 200
    Image.fromarray(pixels).save(imagenet / "fog" / "1" / "n01440764" / "ILSVRC2012_val_00000000.JPEG", quality=100)
    (cell, *_) = corrupted_imagenet(imagenet, NAMES, side=8)
    assert cell.images[0].min() > 150


def test_what_imagenet_lacks_is_named(imagenet):
    assert "frost/1 and 4 more missing" in refused(lambda: corrupted_imagenet(imagenet, ("fog", "frost")))
    asked = refused(lambda: corrupted_imagenet(imagenet, NAMES, ["n01440764", "n02007558"]))
    assert "n02007558: missing" in asked
    assert "10 x 12 pixels, at least 224 x 224" in refused(lambda: next(corrupted_imagenet(imagenet, NAMES)))
    (imagenet / "fog" / "1" / "n01440764" / "ILSVRC2012_val_00000000.JPEG").write_bytes(b"no photograph")
    assert "ILSVRC2012_val_00000000.JPEG" in refused(lambda: next(corrupted_imagenet(imagenet, NAMES, side=8)))
    for path in (imagenet / "fog" / "1" / "n01440764").glob("*.JPEG"):
        path.unlink()
    assert "no photograph" in refused(lambda: next(corrupted_imagenet(imagenet, NAMES, side=8)))
