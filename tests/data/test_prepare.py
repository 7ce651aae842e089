"""What leaves `prepare` is one array, one checked table and a hash that both carry on."""

import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gristmill.data import digits
from gristmill.data.prepare import images_sha256, prepare
from gristmill.data.schemas import Prepared, Task, checked
from gristmill.data.source import Samples, check_images, reader, sample_table
from gristmill.errors import UserError


def test_digits_are_prepared_from_a_dict_and_from_an_object():
    images, table = prepare({"source": "digits"})
    again, _ = prepare(SimpleNamespace(source="digits", path=None))
    assert images.shape == (1797, 8, 8, 1) and images.dtype == np.uint8 and images.max() == 255
    assert (images == again).all()
    assert set(table["part"]) == {"train", "test"} and table["fine"].nunique() == 10
    assert (table["coarse"] == table["fine"] % 2).all()


def test_the_hash_of_the_images_survives_parquet(tmp_path):
    images, table = prepare({"source": "digits"})
    table.to_parquet(tmp_path / "table.parquet")
    read = pd.read_parquet(tmp_path / "table.parquet")
    assert read.attrs == {"images_sha256": images_sha256(images)}
    pd.testing.assert_frame_equal(read, table)


def test_the_hash_is_the_same_memory_mapped_and_in_other_blocks(tmp_path, monkeypatch):
    images = digits.read({}).images
    np.save(tmp_path / "images.npy", images)
    whole = images_sha256(images)
    monkeypatch.setattr("gristmill.data.prepare.BLOCK", 1000)
    assert images_sha256(np.load(tmp_path / "images.npy", mmap_mode="r")) == whole
    assert images_sha256(images[::-1]) != whole


@pytest.mark.parametrize(
    ("wrong", "hint"), [("digit", "'digits'"), ("cifar", "'cifar10'"), ("prepare", "known are"), ("x/y", "known")]
)
def test_an_unknown_source_names_the_nearest(wrong, hint):
    with pytest.raises(UserError, match=f"no such source '{wrong}'; .*{hint}"):
        prepare({"source": wrong})


def test_every_source_names_its_files_without_reading_them():
    assert reader("digits").files({}) == []
    assert [path.name for path in reader("omniglot").files({})] == ["omniglot.npz"]


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        (np.zeros((3, 4, 4, 1)), "uint8"),
        (np.zeros((3, 4, 4), np.uint8), "H x W"),
        (np.zeros((3, 4, 4, 2), np.uint8), "1 or 3"),
        (np.zeros((2, 4, 4, 1), np.uint8), "2 images, but 3 rows"),
    ],
)
def test_images_of_another_form_are_refused(images, reason):
    table = pd.DataFrame({"sample": ["a", "b", "c"]})
    with pytest.raises(UserError, match=reason):
        check_images(Samples(images, table), "source 'x'")
    with pytest.raises(UserError, match="no image"):
        check_images(Samples(np.zeros((0, 4, 4, 1), np.uint8), table[:0]), "source 'x'")


def small() -> pd.DataFrame:
    return pd.DataFrame({
        "sample": ["a", "b", "c"], "part": ["train", "test", "test"], "fine": [0, 1, 1], "fine_name": ["x", "y", "y"],
        "coarse": [0, 0, 0], "coarse_name": ["z"] * 3, "row": [0, 1, 2], "label": [0, 0, 0], "label_name": ["z"] * 3,
    })  # fmt: skip


@pytest.mark.parametrize("schema", [Prepared, Task])
def test_a_right_table_passes_with_its_own_columns(schema):
    table = small().assign(drawer=1)
    assert checked(schema, table, "x") is table


@pytest.mark.parametrize(
    ("schema", "column", "values", "reason"),
    [
        (Prepared, "sample", ["a", "a", "c"], "'sample': 'a' in row"),
        (Prepared, "part", ["train", "test", "trial"], "'part': 'trial' in row 2"),
        (Prepared, "fine", [0, -2, -2], "'fine': -2 in row 1"),
        (Prepared, "fine", [0, -1, -1], "'fine': -1 in row 1 breaks the rule fine_with_its_name_unless_unlabeled"),
        (Prepared, "fine_name", ["x", "", ""], "'fine': 1 in row 1 breaks the rule fine_with_its_name"),
        (Prepared, "fine", [0.0, 1.0, 1.0], "'fine'"),
        (Prepared, "fine_name", ["x", None, "y"], "'fine_name'"),
        (Prepared, "fine_name", ["x", "y", "v"], "one_name_for_each_fine_label"),
        (Prepared, "coarse", [0, 0, 1], "one_name_for_each_coarse_label"),
        (Task, "row", [0, 1, 1], "'row': 1 in row"),
        (Task, "label", [0, -2, 0], "'label': -2 in row 1"),
        (Task, "fine", [0, -1, -1], "'fine': -1 in row 1 breaks the rule fine_with_its_name_unless_unlabeled"),
        (Task, "label_name", ["z", "z", "v"], "one_name_for_each_label"),
    ],
)
def test_a_wrong_table_is_one_line_with_column_and_row(schema, column, values, reason):
    with pytest.raises(UserError, match="task 'x': ") as error:
        checked(schema, small().assign(**{column: values}), "task 'x'")
    message = str(error.value)
    assert reason in message and "\n" not in message


def unlabeled() -> pd.DataFrame:
    """As `small`, with two images more that nobody knows."""
    table = small().drop(columns=["coarse", "coarse_name"])
    more = table.iloc[:2].assign(sample=["d", "e"], part="unlabeled", row=[3, 4])
    return pd.concat([table, more.assign(fine=-1, fine_name="", label=-1, label_name="")], ignore_index=True)


@pytest.mark.parametrize("schema", [Prepared, Task])
def test_an_unlabeled_image_alone_may_have_no_class(schema):
    table = unlabeled()
    assert checked(schema, table, "x") is table
    assert checked(schema, table.assign(fine=[0, 1, 1, 0, -1], fine_name=["x", "y", "y", "x", ""]), "x") is not None
    for column, values, row in (
        ("part", ["train", "test", "test", "unlabeled", "train"], 4),
        ("part", ["train", "test", "test", "validation", "unlabeled"], 3),
        ("fine_name", ["x", "y", "y", "", "x"], 4),
        ("fine_name", ["x", "y", "y", "z", "z"], 3),
        ("fine_name", ["x", "", "", "", ""], 1),
    ):
        with pytest.raises(
            UserError, match=rf"x: column 'fine': -?\d in row {row} breaks the rule fine_with_its_name"
        ) as error:
            checked(schema, table.assign(**{column: values}), "x")
        assert "\n" not in str(error.value)


def test_a_name_of_an_unknown_class_is_empty():
    table = sample_table(["a", "b"], ["unlabeled", "train"], np.array([-1, 1]), ("x", "y"))
    assert table["fine_name"].tolist() == ["", "y"] and str(table["fine_name"].dtype) == "str"


def test_a_fine_class_in_two_coarse_classes_is_refused():
    table = small().assign(coarse=[0, 0, 1], coarse_name=["z", "z", "v"])
    with pytest.raises(UserError, match="one_coarse_label_for_each_fine_label"):
        checked(Prepared, table, "x")
    with pytest.raises(UserError, match="column 'label'"):
        checked(Task, small().drop(columns="label"), "x")


def test_readers_import_neither_torch_nor_pandera(tmp_path):
    import subprocess

    code = "import sys; from gristmill.data.source import reader; reader('omniglot').read({}); "
    code += "assert not {'torch', 'pandera', 'pydantic', 'sklearn'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
