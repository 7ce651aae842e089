"""Stanford Online Products in the form of its folder, and the two splits of it that are published."""

from pathlib import Path

import numpy as np
import pytest

from gristmill.data import sop
from gristmill.data.packed import open_images
from gristmill.data.photographs import reduced
from gristmill.data.prepare import prepare
from gristmill.data.schemas import Task, checked
from gristmill.errors import UserError
from gristmill.labels.coarse import group_coarse
from tests.data.test_photographs import photo

SPLIT1 = {"column": "split1", "train": ["train"], "test": ["test"]}
SPLIT2 = {"column": "split2", "train": ["train"], "test": ["test"], "order": "order2"}
LAMP = "lamp_final/300000000000_1.JPG"
IN_SPLIT2 = ("111502876121", "111687027218")   # the first two products of the published split


def write_lists(folder: Path, parts: dict[str, list[tuple[str, str, int]]], seed: int = 0) -> list[str]:
    """`Ebay_train.txt` and `Ebay_test.txt` of products (category, number, images); paths in the order of the lists."""
    folder.mkdir(parents=True, exist_ok=True)
    categories = sorted({category for products in parts.values() for category, _, _ in products})
    rng, image_id, class_id, paths = np.random.default_rng(seed), 0, 0, []
    for part, products in parts.items():
        lines = ["image_id class_id super_class_id path"]
        for place in rng.permutation(len(products)):   # their order must not matter
            category, product, count = products[place]
            class_id += 1
            for image in range(count):
                image_id += 1
                paths.append(f"{category}_final/{product}_{image}.JPG")
                lines.append(f"{image_id} {class_id} {categories.index(category) + 1} {paths[-1]}")
        (folder / sop.LISTS[part]).write_text("\n".join(lines) + "\n")
    return paths


def small(folder: Path) -> Path:
    """Seven products, some of split 1 and two of split 2, with photographs; the folder of the archive inside."""
    inside = folder / sop.NAME
    parts = {
        "train": [("lamp", "300000000000", 3), ("bicycle", IN_SPLIT2[1], 12), ("bicycle", IN_SPLIT2[0], 12)],
        "test": [("lamp", "200000000000", 8), ("bicycle", "150000000000", 9), ("chair", "170000000000", 2),
                 ("chair", "160000000000", 12)],
    }  # fmt: skip
    for i, path in enumerate(write_lists(inside, parts)):
        (inside / path).parent.mkdir(exist_ok=True)
        photo(30 + i % 7, 24 + i % 5, seed=i).save(inside / path, quality=90)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return small(tmp_path_factory.mktemp("sop"))


@pytest.fixture
def prepared(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(sop, "SPLIT1_TRAIN", 3)
    return prepare({"source": "sop", "path": str(folder), "side": 20}, tmp_path / "images.npy")


def test_photographs_are_prepared_product_by_product(prepared, folder):
    draft, table = prepared
    images = open_images(draft)
    assert len(images) == len(table) == 58 and (images.sizes.min(1) == 20).all()
    products = table["fine_name"].drop_duplicates().tolist()
    assert products == [
        "bicycle/111502876121", "bicycle/111687027218", "lamp/300000000000",
        "bicycle/150000000000", "chair/160000000000", "chair/170000000000", "lamp/200000000000",
    ]  # fmt: skip
    assert table["fine"].drop_duplicates().tolist() == list(range(7))
    assert table["sample"].str.split("_").str[-1].tolist()[:12] == ["0", "1", "10", "11", *map(str, range(2, 10))]
    assert dict(zip(table["coarse_name"], table["coarse"], strict=True)) == {"bicycle": 0, "chair": 1, "lamp": 2}
    assert table["part"].value_counts().to_dict() == {"train": 27, "test": 31}
    for place in (0, 13, 57):
        with sop_image(folder, table["sample"][place]) as image:
            assert (images[place] == np.asarray(reduced(image.convert("RGB"), 20))).all()


def sop_image(folder: Path, sample: str):
    from PIL import Image

    return Image.open(folder / sop.NAME / f"{sample}.JPG")


def test_split_1_takes_products_with_eight_images(prepared):
    task = checked(Task, group_coarse(prepared[1], {"grouping": "coarse", "split": SPLIT1}), "x")
    train, test = (task[task["part"] == part] for part in ("train", "test"))
    assert train["fine_name"].unique().tolist() == [f"bicycle/{p}" for p in (*IN_SPLIT2, "150000000000")]
    assert test["fine_name"].unique().tolist() == ["chair/160000000000", "lamp/200000000000"]
    assert task["fine"].unique().tolist() == list(range(5)), "numbered over the products that are left"
    assert set(train["label_name"]) == {"bicycle"} and set(test["label_name"]) == {"chair", "lamp"}
    seen = group_coarse(prepared[1], {"grouping": "fine", "split": SPLIT1})
    assert (seen["label"] == seen["fine"]).all()


def test_split_2_is_the_published_one_in_its_order(prepared):
    task = checked(Task, group_coarse(prepared[1], {"grouping": "coarse", "split": SPLIT2}), "x")
    train, test = (task[task["part"] == part]["sample"].tolist() for part in ("train", "test"))
    orders = [7, 10, 5, 2, 1, 3, 11, 6, 0, 4, 8, 9], [4, 9, 7, 10, 8, 11, 2, 6, 1, 5, 3, 0]
    first, second = ([f"bicycle_final/{p}_{i}" for i in order] for p, order in zip(IN_SPLIT2, orders, strict=True))
    assert train == first[:10] + second[:10]
    assert test == first[10:] + second[10:]
    assert task["fine"].unique().tolist() == [0, 1]


def test_an_order_by_no_column_is_one_line(prepared):
    split = {**SPLIT2, "order": "order3"}
    with pytest.raises(UserError, match="split: order: the data set has no column 'order3'"):
        group_coarse(prepared[1], {"grouping": "coarse", "split": split})


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda f: (f / "Ebay_test.txt").unlink(), r"Ebay_test\.txt: no such file; get Stanford_Online_Products\.zip"),
        (lambda f: (f / LAMP).unlink(), r"lamp_final/300000000000_1\.JPG missing; get .*zip"),
        (lambda f: (f / LAMP).write_bytes(b"x"), r"300000000000_1\.JPG: not a readable photo"),
        (lambda f: (f / "Ebay_test.txt").write_text("a b\n"), r"Ebay_test\.txt: line 1 must be 'image_id class_id"),
        (lambda f: add(f, "1 2 3"), r"Ebay_test\.txt: line 33 is not three numbers"),
        (lambda f: add(f, "1 2 3 ../../secret.JPG"), r"Ebay_test\.txt: line 33 is not three numbers"),
        (lambda f: add(f, "1 2 3 lamp_final/300000000000_0.JPG"), "product 300000000000 stands in Ebay_train"),
    ],
)
def test_a_harmed_folder_is_one_line(tmp_path, harm, reason):
    harm(small(tmp_path) / sop.NAME)
    with pytest.raises(UserError, match=reason) as error:
        prepare({"source": "sop", "path": str(tmp_path)}, tmp_path / "out" / "images.npy")
    assert "\n" not in str(error.value) and not list((tmp_path / "out").glob("*"))


def add(folder: Path, line: str) -> None:
    path = folder / "Ebay_test.txt"
    path.write_text(path.read_text() + line + "\n")
