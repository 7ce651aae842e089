"""The embedded blood cells are the source's, reduced."""

import os
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from gristmill.detection import blood_cells, voc_folder
from gristmill.errors import UserError


def test_all_images_and_boxes_are_there_but_those_without_area(capsys):
    found = blood_cells.read()
    boxes = Counter(
        (part, found.classes[label])
        for known, part in zip(found.annotated, found.part, strict=True)
        for label in known.labels
    )
    assert Counter(found.part) == {"train": 71, "validation": 31, "test": 30}
    assert found.classes == ["Platelets", "RBC", "WBC"]
    # RBC: 947 and 377 in the source, each with one box without area
    assert [boxes["train", name] for name in found.classes] == [89, 946, 76]
    assert [boxes["validation", name] for name in found.classes] == [36, 376, 31]
    assert [boxes["test", name] for name in found.classes] == [36, 349, 31]
    assert capsys.readouterr().err == (
        "blood_cells.zip: 2 boxes without area left out, in BloodImage_00343, BloodImage_00338\n"
    )


def test_boxes_lie_on_the_reduced_images():
    found = blood_cells.read()
    corners = np.concatenate([known.boxes for known in found.annotated])
    assert corners.min() >= 0 and (corners.max(0) <= [320, 240, 320, 240]).all()
    dark = []   # nearly all white cells are stained: less red inside their boxes
    for number in range(40):
        image, known = found.images(number), found.annotated[number]
        assert image.shape == (240, 320, 3) and image.dtype == np.uint8
        for left, top, right, bottom in known.boxes[known.labels == 2].astype(int):
            dark.append(image[top:bottom, left:right, 0].mean() < image[..., 0].mean())
    assert len(dark) >= 40 and np.mean(dark) > 0.9


def test_the_file_is_small_and_its_licence_lies_beside_it():
    assert blood_cells.EMBEDDED.stat().st_size < 2_500_000
    assert "shenggan" in blood_cells.EMBEDDED.with_name("BLOOD_CELLS_LICENSE").read_text(encoding="utf-8")


def test_a_changed_and_a_missing_file_are_refused(tmp_path):
    content = bytearray(blood_cells.EMBEDDED.read_bytes())
    content[1000] ^= 1
    (tmp_path / "changed.zip").write_bytes(content)
    with pytest.raises(UserError, match=r"changed\.zip: hash differs"):
        blood_cells.read(tmp_path / "changed.zip")
    with pytest.raises(UserError, match=r"none\.zip: no such file"):
        blood_cells.read(tmp_path / "none.zip")


def test_the_script_makes_the_file_from_the_source():
    source = os.environ.get("GRISTMILL_BLOOD_CELLS")
    if not source:
        pytest.skip("GRISTMILL_BLOOD_CELLS does not name the source's folder")
    from scripts.make_blood_cells import archive

    made = archive(Path(source))
    with zipfile.ZipFile(blood_cells.EMBEDDED) as file:
        assert set(file.namelist()) == set(made)
        # JPEG depends on the encoder's version
        assert all(file.read(name) == made[name] for name in made if not name.endswith(".jpg"))
    whole, small = voc_folder.read(Path(source)), blood_cells.read()
    for large, own in zip(whole.annotated, small.annotated, strict=True):
        assert large.name == own.name and (large.labels == own.labels).all()
        np.testing.assert_allclose(large.boxes / 2, own.boxes, atol=1e-3)
